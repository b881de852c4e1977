package deploy

import (
	"regexp"
	"slices"
	"strings"

	"relayform/schema/pattern"
)

// Cause is why jobs failed: the error of the first job, and all jobs with the same error.
type Cause struct {
	Lines []string
	Jobs  []Outcome
}

// mostLines is the maximum number of lines shown per cause.
const mostLines = 8

var (
	// logged matches the beginning of a line in kubectl's own log (k8s.io/klog): it logs for each attempt what it repeats at the end.
	logged = pattern.Late(`^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\] `)
	// whose matches what differs between clusters in the same error: addresses and objects' own data.
	whose = pattern.Late(`https?://[^\s"]+|\[[0-9a-f:]+\]:\d+|\b[\w.-]+:\d+\b|\b\d+\.\d+\.\d+\.\d+\b`)
)

// Causes groups failed jobs by cause, in the order of the jobs.
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

// Reason returns why the job failed, in lines, as the text for people says it: without the attempts that kubectl logs, and without repeats.
func (o Outcome) Reason() string { return strings.Join(said(o.Err), "\n") }

// unnamed returns an error without what is specific to this cluster.
func (o Outcome) unnamed(text string) string {
	text = whose().ReplaceAllString(text, "…")
	for _, name := range []string{o.Context, o.Cluster} {
		if name != "" {
			text = regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).ReplaceAllString(text, "…")
		}
	}
	return text
}

// said returns an error's distinct lines: kubectl's log is included only if there is nothing else.
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
