package main

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/anishathalye/porcupine"
)

// The sequential shop: what one event's seats and orders do when calls come one after the other. Limits, best-available
// and areas are not in it.

type status byte

const (
	absent status = iota // nothing was held under this key yet
	held
	paying
	sold
	released
	declined
	expired
)

// The statuses of the API; paid and confirmed differ by durability only.
var statuses = map[string]status{
	"held": held, "paying": paying, "paid": sold, "confirmed": sold, "released": released, "declined": declined,
	"expired": expired,
}

var statusNames = []string{"-", "held", "paying", "sold", "released", "declined", "expired"}

func (s status) live() bool  { return s == held || s == paying }
func (s status) ended() bool { return s == released || s == declined || s == expired }

func (s status) seat() byte {
	switch {
	case s.live():
		return 'h'
	case s == sold:
		return 's'
	}
	return '.'
}

// claim is what one key asks for: one order at most, ever.
type claim struct {
	key   string
	seats []int
	murky bool // nobody knows whether a payment of it was started: held and paying cannot be told apart
}

// shop is what a partition's calls are about. A state of it is a string, so that states compare and hash as they are:
// a status byte per claim, then two bytes per seat with the number of the claim that has it, from 1.
type shop struct {
	claims []claim
	seats  []string
}

const ownerBytes = 2

func (s *shop) init() string {
	return strings.Repeat("\x00", len(s.claims)+ownerBytes*len(s.seats))
}

func (s *shop) owner(state string, seat int) int {
	at := len(s.claims) + ownerBytes*seat
	return int(state[at])<<8 | int(state[at+1])
}

func (s *shop) seatState(state string, seat int) byte {
	owner := s.owner(state, seat)
	if owner == 0 {
		return '.'
	}
	return status(state[owner-1]).seat()
}

// with gives the state after a claim's status has changed; its seats follow it.
func (s *shop) with(state string, number int, now status) string {
	next := []byte(state)
	next[number] = byte(now)
	owner := 0
	if now.live() || now == sold {
		owner = number + 1
	}
	for _, seat := range s.claims[number].seats {
		at := len(s.claims) + ownerBytes*seat
		next[at], next[at+1] = byte(owner>>8), byte(owner)
	}
	return string(next)
}

func (s *shop) taken(state string, number int) []int {
	var taken []int
	for _, seat := range s.claims[number].seats {
		if s.owner(state, seat) != 0 {
			taken = append(taken, seat)
		}
	}
	return taken
}

// input and output are a call as porcupine passes it around; a nil output is an unknown one.
type input struct {
	op    string
	claim int   // -1: about no claim
	seats []int // of a read
}

type output struct {
	outcome string
	told    status // of the order; absent: not told
	wrong   bool   // in any state: another order than this key's, taken seats that were not asked for
	seats   map[int]bool
	states  []byte // of a read, beside input.seats
}

func (s *shop) step(state string, in *input, out *output) (bool, string) {
	if in.op == "read" {
		return s.reads(state, in, out), state
	}
	now := status(state[in.claim])
	if out == nil {
		if next, possible := s.effect(state, in, now); possible {
			return true, next
		}
		return true, state
	}
	if out.wrong {
		return false, state
	}
	switch out.outcome {
	case "ok":
		return s.accepted(state, in, out, now)
	case "seat_taken":
		return now == absent && s.exactlyTaken(state, in, out), state
	case "not_payable", "not_releasable", "ended":
		return s.refusedFor(in, out, now), state
	case "not_found":
		return now == absent, state
	case "refused": // for a reason that is not in this model
		return true, state
	}
	panic("outcome " + out.outcome) // the compiler lets no other through
}

// effect is what a call does when it is done for the first time; false when there is nothing for it to do.
func (s *shop) effect(state string, in *input, now status) (string, bool) {
	switch {
	case in.op == "hold" && now == absent && len(s.taken(state, in.claim)) == 0:
		return s.with(state, in.claim, held), true
	case in.op == "release" && now.live():
		return s.with(state, in.claim, released), true
	case in.op == "start_payment" && now == held:
		return s.with(state, in.claim, paying), true
	case in.op == "pay" && (now.live() || now == expired && len(s.taken(state, in.claim)) == 0):
		return s.with(state, in.claim, sold), true // late money buys the same seats if they are still free
	case in.op == "lapse" && now == held, in.op == "lapse_payment" && now.live():
		return s.with(state, in.claim, expired), true
	case in.op == "decline" && now.live():
		return s.with(state, in.claim, declined), true
	case in.op == "give_up" && now == paying:
		return s.with(state, in.claim, held), true
	}
	return state, false
}

