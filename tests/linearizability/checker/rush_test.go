package main

import (
	"fmt"
	"math/rand"
	"sort"
	"testing"
	"time"
)

// rush is a shop in memory with many clients at once, from a seed: each call happens at one moment between its beginning
// and its end, some lose their answers, some of those never happen. With a bug named it misbehaves in that way.
type rush struct {
	random  *rand.Rand
	bug     string
	owner   map[string]string // seat → key
	status  map[string]string // key → status
	seats   map[string][]string
	before  map[string]string // the owners some moments ago
	toldAt  map[string]int64  // order → when its client knew it
	calls   []Call
	clients int
	steps   int
	perHold int
}

const rushSeats = 12

type pending struct {
	client  string
	call    Call
	applies int64
	returns int64
	lost    bool
	never   bool
}

func newRush(seed int64, bug string, clients, steps, perHold int) *rush {
	return &rush{
		random: rand.New(rand.NewSource(seed)), bug: bug, clients: clients, steps: steps, perHold: perHold,
		owner: map[string]string{}, status: map[string]string{}, seats: map[string][]string{}, before: map[string]string{}, toldAt: map[string]int64{},
	}
}

func (r *rush) history() []Call {
	var all []*pending
	keys := map[int][]string{}
	for client := 0; client < r.clients; client++ {
		at := int64(r.random.Intn(50))
		for step := 0; step < r.steps; step++ {
			one := r.plan(client, step, &keys)
			one.call.CallNs = at
			one.applies = at + int64(r.random.Intn(40))
			one.returns = one.applies + int64(r.random.Intn(40))
			at = one.returns + 1 + int64(r.random.Intn(20))
			all = append(all, one)
		}
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].applies < all[b].applies })
	for index, one := range all {
		if index%8 == 0 {
			r.before = map[string]string{}
			for seat, key := range r.owner {
				r.before[seat] = key
			}
		}
		r.happen(one)
	}
	return r.calls
}

func (r *rush) plan(client, step int, keys *map[int][]string) *pending {
	name := fmt.Sprintf("client %d", client)
	call := Call{Client: name, Args: Args{Event: "concert"}}
	mine := (*keys)[client]
	switch dice := r.random.Intn(10); {
	case dice < 4 || len(mine) == 0:
		key := fmt.Sprintf("%d.%d", client, step)
		first := r.random.Intn(rushSeats)
		for number := 0; number < r.perHold; number++ {
			r.seats[key] = append(r.seats[key], fmt.Sprint((first+number)%rushSeats))
		}
		(*keys)[client] = append(mine, key)
		call.Op, call.Args.Key, call.Args.Seats = "hold", key, r.seats[key]
	case dice < 5:
		key := mine[r.random.Intn(len(mine))]
		call.Op, call.Args.Key, call.Args.Seats = "hold", key, r.seats[key]
	case dice < 8:
		call.Op = []string{"release", "start_payment", "pay", "read_order"}[r.random.Intn(4)]
		call.Args.Order = "order " + mine[r.random.Intn(len(mine))]
	default:
		call.Op = "read"
	}
	lost := r.random.Intn(20) == 0
	return &pending{client: name, call: call, lost: lost, never: lost && r.random.Intn(2) == 0}
}

func (r *rush) happen(one *pending) {
	call := one.call
	if call.Args.Order != "" {
		if told, known := r.toldAt[call.Args.Order]; !known || told > call.CallNs {
			return // a client does not know an order before it is told of it
		}
	}
	if !one.never {
		result := r.answer(call)
		if !one.lost {
			call.ReturnNs, call.Result = &one.returns, result
			if told, known := r.toldAt[result.Order]; !known || one.returns < told {
				r.toldAt[result.Order] = one.returns
			}
		}
	}
	r.calls = append(r.calls, call)
}

