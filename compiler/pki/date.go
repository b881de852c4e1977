package pki

import "time"

// Day formats a time as a date in UTC, for people.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Second formats a time in UTC to the second, for people.
func Second(t time.Time) string { return t.UTC().Format(time.DateTime) }

// Stamp formats a time in UTC for files (RFC 3339).
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
