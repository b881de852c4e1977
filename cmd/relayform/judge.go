package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler/policy"
)

// judging is the command with which relayform starts a process to evaluate a policy.
const judging = "judge-policy"

// Exit codes of that process when it exceeds a limit.
const (
	exitMemory = 3
	exitTime   = 4
)

// judgeApart evaluates a policy in a separate process, which can be stopped: CUE's evaluation cannot.
func judgeApart(ctx context.Context, request []byte) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var answer, complaint bytes.Buffer
	c := exec.CommandContext(ctx, program, judging)
	c.Args[0] = os.Args[0]
	c.Env = []string{"GOTRACEBACK=none"} // and nothing else: the result depends only on the request
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(request), &answer, &complaint
	c.WaitDelay = time.Second
	err = c.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return answer.Bytes(), nil
	case !errors.As(err, &exit):
		return nil, fmt.Errorf("the process that evaluates it: %w", err)
	case exit.ExitCode() == exitShort:
		return nil, errors.New(strings.TrimSpace(complaint.String()))
	case exit.ExitCode() == exitTime:
		return nil, policy.ErrTime
	}
	return nil, policy.ErrMemory // it exited itself, or the runtime or the system killed it: each for lack of memory
}

// newJudge is the other end of judgeApart.
func newJudge() *cobra.Command {
	return &cobra.Command{
		Use:    judging,
		Short:  "Evaluate a policy: relayform itself runs this, with a request on standard input",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			request, err := io.ReadAll(os.Stdin)
			if err == nil {
				debug.SetMemoryLimit(policy.MaxMemory * 3 / 4)
				debug.SetMaxStack(policy.MaxMemory / 4)
				confine()
				go watch()
				var answer []byte
				if answer, err = policy.Judge(request); err == nil {
					_, err = c.OutOrStdout().Write(answer)
				}
			}
			if err != nil {
				say(c.ErrOrStderr(), "%v", err)
				return errShort
			}
			return nil
		},
	}
}

// watch exits when the process uses more memory, or CPU time, than a policy may.
func watch() {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for range time.Tick(2 * time.Millisecond) {
		metrics.Read(samples)
		switch {
		case samples[0].Value.Uint64()-samples[1].Value.Uint64() > policy.MaxMemory:
			os.Exit(exitMemory)
		case processorTime() > policy.MaxTime:
			os.Exit(exitTime)
		}
	}
}
