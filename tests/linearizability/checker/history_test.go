package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestWhatIsNoHistoryOfThisModelIsSaid(t *testing.T) {
	for name, table := range map[string]string{
		"cancelled":      "anna 1 2 hold a:1 ok held\nanna 3 4 read_order a ok cancelled",
		"nothing lapsed": "clock 1 ? lapse a\nanna 2 3 hold b:1 ok held",
		"unknown order":  "anna 3 4 release a ok",
		"reused key":     "anna 1 2 hold a:1 ok held\nanna 3 4 hold a:2 ok held",
		"unknown call":   "anna 1 2 steal a ok",
		"unknown answer": "anna 1 2 hold a:1 perhaps",
	} {
		if _, err := Judge(script(t, table), "", time.Second, ""); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReadHistory(t *testing.T) {
	calls := script(t, "anna 1 2 hold a:1 ok held\nboris 3 ? hold b:1")
	text, err := json.Marshal(calls)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadHistory(strings.NewReader(string(text)))
	if err != nil || len(read) != 2 || read[1].Known() || !read[0].Known() {
		t.Errorf("%v, %v", read, err)
	}
	for _, broken := range []string{"", "{}", `[{"client": 1}]`, `[{"call_ns": 5, "return_ns": 4, "args": {"event": "e"}}]`, `[{"op": "read"}]`} {
		if _, err := ReadHistory(strings.NewReader(broken)); err == nil {
			t.Errorf("%q was read", broken)
		}
	}
}
