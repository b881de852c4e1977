package schema

import (
	"testing"
	"time"
)

// TestSpansOfTimeAreRead reads every way to write a span, up to the longest that a certificate can be valid.
func TestSpansOfTimeAreRead(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1h": time.Hour, "90m": 90 * time.Minute, "9552h": 398 * 24 * time.Hour, "398d": 398 * 24 * time.Hour, "2y": 730 * 24 * time.Hour, "0d": 0,
		"292y": 292 * 365 * 24 * time.Hour, "106580d": 292 * 365 * 24 * time.Hour, "2557920h": 292 * 365 * 24 * time.Hour,
	} {
		if got, ok := Span(text); !ok || got != want {
			t.Errorf("%q: %s, %v; want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "h", "d", "30", "-1d", "1.5d", "+1d", " 1d", "1 d", "1w", "1s", "1d12h", "293y", "106581d", "2557921h", "4294967296h", "99999999999999999999y", "1D"} {
		if got, ok := Span(text); ok {
			t.Errorf("%q: is read as %s", text, got)
		}
	}
}
