package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"relayform/compiler/deploy"
)

// progress shows how far a run is. On a terminal it overwrites a single line; elsewhere it prints a line for each cluster, in the order of
// the topology, whichever ends first.
type progress struct {
	out      io.Writer
	terminal bool
	begun    time.Time
	stop     chan struct{}
	stopped  chan struct{}

	mutex              sync.Mutex
	done, failed, left int
	order              []string          // names of all jobs
	ended              map[string]string // the line to print for each job that ended
}

func newProgress(out io.Writer, stages [][]deploy.Job) *progress {
	p := &progress{out: out, terminal: isTerminal(out) && os.Getenv("TERM") != "dumb", begun: time.Now(), stop: make(chan struct{}), stopped: make(chan struct{}), ended: map[string]string{}}
	for _, jobs := range stages {
		p.left += len(jobs)
		for _, j := range jobs {
			p.order = append(p.order, j.String())
		}
	}
	go p.tick()
	return p
}

// tick updates the elapsed time.
func (p *progress) tick() {
	defer close(p.stopped)
	if !p.terminal {
		return
	}
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		p.mutex.Lock()
		p.line()
		p.mutex.Unlock()
		select {
		case <-p.stop:
			return
		case <-every.C:
		}
	}
}

// clear erases the terminal's current line.
const clear = "\r\x1b[K"

func (p *progress) line() {
	elapsed := time.Since(p.begun).Round(time.Second)
	fmt.Fprintf(p.out, "%s%d done, %d failed, %d left, %s", clear, p.done, p.failed, p.left, elapsed)
}

// tell records the outcome of a job.
func (p *progress) tell(o deploy.Outcome) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.left--
	said := o.Summary()
	switch o.State {
	case deploy.Done, deploy.Different:
		p.done++
		if o.State == deploy.Different && said == "" {
			said = "different"
		}
	case deploy.Interrupted:
		p.failed++
		said = "interrupted"
	default:
		p.failed++
		said = "failed"
	}
	if said = strings.Trim(said+"; "+o.Note, "; "); said == "" {
		said = "done"
	}
	if !p.terminal {
		p.ended[o.String()] = fmt.Sprintf("%s: %s", o.Job, said)
		p.flush(false)
		return
	}
	if o.Note != "" {
		fmt.Fprint(p.out, clear)
		say(p.out, "%s: %s", o.Job, said)
	}
	p.line()
}

// flush prints the outcomes of jobs in order, up to the first job that has not ended; with all, it prints the rest too.
func (p *progress) flush(all bool) {
	for len(p.order) > 0 {
		said, ended := p.ended[p.order[0]]
		if !ended && !all {
			return
		}
		if ended {
			say(p.out, "%s", said)
		}
		p.order = p.order[1:]
	}
}

// end leaves the terminal's line empty.
func (p *progress) end() {
	close(p.stop)
	<-p.stopped
	p.flush(true)
	if p.terminal {
		fmt.Fprint(p.out, clear)
	}
}
