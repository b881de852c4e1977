// Package policy judges a topology by the policies of its users: files of CUE that constrain the topology as it is
// written and the plan that it resolves to. What breaks a policy is reported at the topology's line, in the policy's own
// words; what is wrong with a policy, at the policy's.
//
// CUE's evaluation cannot be ended from outside, so Check has it done by another process, which Run starts and ends.
package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"relayform/compiler/plan"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// The limits of policies.
const (
	MaxFile   = 256 << 10        // bytes of a policy
	MaxDepth  = 64               // nesting of brackets
	MaxTime   = 20 * time.Second // of a processor, for each policy
	MaxWait   = time.Minute      // for all of them, however busy the machine is
	MaxMemory = 1 << 30          // bytes, for each policy
)

// A File is a policy as diagnostics name it.
type File struct {
	Name string
	Text []byte
}

// Run has Judge done by a process of its own: it gives the request to Judge and its answer back. The process ends
// with the context, and where it takes more than MaxTime or MaxMemory, with ErrTime or ErrMemory.
type Run func(ctx context.Context, request []byte) ([]byte, error)

// What a process ends with that took more than it may.
var (
	ErrTime   = errors.New("more time than the limit")
	ErrMemory = errors.New("more memory than the limit")
)

// request is what one policy is judged by.
type request struct {
	Text  string
	Input Input
}

// finding is what Judge says of a policy.
type finding struct {
	// Path is the field of the input that breaks the policy; nil where the policy itself is at fault.
	Path []string `json:",omitempty"`

	Line, Column, Width int // in the policy; columns are characters

	Wanted, Hint string // in the policy's words; of its own faults in ours
	Got          string // what the input has there
	Absent       bool   // the input has nothing there

	Code  diag.Code // of the policy's own faults
	Field string    // of the policy, for its own faults
}

// Judge answers a request. It may take long, and much memory: whoever calls it has to be able to end it.
func Judge(text []byte) ([]byte, error) {
	var r request
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	return json.Marshal(judge(r.Text, r.Input))
}

// Check judges a plan by policies. The error is a diag.List with all that breaks a policy, and all that is wrong
// with one. Without Run policies are judged here, and nothing ends it.
func Check(p *plan.Plan, files []File, run Run) error {
	if len(files) == 0 {
		return nil
	}
	if run == nil {
		run = func(_ context.Context, request []byte) ([]byte, error) { return Judge(request) }
	}
	ctx, cancel := context.WithTimeout(context.Background(), MaxWait)
	defer cancel()
	input := Of(p)
	var faults diag.List
	for _, f := range files {
		file := source.Quoted(f.Name, f.Text)
		if private := source.Private(f.Name, f.Text); len(private) > 0 {
			faults = append(faults, private...)
			continue
		}
		found, err := one(ctx, f, input, run)
		if err != nil {
			return err
		}
		for _, at := range found {
			faults = append(faults, at.diagnostic(p, file))
		}
	}
	return faults.Err()
}

// one is what is found by one policy.
func one(ctx context.Context, f File, input Input, run Run) ([]finding, error) {
	if fault := beyond(f.Text); fault != nil {
		return []finding{*fault}, nil
	}
	text, err := json.Marshal(request{string(f.Text), input})
	if err != nil {
		return nil, err
	}
	answer, err := run(ctx, text)
	limit := finding{Code: diag.LimitExceeded, Line: 1, Column: 1, Hint: "do less at once: fewer nested comprehensions, fewer alternatives, shorter texts"}
	switch {
	case ctx.Err() != nil:
		limit.Wanted = fmt.Sprintf("judging by the policies up to this one takes longer than the limit of %d seconds", int(MaxWait.Seconds()))
		return []finding{limit}, nil
	case errors.Is(err, ErrTime):
		limit.Wanted = fmt.Sprintf("judging by this policy takes more than the limit of %d seconds of a processor", int(MaxTime.Seconds()))
		return []finding{limit}, nil
	case errors.Is(err, ErrMemory):
		limit.Wanted = fmt.Sprintf("judging by this policy takes more than the limit of %d GiB of memory", MaxMemory>>30)
		return []finding{limit}, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	var found []finding
	if err := json.Unmarshal(answer, &found); err != nil {
		return nil, fmt.Errorf("%s: the answer of the process that judges: %w", f.Name, err)
	}
	return found, nil
}

// beyond refuses what is not even parsed.
func beyond(text []byte) *finding {
	if len(text) > MaxFile {
		return &finding{Code: diag.LimitExceeded, Line: 1, Column: 1, Wanted: fmt.Sprintf("the policy has %d bytes; the limit is %d KiB", len(text), MaxFile>>10), Hint: "split it into several policies"}
	}
	depth, line := 0, 1
	for _, b := range text {
		switch b {
		case '\n':
			line++
		case '(', '[', '{':
			if depth++; depth > MaxDepth {
				return &finding{Code: diag.LimitExceeded, Line: line, Column: 1, Wanted: fmt.Sprintf("brackets are nested deeper than the limit of %d levels", MaxDepth)}
			}
		case ')', ']', '}':
			depth--
		}
	}
	return nil
}

// diagnostic is a finding at its place.
func (f finding) diagnostic(p *plan.Plan, file *source.File) diag.Diagnostic {
	if f.Path == nil {
		return file.At(f.Line, f.Column, f.Width, f.Field, f.Code.Fault(f.Wanted, f.Hint))
	}
	by := fmt.Sprintf("%s:%d", filepath.ToSlash(file.Name), f.Line)
	message := "want " + f.Wanted
	switch field := dotted(f.Path); {
	case f.Wanted == "" && f.Absent:
		message = "a policy wants " + field + ", which is not set"
	case f.Wanted == "" && f.Got != "":
		message = "a policy does not allow this: " + field + " is " + diag.Shorten(f.Got)
	case f.Wanted == "":
		message = "a policy does not allow " + field + " as it is"
	case f.Absent:
		message += "; it is not set"
	case f.Got != "":
		message += ", got " + diag.Shorten(f.Got)
	}
	message += " (" + by + ")"
	return p.Doc.Fault(topologyField(p, f.Path), diag.Policy.Fault(message, f.Hint))
}
