package main

import (
	"testing"
	"time"
)

// TestSpansAreRead reads the time within which something is due. If it were read wrong, things would be reported too late, or all be
// renewed at once.
func TestSpansAreRead(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0d": 0, "1d": 24 * time.Hour, "30d": 720 * time.Hour, "106580d": 106580 * 24 * time.Hour, "12h": 12 * time.Hour, "1h30m": 90 * time.Minute, "0": 0,
	} {
		if got, err := parseSpan(text); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "30", "-1d", "-1h", "1.5d", "106581d", "999999999999d", "99999999999999999999d", "9999999h", "30 d", "1d12h", "1w"} {
		if got, err := parseSpan(text); err == nil {
			t.Errorf("%s: is read as %s", text, got)
		}
	}
}

// TestDatesAreRead reads the date that certs and verify take as the present.
func TestDatesAreRead(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"": now, "2030-01-31": time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC), "2030-01-31T12:30:00+02:00": time.Date(2030, 1, 31, 10, 30, 0, 0, time.UTC),
	} {
		if got, err := moment(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"tomorrow", "31-01-2030", "01/02/2030", "2030-02-30", "2030-01-31 12:00", "2030-1-1"} {
		if got, err := moment(text, now); err == nil {
			t.Errorf("%q: is read as %s", text, got)
		}
	}
}
