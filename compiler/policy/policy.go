// Package policy checks a topology against its users' policies: CUE files that constrain the topology as written and the plan that it
// resolves to. A violation is reported at the topology's line, with the policy's own message; a fault in a policy, at the policy's.
//
// CUE evaluation cannot be cancelled, so Check runs it in another process, which Run starts and stops.
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

// Limits of policies.
const (
	MaxFile   = 256 << 10        // bytes of a policy
	MaxDepth  = 64               // nesting of brackets
	MaxTime   = 20 * time.Second // CPU time for each policy
	MaxWait   = time.Minute      // for all of them, however busy the machine is
	MaxMemory = 1 << 30          // bytes, for each policy
)

// File is a policy with its name for diagnostics.
type File struct {
	Name string
	Text []byte
}

// Run runs Judge in a separate process: it passes the request to Judge and returns its answer. The process ends with the context and, if it
// exceeds MaxTime or MaxMemory, with ErrTime or ErrMemory.
type Run func(ctx context.Context, request []byte) ([]byte, error)

// Errors of a process that exceeded a limit.
var (
	ErrTime   = errors.New("more time than the limit")
	ErrMemory = errors.New("more memory than the limit")
)

// request is one policy and its input.
type request struct {
	Text  string
	Input Input
}

// finding is a result of Judge.
type finding struct {
	// Path is the field of the input that violates the policy; nil if the policy itself is at fault.
	Path []string `json:",omitempty"`

	Line, Column, Width int // in the policy; columns count characters

	Wanted, Hint string // the policy's message; for its own faults, ours
	Got          string // the input's value
	Absent       bool   // the input has no value

	Code  diag.Code // for the policy's own faults
	Field string    // in the policy, for its own faults
}

// Judge answers a request. It may need much time and memory: the caller must be able to stop it.
func Judge(text []byte) ([]byte, error) {
	var r request
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	return json.Marshal(judge(r.Text, r.Input))
}

// Check checks a plan against policies. The error is a diag.List with all violations, and all faults in policies. With a nil Run, policies
// are evaluated in this process, without limits.
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

// one returns the findings of one policy.
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
		limit.Wanted = fmt.Sprintf("evaluating the policies up to this one takes longer than the limit of %d seconds", int(MaxWait.Seconds()))
		return []finding{limit}, nil
	case errors.Is(err, ErrTime):
		limit.Wanted = fmt.Sprintf("evaluating this policy takes more than the limit of %d seconds of a processor", int(MaxTime.Seconds()))
		return []finding{limit}, nil
	case errors.Is(err, ErrMemory):
		limit.Wanted = fmt.Sprintf("evaluating this policy takes more than the limit of %d GiB of memory", MaxMemory>>30)
		return []finding{limit}, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	var found []finding
	if err := json.Unmarshal(answer, &found); err != nil {
		return nil, fmt.Errorf("%s: the answer of the process that evaluates it: %w", f.Name, err)
	}
	return found, nil
}

// beyond refuses what exceeds the limits for parsing.
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

// diagnostic returns a finding with its position.
func (f finding) diagnostic(p *plan.Plan, file *source.File) diag.Diagnostic {
	if f.Path == nil {
		return file.At(f.Line, f.Column, f.Width, f.Field, f.Code.Fault(f.Wanted, f.Hint))
	}
	by := fmt.Sprintf("%s:%d", filepath.ToSlash(file.Name), f.Line)
	message := "want " + f.Wanted
	switch field := dotted(f.Path); {
	case f.Wanted == "" && f.Absent:
		message = "a policy requires " + field + ", which is not set"
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
