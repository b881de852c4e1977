package main

import (
	"testing"
	"time"
)

// TestReportsAreOfADay checks the time that a report is for: the end of its day in UTC, unless an exact time is given.
func TestReportsAreOfADay(t *testing.T) {
	morning := time.Date(2026, 11, 30, 0, 0, 1, 0, time.UTC)
	for _, c := range []struct {
		at   string
		now  time.Time
		want string
	}{
		{"", morning, "2026-11-30T23:59:59Z"}, {"", morning.Add(23 * time.Hour), "2026-11-30T23:59:59Z"}, {"", morning.Add(24 * time.Hour), "2026-12-01T23:59:59Z"},
		{"", morning.In(time.FixedZone("west", -8*60*60)), "2026-11-30T23:59:59Z"},
		{"2027-01-31", morning, "2027-01-31T23:59:59Z"}, {"2027-01-31T06:00:00Z", morning, "2027-01-31T06:00:00Z"},
	} {
		if got, err := endOf(c.at, c.now); err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%q at %v: %v, %v; want %s", c.at, c.now, got, err, c.want)
		}
	}
	if _, err := endOf("soon", morning); err == nil {
		t.Error("soon is a day")
	}
}
