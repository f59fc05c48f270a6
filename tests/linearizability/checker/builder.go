package main

import (
	"fmt"
	"sort"

	"github.com/anishathalye/porcupine"
)

// builder makes one partition.
type builder struct {
	cut         *cutting
	name        string
	partition   *Partition
	seatNumber  map[string]int
	claimNumber map[string]int
}

func newBuilder(cut *cutting, name string) *builder {
	return &builder{cut, name, &Partition{Event: cut.event, shop: &shop{}}, map[string]int{}, map[string]int{}}
}

func (b *builder) seat(name string) int {
	number, known := b.seatNumber[name]
	if !known {
		number = len(b.partition.shop.seats)
		b.seatNumber[name] = number
		b.partition.shop.seats = append(b.partition.shop.seats, name)
	}
	return number
}

func (b *builder) claim(key string) int {
	number, known := b.claimNumber[key]
	if !known {
		made := claim{key: key, murky: b.cut.index.murky[key]}
		for _, seat := range b.cut.index.seatsOfKey[key] {
			if b.cut.part(seat) == b.name {
				made.seats = append(made.seats, b.seat(seat))
			}
		}
		number = len(b.partition.shop.claims)
		b.claimNumber[key] = number
		b.partition.shop.claims = append(b.partition.shop.claims, made)
	}
	return number
}

var outcomesOf = map[string]map[string]bool{
	"hold":          {"ok": true, "seat_taken": true, "refused": true},
	"release":       {"ok": true, "not_releasable": true, "not_found": true, "refused": true},
	"start_payment": {"ok": true, "not_payable": true, "not_found": true, "refused": true},
	"pay":           {"ok": true, "ended": true, "refused": true},
	"decline":       {"ok": true, "ended": true, "refused": true},
	"read_order":    {"ok": true, "not_found": true},
}

func (b *builder) add(call Call, key string) error {
	in := &input{op: call.Op, claim: b.claim(key)}
	var out *output
	if call.Known() {
		answer, err := b.answer(call, key)
		if err != nil {
			return err
		}
		out = answer
	}
	b.append(call, in, out)
	return nil
}

func (b *builder) answer(call Call, key string) (*output, error) {
	result := call.Result
	if !outcomesOf[call.Op][result.Outcome] {
		return nil, fmt.Errorf("%s cannot be answered %q", call.Op, result.Outcome)
	}
	told := absent
	if result.Status != "" {
		known := false
		if told, known = statuses[result.Status]; !known {
			return nil, fmt.Errorf("order %s is %q, which this model does not know", result.Order, result.Status)
		}
	}
	out := &output{outcome: result.Outcome, told: told}
	if result.Order != "" {
		out.wrong = b.cut.index.orderOfKey[key] != result.Order || b.cut.index.keyOfOrder[result.Order] != key
	}
	if result.Outcome == "seat_taken" {
		b.taken(out, result.Seats, b.cut.index.seatsOfKey[key])
	}
	return out, nil
}

// taken notes which of the seats of this part were said to be taken. None at all, or one that was not asked for, is wrong
// whatever the state.
func (b *builder) taken(out *output, told, asked []string) {
	out.wrong = len(told) == 0
	out.seats = map[int]bool{}
	for _, seat := range told {
		if !among(seat, asked) {
			out.wrong = true
		} else if b.cut.part(seat) == b.name {
			out.seats[b.seat(seat)] = true
		}
	}
}

func among(seat string, seats []string) bool {
	for _, other := range seats {
		if other == seat {
			return true
		}
	}
	return false
}

func (b *builder) addRead(call Call, states map[string]string) {
	in, out := &input{op: "read", claim: -1}, &output{outcome: "ok"}
	for _, name := range sortedKeys(states) {
		in.seats = append(in.seats, b.seat(name))
		out.states = append(out.states, (states[name] + "?")[0])
	}
	part := *call.Result
	part.States = states
	call.Result = &part
	b.append(call, in, out)
}

func (b *builder) append(call Call, in *input, out *output) {
	operation := porcupine.Operation{Input: in, Output: out, Call: call.CallNs, Metadata: call.Client}
	if call.Known() {
		operation.Return = *call.ReturnNs
	}
	b.partition.operations = append(b.partition.operations, operation)
	b.partition.calls = append(b.partition.calls, call)
}

func (b *builder) done() *Partition {
	b.partition.Seats = append([]string(nil), b.partition.shop.seats...)
	sort.Strings(b.partition.Seats)
	b.partition.settle()
	return b.partition
}

// settle lets unknown operations end after all others, and gives operations lanes in which none overlap, for the drawing.
func (p *Partition) settle() {
	last := int64(0)
	for _, operation := range p.operations {
		for _, moment := range []int64{operation.Call, operation.Return} {
			if moment > last {
				last = moment
			}
		}
	}
	order := make([]int, len(p.operations))
	for index := range p.operations {
		order[index] = index
		if p.operations[index].Output.(*output) == nil {
			p.operations[index].Return = last + 1
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return p.operations[order[a]].Call < p.operations[order[b]].Call })
	var ends []int64
	for _, index := range order {
		operation := &p.operations[index]
		lane := 0
		for lane < len(ends) && ends[lane] >= operation.Call {
			lane++
		}
		if lane == len(ends) {
			ends = append(ends, 0)
		}
		ends[lane] = operation.Return
		operation.ClientId = lane
	}
}
