package pki

import "time"

// Day is the day of a time, in UTC, for people.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Second is a time in UTC, for people.
func Second(t time.Time) string { return t.UTC().Format(time.DateTime) }

// Stamp is a time in UTC as files have it (RFC 3339).
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
