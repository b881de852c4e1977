package schema

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"relayform/schema/pattern"
)

// MaxYears is the longest span of time, in years of 365 days: a time.Duration can hold no more, and RFC 5280 4.1.2.5 ends with the year
// 9999.
const MaxYears = 292

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// spans are the units of a span, by its last letter.
var spans = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': day, 'y': year}

// Span parses a span of time in minutes, hours, days or years of 365 days, such as 90m, 9552h, 398d or 2y. It returns false if the text is
// not a span, or if the span is longer than MaxYears.
func Span(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	unit, known := spans[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
	if !known || err != nil || n > uint64(MaxYears*year/unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

var (
	period = pattern.Late(`^([0-9]{1,6})\s*(h|hours?|d|days?|w|weeks?|y|years?|months?)?$`)
	// units are the hours in each unit, by its first letter; a month is a twelfth of a year of 365 days.
	units = map[string]int{"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24, "m": 730}
)

// hintDuration returns hint's result for a span of time.
func hintDuration(text string) (why, hint string) {
	lower := strings.ToLower(strings.TrimSpace(text))
	if strings.HasPrefix(lower, "-") {
		return "; it would end before it begins", ""
	}
	if digits := strings.TrimRight(lower, "hdy"); strings.Trim(digits, "0") == "" {
		return "; it would end the moment it begins", ""
	}
	if m := period().FindStringSubmatch(lower); m != nil {
		n, _ := strconv.Atoi(m[1])
		if m[2] == "" && n > 0 {
			return "", fmt.Sprintf("give its unit, such as %dd or %dh", n, n)
		}
		m[2] = m[2][:min(1, len(m[2]))]
		if n > 0 && n*units[m[2]] < 1e7 {
			return "", "write " + inWholeUnits(n*units[m[2]])
		}
	}
	if d, err := time.ParseDuration(lower); err == nil && d >= time.Hour {
		return "", "write " + inWholeUnits(int(d.Hours()))
	}
	if strings.Trim(lower, "0123456789") == "h" {
		return "; it would end after the year 9999, the last that a certificate can name", fmt.Sprintf("at most %dy", MaxYears)
	}
	return "", ""
}

// inWholeUnits returns a number of hours as text, in days if they are whole days.
func inWholeUnits(hours int) string {
	if hours%24 == 0 {
		return fmt.Sprintf("%dd", hours/24)
	}
	return fmt.Sprintf("%dh", hours)
}
