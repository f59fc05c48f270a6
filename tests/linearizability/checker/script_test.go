package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// script writes a history as a table: "client begins ends call answer", "?" for an unknown end. Holds are named by their
// key, and an order has its key's name in capitals.
func script(t *testing.T, table string) []Call {
	t.Helper()
	var calls []Call
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		calls = append(calls, scripted(t, fields))
	}
	return calls
}

func scripted(t *testing.T, fields []string) Call {
	t.Helper()
	call := Call{Client: fields[0], Op: fields[3], Args: Args{Event: "concert"}}
	if _, err := fmt.Sscan(fields[1], &call.CallNs); err != nil {
		t.Fatal(err)
	}
	about, answer := fields[4], fields[5:]
	if fields[2] != "?" {
		var ends int64
		if _, err := fmt.Sscan(fields[2], &ends); err != nil {
			t.Fatal(err)
		}
		call.ReturnNs, call.Result = &ends, &Result{}
	}
	switch call.Op {
	case "hold":
		named := strings.SplitN(about, ":", 2)
		call.Args.Key, call.Args.Seats = named[0], strings.Split(named[1], ",")
		about = named[0]
	case "lapse", "lapse_payment":
		call.Args.Key = about
	case "read":
		states := map[string]string{}
		for _, seat := range strings.Split(about, ",") {
			states[seat[:len(seat)-1]] = seat[len(seat)-1:]
		}
		call.Result.States = states
		call.Result.Outcome = "ok"
		return call
	default:
		call.Args.Order = strings.ToUpper(about)
	}
	if call.Result == nil {
		return call
	}
	call.Result.Outcome = answer[0]
	switch {
	case call.Result.Outcome == "seat_taken":
		call.Result.Seats = strings.Split(answer[1], ",")
	case len(answer) > 1:
		call.Result.Status = answer[1]
	}
	if call.Result.Outcome == "ok" {
		call.Result.Order = strings.ToUpper(about)
		if len(answer) > 2 {
			call.Result.Order = answer[2]
		}
	}
	return call
}

func verdict(t *testing.T, calls []Call, by By) *Report {
	t.Helper()
	report, err := Judge(calls, by, 20*time.Second, "")
	if err != nil {
		t.Fatal(err)
	}
	return report
}
