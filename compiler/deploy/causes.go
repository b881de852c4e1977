package deploy

import (
	"regexp"
	"slices"
	"strings"

	"relayform/schema/pattern"
)

// Cause is why jobs failed: what kubectl said of the first of them, and all that it said the same of.
type Cause struct {
	Lines []string
	Jobs  []Outcome
}

// mostLines is how many lines of one cause are told.
const mostLines = 8

var (
	// logged is how kubectl's own log begins a line (k8s.io/klog): it says there once for each try what it says again at the end.
	logged = pattern.Late(`^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\] `)
	// whose is what differs from cluster to cluster in the same error: addresses, and the objects' own.
	whose = pattern.Late(`https?://[^\s"]+|\[[0-9a-f:]+\]:\d+|\b[\w.-]+:\d+\b|\b\d+\.\d+\.\d+\.\d+\b`)
)

// Causes puts the jobs that failed together by why they did, in the order of the jobs.
func Causes(outcomes []Outcome) []Cause {
	var all []Cause
	at := map[string]int{}
	for _, o := range outcomes {
		if o.State != Failed {
			continue
		}
		lines := said(o.Err)
		key := o.unnamed(strings.Join(lines, "\n"))
		i, known := at[key]
		if !known {
			i = len(all)
			at[key], all = i, append(all, Cause{Lines: lines})
		}
		all[i].Jobs = append(all[i].Jobs, o)
	}
	return all
}

// unnamed is an error without what it says of this cluster alone.
func (o Outcome) unnamed(text string) string {
	text = whose().ReplaceAllString(text, "…")
	for _, name := range []string{o.Context, o.Cluster} {
		if name != "" {
			text = regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).ReplaceAllString(text, "…")
		}
	}
	return text
}

// said is what an error says, each line once: what kubectl logs on the way is told only where it says nothing else.
func said(err error) []string {
	var lines, log []string
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimRight(line, "\r\n")
		without := strings.TrimPrefix(line, "kubectl: ")
		if head := logged().FindString(without); head != "" {
			log = append(log, strings.TrimPrefix(without, head))
			continue
		}
		if strings.TrimSpace(line) != "" && !slices.Contains(lines, line) && !slices.Contains(lines, "kubectl: "+line) {
			lines = append(lines, line)
		}
	}
	switch {
	case len(lines) == 0 && len(log) > 0:
		return log[len(log)-1:]
	case len(lines) > mostLines:
		return append(lines[:mostLines-1:mostLines-1], lines[len(lines)-1])
	}
	return lines
}
