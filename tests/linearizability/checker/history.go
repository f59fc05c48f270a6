// Command checker tells whether a history of calls to the shop is linearizable: whether there is one order of all calls,
// each at some moment between its beginning and its end, in which every answer is right.
//
// It reads a history from standard input (see Call) and prints a Report. Exit codes: 0 linearizable, 1 not, 2 no such
// history, 3 not decided in time.
package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// Call is one call of one client. ReturnNs is null when nobody knows what became of it (a time-out, a 5xx, a lost
// connection): it may have happened at any moment after its beginning, or never.
type Call struct {
	Client   string  `json:"client"`
	CallNs   int64   `json:"call_ns"`
	ReturnNs *int64  `json:"return_ns"`
	Op       string  `json:"op"`
	Args     Args    `json:"args"`
	Result   *Result `json:"result"`
}

// Args say what was asked for: hold has key (unique for account and idempotency key) and seats; release, start_payment,
// pay, decline and read_order have order; read has neither. A lapse is nobody's call: from its beginning on, the order of
// its key may expire (lapse: while it is held; lapse_payment: while it is being paid, too). Nor is a give_up: from its
// beginning on, the attempt to pay may come to nothing, and its order is held as before.
type Args struct {
	Event string   `json:"event"`
	Key   string   `json:"key,omitempty"`
	Order string   `json:"order,omitempty"`
	Seats []string `json:"seats,omitempty"`
}

// Result says what was answered: "ok", or a refusal. Status is the order's where the answer shows it; Seats are those of
// seat_taken; States are a read's, one of ". h s" by seat.
type Result struct {
	Outcome string            `json:"outcome"`
	Order   string            `json:"order,omitempty"`
	Status  string            `json:"status,omitempty"`
	Seats   []string          `json:"seats,omitempty"`
	States  map[string]string `json:"states,omitempty"`
}

// Lapse says whether it is the clock's doing.
func (c Call) Lapse() bool {
	return c.Op == "lapse" || c.Op == "lapse_payment"
}

// Known says whether the client got an answer.
func (c Call) Known() bool {
	return c.ReturnNs != nil && c.Result != nil
}

// ReadHistory reads a JSON list of calls.
func ReadHistory(from io.Reader) ([]Call, error) {
	var calls []Call
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&calls); err != nil {
		return nil, fmt.Errorf("no history: %w", err)
	}
	for index, call := range calls {
		if call.Args.Event == "" {
			return nil, fmt.Errorf("call %d (%s) names no event", index, call.Op)
		}
		if call.ReturnNs != nil && *call.ReturnNs < call.CallNs {
			return nil, fmt.Errorf("call %d (%s) ends before it begins", index, call.Op)
		}
	}
	return calls, nil
}
