package kubectl

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"relayform/schema/source"
)

// patience is how long kubectl may take to stop after an interrupt.
const patience = 5 * time.Second

// Error is kubectl's error output, and its exit code.
type Error struct {
	Said string
	Code int
}

// Error returns kubectl's error output.
func (e *Error) Error() string { return "kubectl: " + e.Said }

// Program runs the kubectl with a name or path. To stop it, it is interrupted, and killed after a few seconds.
func Program(name string) Run {
	return func(ctx context.Context, args ...string) ([]byte, error) { return Feeder(name)(ctx, nil, args...) }
}

// Feed runs kubectl like a Run, with a text on its standard input.
type Feed func(ctx context.Context, input []byte, args ...string) ([]byte, error)

// With returns a Run whose kubectl gets the text.
func (feed Feed) With(input []byte) Run {
	return func(ctx context.Context, args ...string) ([]byte, error) { return feed(ctx, input, args...) }
}

// Feeder is Program with a text on standard input: private values are passed no other way.
func Feeder(name string) Feed {
	return func(ctx context.Context, input []byte, args ...string) ([]byte, error) {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("kubectl: %w; install kubectl 1.%d or newer, or name it with --kubectl", err, oldestMinor)
		}
		var stdout, stderr limited
		c := exec.CommandContext(ctx, path, args...)
		if c.Stdout, c.Stderr = &stdout, &stderr; input != nil {
			c.Stdin = bytes.NewReader(input)
		}
		c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
		c.WaitDelay = patience
		err = c.Run()
		if stdout.over || stderr.over {
			return nil, fmt.Errorf("kubectl: it printed more than %d bytes (64 MiB)", source.MaxBytes)
		}
		if ctx.Err() != nil {
			return stdout.text.Bytes(), fmt.Errorf("kubectl: %w", context.Cause(ctx))
		}
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return stdout.text.Bytes(), &Error{cmp.Or(strings.TrimSpace(stderr.text.String()), err.Error()), exit.ExitCode()}
		}
		return stdout.text.Bytes(), err
	}
}

// limited is a buffer with a size limit.
type limited struct {
	text bytes.Buffer // not embedded: its ReadFrom has no limit
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > source.MaxBytes {
		l.over = true
		return 0, io.ErrShortWrite
	}
	return l.text.Write(p)
}
