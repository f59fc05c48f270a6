package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestGoodHistories(t *testing.T) {
	for name, table := range map[string]string{
		"one purchase": `
			anna 1 2 hold a:1,2 ok held
			anna 3 4 read 1h,2h,3.
			anna 5 6 start_payment a ok paying
			anna 7 8 read_order a ok paying
			anna 9 10 pay a ok confirmed
			boris 11 12 read 1s,2s
			boris 13 14 release a not_releasable`,
		"who comes second is told which seats are not free": `
			anna 1 2 hold a:1,2 ok held
			boris 3 4 hold b:2,3 seat_taken 2
			boris 5 6 hold c:3 ok held
			dora 7 8 hold d:1,2,3,4 seat_taken 1,2,3`,
		"of two at the same time either may win": `
			anna 1 5 hold a:1 seat_taken 1
			boris 2 4 hold b:1 ok held`,
		"a released seat is free again": `
			anna 1 2 hold a:1 ok held
			anna 3 4 release a ok
			boris 5 6 read 1.
			boris 7 8 hold b:1 ok held
			anna 9 10 release a ok`,
		"a declined payment frees the seats": `
			anna 1 2 hold a:1 ok held
			anna 3 4 start_payment a ok paying
			anna 5 6 decline a ok declined
			boris 7 8 hold b:1 ok held
			anna 9 10 start_payment a not_payable declined`,
		"a repeat gives the same order, whatever became of it": `
			anna 1 2 hold a:1 ok held
			anna 3 4 hold a:1 ok held
			anna 5 6 release a ok
			anna 7 8 hold a:1 ok released`,
		"an unknown hold may have happened": `
			anna 1 ? hold a:1
			boris 3 4 read 1h
			boris 5 6 hold b:1 seat_taken 1
			anna 7 8 hold a:1 ok held`,
		"an unknown hold may not have happened": `
			anna 1 ? hold a:1
			boris 3 4 hold b:1 ok held
			anna 5 6 hold a:1 seat_taken 1`,
		"an unknown hold may happen late": `
			anna 1 ? hold a:1
			boris 3 4 read 1.
			boris 5 6 read 1h`,
		"an unknown payment may have happened": `
			anna 1 2 hold a:1 ok held
			anna 3 ? start_payment a
			anna 5 6 read_order a ok held
			anna 7 8 start_payment a ok paying
			anna 9 ? pay a
			anna 11 12 read_order a ok paying
			anna 13 14 read_order a ok paid`,
		"a payment that a release has overtaken": `
			anna 1 2 hold a:1 ok held
			anna 3 4 start_payment a ok paying
			anna 5 9 pay a ended released
			anna 6 7 release a ok`,
		"an attempt to pay that comes to nothing leaves the order held": `
			anna 1 2 hold a:1 ok held
			anna 3 4 start_payment a ok paying
			provider 3 ? give_up a
			anna 5 6 read_order a ok held
			boris 7 8 read 1h
			anna 9 10 start_payment a ok paying`,
		"a hold lapses when its time is up": `
			anna 1 2 hold a:1 ok held
			clock 11 ? lapse a
			boris 12 13 read 1h
			boris 14 15 hold b:1 ok held
			anna 16 17 read_order a ok expired
			anna 18 19 start_payment a not_payable expired`,
		"late money buys the same seats": `
			anna 1 2 hold a:1 ok held
			clock 11 ? lapse a
			anna 12 13 start_payment a ok paying
			clock 23 ? lapse_payment a
			anna 24 25 read_order a ok expired
			anna 26 27 pay a ok confirmed`,
		"late money for seats that somebody else has goes back": `
			anna 1 2 hold a:1 ok held
			anna 3 4 start_payment a ok paying
			clock 13 ? lapse_payment a
			boris 14 15 hold b:1 ok held
			anna 16 17 pay a ended expired`,
		"what is refused for another reason changes nothing": `
			anna 1 2 hold a:1 refused
			boris 3 4 read 1.`,
	} {
		for _, by := range []By{BySeat, ByGroup, ByEvent, ""} {
			if report := verdict(t, script(t, table), by); report.Verdict != "ok" {
				t.Errorf("%s, by %q: %s, %+v", name, by, report.Verdict, report.Broken)
			}
		}
	}
}

