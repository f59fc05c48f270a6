package main

import (
	"fmt"
	"sort"

	"github.com/anishathalye/porcupine"
)

// Partition is a part of a history that can be decided by itself: an event, or seats of it that no order joins to others.
type Partition struct {
	Event      string
	Seats      []string
	operations []porcupine.Operation
	calls      []Call // beside operations
	shop       *shop
}

// By says how a history is cut. What is wrong in a part is wrong in the whole; the smaller the parts, the more can be
// right in each of them and still wrong together, and the quicker each is decided.
type By string

const (
	// BySeat looks at every seat by itself: the time grows with the history and not beyond it, however many seats.
	BySeat By = "seat"
	// ByGroup joins seats that were asked for together: an order has all its seats at one moment.
	ByGroup By = "group"
	// ByEvent keeps an event whole: a read shows all its seats at one moment.
	ByEvent By = "event"
)

// Partitions cuts a history and turns every part into operations of the shop. An error says why it is no history of it.
func Partitions(calls []Call, by By) ([]*Partition, error) {
	events := map[string][]Call{}
	var names []string
	for _, call := range calls {
		if _, known := events[call.Args.Event]; !known {
			names = append(names, call.Args.Event)
		}
		events[call.Args.Event] = append(events[call.Args.Event], call)
	}
	var partitions []*Partition
	for _, name := range names {
		found, err := partitionsOfEvent(name, events[name], by)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", name, err)
		}
		partitions = append(partitions, found...)
	}
	return partitions, nil
}

// eventIndex is what an event's calls say about keys, orders and seats.
type eventIndex struct {
	seatsOfKey map[string][]string
	orderOfKey map[string]string
	keyOfOrder map[string]string
	murky      map[string]bool // by key
	group      map[string]string
}

func partitionsOfEvent(event string, calls []Call, by By) ([]*Partition, error) {
	index, err := indexOf(calls)
	if err != nil {
		return nil, err
	}
	cut := &cutting{event: event, by: by, index: index, parts: map[string]*builder{}}
	// Every claim is known to its parts before the first call is.
	for _, call := range calls {
		if call.Op == "hold" {
			for _, part := range cut.of(call.Args.Seats) {
				part.claim(call.Args.Key)
			}
		}
	}
	for _, call := range calls {
		if err := cut.distribute(call); err != nil {
			return nil, err
		}
	}
	partitions := make([]*Partition, len(cut.order))
	for number, name := range cut.order {
		partitions[number] = cut.parts[name].done()
	}
	return partitions, nil
}

// cutting is an event while it is being cut.
type cutting struct {
	event string
	by    By
	index *eventIndex
	parts map[string]*builder
	order []string
}

// of gives the parts that some seats lie in, each once.
func (c *cutting) of(seats []string) []*builder {
	var found []*builder
	seen := map[string]bool{}
	for _, seat := range seats {
		name := c.part(seat)
		if seen[name] {
			continue
		}
		seen[name] = true
		if c.parts[name] == nil {
			c.parts[name] = newBuilder(c, name)
			c.order = append(c.order, name)
		}
		found = append(found, c.parts[name])
	}
	return found
}

func (c *cutting) part(seat string) string {
	switch c.by {
	case BySeat:
		return seat
	case ByGroup:
		return c.index.root(seat)
	}
	return ""
}

func (c *cutting) distribute(call Call) error {
	key := call.Args.Key
	switch call.Op {
	case "hold":
	case "lapse", "lapse_payment":
		if len(c.index.seatsOfKey[key]) == 0 {
			return fmt.Errorf("%s of key %q, which held nothing", call.Op, key)
		}
	case "release", "start_payment", "pay", "decline", "give_up", "read_order":
		known := false
		if key, known = c.index.keyOfOrder[call.Args.Order]; !known {
			return fmt.Errorf("%s of order %q, which no recorded hold gave", call.Op, call.Args.Order)
		}
	case "read":
		if call.Known() {
			c.distributeRead(call)
		}
		return nil
	default:
		return fmt.Errorf("no such call: %q", call.Op)
	}
	if call.Op == "read_order" && !call.Known() {
		return nil
	}
	for _, part := range c.of(c.index.seatsOfKey[key]) {
		if err := part.add(call, key); err != nil {
			return err
		}
	}
	return nil
}

// distributeRead gives every part the states of its seats. Seats that nobody asked for matter only when not free.
func (c *cutting) distributeRead(call Call) {
	states := map[*builder]map[string]string{}
	for _, seat := range sortedKeys(call.Result.States) {
		state := call.Result.States[seat]
		if c.index.group[seat] == "" && state == "." {
			continue
		}
		part := c.of([]string{seat})[0]
		if states[part] == nil {
			states[part] = map[string]string{}
		}
		states[part][seat] = state
	}
	for part, seats := range states {
		part.addRead(call, seats)
	}
}

func sortedKeys(states map[string]string) []string {
	keys := make([]string, 0, len(states))
	for key := range states {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func indexOf(calls []Call) (*eventIndex, error) {
	index := &eventIndex{map[string][]string{}, map[string]string{}, map[string]string{}, map[string]bool{}, map[string]string{}}
	for _, call := range calls {
		if call.Op != "hold" {
			continue
		}
		if err := index.hold(call); err != nil {
			return nil, err
		}
	}
	for _, call := range calls {
		if call.Op == "start_payment" && !call.Known() {
			index.murky[index.keyOfOrder[call.Args.Order]] = true
		}
	}
	return index, nil
}

func (e *eventIndex) hold(call Call) error {
	key, seats := call.Args.Key, call.Args.Seats
	if key == "" || len(seats) == 0 {
		return fmt.Errorf("a hold without key or seats")
	}
	if before, known := e.seatsOfKey[key]; known && fmt.Sprint(before) != fmt.Sprint(seats) {
		return fmt.Errorf("key %q was used for %v and for %v", key, before, seats)
	}
	e.seatsOfKey[key] = seats
	for _, seat := range seats {
		e.join(seats[0], seat)
	}
	if call.Known() && call.Result.Outcome == "ok" {
		if _, known := e.orderOfKey[key]; !known {
			e.orderOfKey[key] = call.Result.Order
		}
		if _, known := e.keyOfOrder[call.Result.Order]; !known {
			e.keyOfOrder[call.Result.Order] = key
		}
	}
	return nil
}

func (e *eventIndex) root(seat string) string {
	parent := e.group[seat]
	if parent == "" || parent == seat {
		return seat
	}
	root := e.root(parent)
	e.group[seat] = root
	return root
}

func (e *eventIndex) join(one, other string) {
	for _, seat := range []string{one, other} {
		if e.group[seat] == "" {
			e.group[seat] = seat
		}
	}
	e.group[e.root(other)] = e.root(one)
}
