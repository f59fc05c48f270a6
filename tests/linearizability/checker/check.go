package main

import (
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// Report is what the checker found.
type Report struct {
	Verdict   string     `json:"verdict"` // ok, illegal, or unknown when the time did not suffice
	Calls     int        `json:"calls"`
	Unknown   int        `json:"unknown"`   // calls without an answer
	Decided   map[By]int `json:"decided"`   // partitions, by each way to cut that was tried
	Undecided map[By]int `json:"undecided"` // partitions that the time did not suffice for
	Broken    *Broken    `json:"broken"`
}

// Broken is the shortest broken partition: its beginning up to the first answer that no order of the calls explains,
// without the calls that the contradiction does not need.
type Broken struct {
	Event  string   `json:"event"`
	Seats  []string `json:"seats"`
	Calls  []Call   `json:"calls"`
	Drawn  string   `json:"drawn,omitempty"` // path of the HTML drawing
	Reason string   `json:"reason"`
}

// workers bounds the partitions that are decided at once.
const workers = 2

// wholeEventOperations is the size up to which an event is also tried whole: beyond it the search may not end.
const wholeEventOperations = 2000

// Judge decides a history, from the smallest parts to whole events (those that are small enough); or in one given way
// only. Each way has the whole limit, and so has the shortening of a broken partition. A whole event that is not decided
// in time leaves the verdict of its parts.
func Judge(calls []Call, only By, limit time.Duration, drawing string) (*Report, error) {
	calls = withinReach(calls)
	report := &Report{Verdict: "ok", Decided: map[By]int{}, Undecided: map[By]int{}}
	for _, call := range calls {
		if !call.Lapse() {
			report.Calls++
			if !call.Known() {
				report.Unknown++
			}
		}
	}
	ways := []By{BySeat, ByGroup, ByEvent}
	if only != "" {
		ways = []By{only}
	}
	for _, by := range ways {
		partitions, err := Partitions(calls, by)
		if err != nil {
			return nil, err
		}
		if by == ByEvent && only == "" {
			partitions = small(partitions)
		}
		broken, undecided := decide(partitions, time.Now().Add(limit))
		report.Decided[by], report.Undecided[by] = len(partitions)-undecided, undecided
		if broken != nil {
			report.Verdict = "illegal"
			report.Broken, err = explain(broken, time.Now().Add(limit), drawing)
			return report, err
		}
		if undecided > 0 && (by != ByEvent || only != "") {
			report.Verdict = "unknown"
		}
	}
	return report, nil
}

// withinReach leaves out what may have happened after the last answer only: nobody can have seen it.
func withinReach(calls []Call) []Call {
	last := int64(0)
	for _, call := range calls {
		if call.Known() && *call.ReturnNs > last {
			last = *call.ReturnNs
		}
	}
	var kept []Call
	for _, call := range calls {
		if call.Known() || call.CallNs <= last {
			kept = append(kept, call)
		}
	}
	return kept
}

func small(partitions []*Partition) []*Partition {
	var kept []*Partition
	for _, partition := range partitions {
		if len(partition.operations) <= wholeEventOperations {
			kept = append(kept, partition)
		}
	}
	return kept
}

// decide gives the broken partition with the fewest operations, if any, and how many were not decided in time.
func decide(partitions []*Partition, until time.Time) (broken *Partition, undecided int) {
	results := make([]porcupine.CheckResult, len(partitions))
	next := make(chan int, len(partitions))
	for index := range partitions {
		next <- index
	}
	close(next)
	var group sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for index := range next {
				results[index] = partitions[index].check(until)
			}
		}()
	}
	group.Wait()
	for index, partition := range partitions {
		switch results[index] {
		case porcupine.Illegal:
			if broken == nil || len(partition.operations) < len(broken.operations) {
				broken = partition
			}
		case porcupine.Unknown:
			undecided++
		}
	}
	return broken, undecided
}

func (p *Partition) check(until time.Time) porcupine.CheckResult {
	left := time.Until(until)
	if left <= 0 {
		return porcupine.Unknown
	}
	return porcupine.CheckOperationsTimeout(p.shop.porcupineModel(), p.operations, left)
}

// explain shortens a broken partition and draws it.
func explain(broken *Partition, until time.Time, drawing string) (*Broken, error) {
	shortest := broken.shortestBeginning(until).withoutIdle(until)
	told := &Broken{Event: shortest.Event, Seats: shortest.Seats, Calls: shortest.calls, Reason: shortest.reason()}
	if drawing != "" {
		model := shortest.shop.porcupineModel()
		_, info := porcupine.CheckOperationsVerbose(model, shortest.operations, time.Until(until)+time.Second)
		if err := porcupine.VisualizePath(model, info, drawing); err != nil {
			return nil, fmt.Errorf("no drawing: %w", err)
		}
		told.Drawn = drawing
	}
	return told, nil
}

// shortestBeginning cuts the history after the first answer that cannot be explained: every beginning of a linearizable
// history is one, with the calls under way at the cut unknown.
func (p *Partition) shortestBeginning(until time.Time) *Partition {
	var ends []int64
	for _, call := range p.calls {
		if call.Known() {
			ends = append(ends, *call.ReturnNs)
		}
	}
	sort.Slice(ends, func(a, b int) bool { return ends[a] < ends[b] })
	first := sort.Search(len(ends), func(index int) bool {
		return p.until(ends[index]).check(until) == porcupine.Illegal
	})
	if first == len(ends) {
		return p // the time was over
	}
	return p.until(ends[first])
}

func (p *Partition) until(moment int64) *Partition {
	cut := &Partition{Event: p.Event, Seats: p.Seats, shop: p.shop}
	for index, operation := range p.operations {
		call := p.calls[index]
		if operation.Call > moment {
			continue
		}
		if !call.Known() || *call.ReturnNs > moment {
			if idle(operation) {
				continue
			}
			operation.Output = (*output)(nil)
			call.ReturnNs, call.Result = nil, nil
		}
		cut.operations = append(cut.operations, operation)
		cut.calls = append(cut.calls, call)
	}
	cut.settle()
	return cut
}

// withoutIdle leaves out calls that change nothing, as long as the rest cannot be explained without them.
func (p *Partition) withoutIdle(until time.Time) *Partition {
	shortest := p
	for index := len(p.operations) - 1; index >= 0; index-- {
		if !idle(shortest.operations[index]) {
			continue
		}
		shorter := shortest.without(index)
		if shorter.check(until) == porcupine.Illegal {
			shortest = shorter
		}
	}
	return shortest
}

func (p *Partition) without(index int) *Partition {
	rest := &Partition{Event: p.Event, Seats: p.Seats, shop: p.shop}
	rest.operations = append(append(rest.operations, p.operations[:index]...), p.operations[index+1:]...)
	rest.calls = append(append(rest.calls, p.calls[:index]...), p.calls[index+1:]...)
	rest.settle()
	return rest
}

func idle(operation porcupine.Operation) bool {
	told := operation.Output.(*output)
	name := operation.Input.(*input).op
	return name == "read" || name == "read_order" || told != nil && told.outcome != "ok"
}

// reason names the last answer: the one that the calls before it do not allow.
func (p *Partition) reason() string {
	last := -1
	for index, call := range p.calls {
		if call.Known() && (last < 0 || *call.ReturnNs > *p.calls[last].ReturnNs) {
			last = index
		}
	}
	if last < 0 {
		return "no answer"
	}
	operation := p.operations[last]
	description := p.shop.describe(operation.Input.(*input), operation.Output.(*output))
	return fmt.Sprintf("no order of the calls explains %s, told to %s", description, p.calls[last].Client)
}