func TestBrokenHistories(t *testing.T) {
	for name, table := range map[string]string{
		"a seat sold twice": `
			anna 1 2 hold a:1,2 ok held
			boris 3 4 hold b:2,3 ok held`,
		"a seat sold twice to two at the same time": `
			anna 1 5 hold a:1 ok held
			boris 2 6 hold b:1 ok held`,
		"an acknowledged hold was forgotten": `
			anna 1 2 hold a:1 ok held
			boris 3 4 read 1.`,
		"an order was forgotten": `
			anna 1 2 hold a:1 ok held
			anna 3 4 read_order a not_found`,
		"a stale read": `
			anna 1 2 hold a:1 ok held
			anna 3 4 release a ok
			boris 5 6 read 1h`,
		"time goes backwards for a reader": `
			anna 1 20 hold a:1 ok held
			boris 3 4 read 1h
			boris 5 6 read 1.`,
		"a repeat gave another order": `
			anna 1 2 hold a:1 ok held
			anna 3 4 hold a:1 ok held OTHER`,
		"two keys were given one order": `
			anna 1 2 hold a:1 ok held
			boris 3 4 hold b:2 ok held A`,
		"a repeat held again what was released": `
			anna 1 2 hold a:1 ok held
			anna 3 4 release a ok
			anna 5 6 hold a:1 ok held`,
		"refused though free": `
			anna 1 2 hold a:1 seat_taken 1`,
		"refused, naming a free seat too": `
			anna 1 2 hold a:1 ok held
			boris 3 4 hold b:1,2 seat_taken 1,2`,
		"refused, but held in part": `
			anna 1 2 hold a:1 ok held
			boris 3 4 hold b:1,2 seat_taken 1
			dora 5 6 read 2h`,
		"a paid order was released": `
			anna 1 2 hold a:1 ok held
			anna 3 4 start_payment a ok paying
			anna 5 6 pay a ok confirmed
			anna 7 8 release a ok`,
		"a released order was sold": `
			anna 1 2 hold a:1 ok held
			anna 3 4 release a ok
			anna 5 6 pay a ok confirmed`,
		"a seat is not free that nobody asked for": `
			anna 1 2 hold a:1 ok held
			anna 3 4 read 1h,9s`,
		"an unknown hold happened and then not": `
			anna 1 ? hold a:1
			boris 3 4 read 1h
			boris 5 6 hold b:1 ok held`,
		"an attempt to pay that comes to nothing does not free the seats": `
			anna 1 2 hold a:1 ok held
			anna 3 4 start_payment a ok paying
			provider 3 ? give_up a
			boris 5 6 read 1.`,
		"a paid order is held again": `
			anna 1 2 hold a:1 ok held
			anna 3 4 start_payment a ok paying
			provider 3 ? give_up a
			anna 5 6 pay a ok confirmed
			anna 7 8 read_order a ok held`,
		"a hold lapsed before its time": `
			anna 1 2 hold a:1 ok held
			clock 11 ? lapse a
			boris 5 6 read 1.`,
		"a payment lapsed with the hold": `
			anna 1 2 hold a:1 ok held
			clock 11 ? lapse a
			anna 3 4 start_payment a ok paying
			clock 20 ? lapse_payment a
			boris 15 16 read 1.`,
		"late money for seats that somebody else has": `
			anna 1 2 hold a:1 ok held
			clock 11 ? lapse a
			boris 14 15 hold b:1 ok held
			anna 16 17 pay a ok confirmed`,
		"an unknown release cannot have been before it began": `
			anna 1 2 hold a:1 ok held
			boris 3 4 hold b:1 ok held
			anna 5 ? release a`,
	} {
		for _, by := range []By{BySeat, ByGroup, ByEvent, ""} {
			if report := verdict(t, script(t, table), by); report.Verdict != "illegal" {
				t.Errorf("%s, by %q: %s", name, by, report.Verdict)
			}
		}
	}
}

func TestAReadOfSeatsAtDifferentMomentsIsSeenInAWholeEventOnly(t *testing.T) {
	calls := script(t, `
		anna 1 2 hold a:1 ok held
		boris 3 4 hold b:2 ok held
		dora 1 5 read 1.,2h`)
	if report := verdict(t, calls, ByGroup); report.Verdict != "ok" {
		t.Errorf("by group: %s", report.Verdict)
	}
	if report := verdict(t, calls, ""); report.Verdict != "illegal" {
		t.Errorf("whole: %s", report.Verdict)
	}
}

func TestAnOrderWithSeatsOfDifferentMomentsIsSeenInAGroupOnly(t *testing.T) {
	calls := script(t, `
		anna 1 2 hold a:1 ok held
		boris 1 10 hold b:1,2 ok held
		anna 5 6 release a ok
		dora 3 4 read 2h`)
	if report := verdict(t, calls, BySeat); report.Verdict != "ok" {
		t.Errorf("by seat: %s", report.Verdict)
	}
	if report := verdict(t, calls, ""); report.Verdict != "illegal" {
		t.Errorf("by group: %s", report.Verdict)
	}
}

func TestTheBrokenPartitionIsShort(t *testing.T) {
	table := ""
	for number := 0; number < 200; number++ {
		at := 10 * number
		table += fmt.Sprintf("anna %d %d hold k%d:%d ok held\n", at, at+1, number, number)
		table += fmt.Sprintf("boris %d %d read 0h,%dh\n", at+2, at+3, number)
		table += fmt.Sprintf("dora %d %d read_order k0 ok held\n", at+4, at+5)
	}
	table += "boris 5000 5001 hold twice:7,8 ok held\n"
	table += "boris 5002 5003 read 7h\n"
	report := verdict(t, script(t, table), "")
	if report.Verdict != "illegal" || len(report.Broken.Calls) > 3 {
		t.Fatalf("%s: %d calls", report.Verdict, len(report.Broken.Calls))
	}
	if !strings.Contains(report.Broken.Reason, "hold(twice: 8) → ok held, told to boris") {
		t.Errorf("%s", report.Broken.Reason)
	}
}

func TestABrokenPartitionIsDrawn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "broken.html")
	calls := script(t, `
		anna 1 2 hold a:1 ok held
		boris 3 4 hold b:1 ok held`)
	report, err := Judge(calls, "", time.Second, path)
	if err != nil {
		t.Fatal(err)
	}
	drawing, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(drawing), "hold(b: 1)") {
		t.Errorf("%v, %d bytes", err, len(drawing))
	}
	if report.Broken.Drawn != path {
		t.Errorf("drawn %q", report.Broken.Drawn)
	}
}
