package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

const (
	exitOK = iota
	exitIllegal
	exitNoHistory
	exitUnknown
)

func main() {
	by := flag.String("by", "", "seat, group or event: cut the history this way only")
	limit := flag.Duration("limit", time.Minute, "how long the search may take")
	drawing := flag.String("drawing", "", "where to write the HTML drawing of a broken partition")
	flag.Parse()
	os.Exit(run(By(*by), *limit, *drawing))
}

func run(by By, limit time.Duration, drawing string) int {
	if by != "" && by != BySeat && by != ByGroup && by != ByEvent {
		return fail(fmt.Errorf("-by is seat, group or event, not %q", by))
	}
	calls, err := ReadHistory(os.Stdin)
	if err != nil {
		return fail(err)
	}
	report, err := Judge(calls, by, limit, drawing)
	if err != nil {
		return fail(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return fail(err)
	}
	switch report.Verdict {
	case "illegal":
		return exitIllegal
	case "unknown":
		return exitUnknown
	}
	return exitOK
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return exitNoHistory
}