// accepted: the first time a call has its effect, a repeat changes nothing and tells what the first one led to.
func (s *shop) accepted(state string, in *input, out *output, now status) (bool, string) {
	if next, possible := s.effect(state, in, now); possible {
		return s.agrees(in, out, status(next[in.claim])), next
	}
	repeat := false
	switch in.op {
	case "hold", "read_order":
		repeat = now != absent
	case "release":
		repeat = now.ended()
	case "start_payment":
		repeat = now == paying
	case "pay":
		repeat = now == sold
	case "decline":
		repeat = now == declined
	}
	return repeat && s.agrees(in, out, now), state
}

func (s *shop) agrees(in *input, out *output, now status) bool {
	if out.told == absent || out.told == now {
		return true
	}
	return s.claims[in.claim].murky && out.told.live() && now.live()
}

func (s *shop) refusedFor(in *input, out *output, now status) bool {
	if out.told != absent && !s.agrees(in, out, now) {
		return false
	}
	if out.outcome == "not_releasable" {
		return now == sold
	}
	return now == sold || now.ended()
}

func (s *shop) exactlyTaken(state string, in *input, out *output) bool {
	taken := s.taken(state, in.claim)
	if len(taken) != len(out.seats) {
		return false
	}
	for _, seat := range taken {
		if !out.seats[seat] {
			return false
		}
	}
	return true
}

func (s *shop) reads(state string, in *input, out *output) bool {
	if out == nil {
		return true
	}
	for index, seat := range in.seats {
		if s.seatState(state, seat) != out.states[index] {
			return false
		}
	}
	return true
}

// porcupineModel is the shop as the library wants it.
func (s *shop) porcupineModel() porcupine.Model {
	return porcupine.Model{
		Init: func() interface{} { return s.init() },
		Step: func(state, in, out interface{}) (bool, interface{}) {
			return s.step(state.(string), in.(*input), out.(*output))
		},
		Hash: func(state interface{}) uint64 {
			hash := fnv.New64a()
			_, _ = hash.Write([]byte(state.(string)))
			return hash.Sum64()
		},
		DescribeOperation: func(in, out interface{}) string { return s.describe(in.(*input), out.(*output)) },
		DescribeState:     func(state interface{}) string { return s.describeState(state.(string)) },
	}
}

func (s *shop) names(seats []int) string {
	names := make([]string, len(seats))
	for index, seat := range seats {
		names[index] = s.seats[seat]
	}
	return strings.Join(names, " ")
}

func (s *shop) describe(in *input, out *output) string {
	if in.op == "read" {
		return fmt.Sprintf("read(%s) → %s", s.names(in.seats), out.states)
	}
	told := "?"
	if out != nil {
		told = out.outcome
		if out.told != absent {
			told += " " + statusNames[out.told]
		}
		var seats []int
		for seat := range out.seats {
			seats = append(seats, seat)
		}
		if len(seats) > 0 {
			told += " " + s.names(seats)
		}
		if out.wrong {
			told += " (never right)"
		}
	}
	asked := s.claims[in.claim]
	if in.op == "hold" {
		return fmt.Sprintf("hold(%s: %s) → %s", asked.key, s.names(asked.seats), told)
	}
	return fmt.Sprintf("%s(%s) → %s", in.op, asked.key, told)
}

func (s *shop) describeState(state string) string {
	var parts []string
	for seat, name := range s.seats {
		if owner := s.owner(state, seat); owner != 0 {
			parts = append(parts, fmt.Sprintf("%s: %s %s", name, statusNames[state[owner-1]], s.claims[owner-1].key))
		}
	}
	if len(parts) == 0 {
		return "all free"
	}
	return strings.Join(parts, ", ")
}