func (r *rush) answer(call Call) *Result {
	switch call.Op {
	case "hold":
		return r.hold(call.Args.Key)
	case "read":
		return r.read()
	}
	key := call.Args.Order[len("order "):]
	was := r.status[key]
	live := was == "held" || was == "paying"
	told := func(outcome string) *Result {
		return &Result{Outcome: outcome, Order: call.Args.Order, Status: r.status[key]}
	}
	switch {
	case call.Op == "read_order":
		return told("ok")
	case call.Op == "release" && (live || r.bug == "releases what is sold" && was == "confirmed"):
		r.end(key)
		return told("ok")
	case call.Op == "release" && was == "confirmed":
		return told("not_releasable")
	case call.Op == "release":
		return told("ok")
	case call.Op == "start_payment" && live:
		r.status[key] = "paying"
		return told("ok")
	case call.Op == "start_payment":
		return told("not_payable")
	case live:
		r.status[key] = "confirmed"
		return told("ok")
	case was == "confirmed":
		return told("ok")
	}
	return told("ended")
}

func (r *rush) hold(key string) *Result {
	if was := r.status[key]; was != "" && !(r.bug == "holds again" && was == "released") {
		return &Result{Outcome: "ok", Order: "order " + key, Status: was}
	}
	owners := r.owner
	if r.bug == "decides by what was" {
		owners = r.before
	}
	var taken []string
	for _, seat := range r.seats[key] {
		if owners[seat] != "" {
			taken = append(taken, seat)
		} else if r.bug == "holds in part" {
			r.owner[seat] = key
		}
	}
	if len(taken) > 0 {
		return &Result{Outcome: "seat_taken", Seats: taken}
	}
	for _, seat := range r.seats[key] {
		r.owner[seat] = key
	}
	if r.bug == "forgets" && r.random.Intn(3) == 0 {
		r.end(key)
	}
	r.status[key] = "held"
	return &Result{Outcome: "ok", Order: "order " + key, Status: "held"}
}

func (r *rush) end(key string) {
	r.status[key] = "released"
	for _, seat := range r.seats[key] {
		if r.owner[seat] == key {
			delete(r.owner, seat)
		}
	}
}

func (r *rush) read() *Result {
	owners := r.owner
	if r.bug == "shows what was" {
		owners = r.before
	}
	states := map[string]string{}
	for number := 0; number < rushSeats; number++ {
		seat := fmt.Sprint(number)
		switch key := owners[seat]; {
		case key == "":
			states[seat] = "."
		case r.status[key] == "confirmed":
			states[seat] = "s"
		default:
			states[seat] = "h"
		}
	}
	return &Result{Outcome: "ok", States: states}
}

func TestARightShopIsNeverBlamed(t *testing.T) {
	for seed := int64(0); seed < 60; seed++ {
		perHold := 1 + int(seed%3)
		calls := newRush(seed, "", 6, 80, perHold).history()
		report, err := Judge(calls, "", 30*time.Second, "")
		if err != nil || report.Verdict != "ok" {
			t.Errorf("seed %d: %v %+v", seed, err, report)
		}
	}
}

func TestEverySeededBugIsCaught(t *testing.T) {
	for _, bug := range []string{
		"decides by what was", "shows what was", "holds in part", "holds again", "forgets", "releases what is sold",
	} {
		caught := 0
		const seeds = 20
		for seed := int64(0); seed < seeds; seed++ {
			report, err := Judge(newRush(seed, bug, 6, 80, 2).history(), "", 30*time.Second, "")
			if err != nil {
				t.Fatal(err)
			}
			if report.Verdict == "illegal" {
				caught++
			}
		}
		t.Logf("%s: caught in %d of %d runs", bug, caught, seeds)
		if caught < seeds/4 {
			t.Errorf("%s: caught in only %d of %d runs", bug, caught, seeds)
		}
	}
}

func TestALongHistoryOfSingleSeatsIsQuick(t *testing.T) {
	started := time.Now()
	calls := newRush(1, "", 16, 1000, 1).history()
	report, err := Judge(calls, BySeat, time.Minute, "")
	if err != nil || report.Verdict != "ok" {
		t.Fatalf("%v %+v", err, report)
	}
	t.Logf("%d calls, %d unknown, in %v", report.Calls, report.Unknown, time.Since(started))
}
