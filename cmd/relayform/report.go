package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/folder"
	"relayform/compiler/page"
	"relayform/schema/diag"
)

func newReport() *cobra.Command {
	var at files
	var of compiler.Reporting
	var run program
	var output, day string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "report [FILE]",
		Short: "Write the mesh as one HTML page: its picture, certificates, verdict and clusters",
		Long: `Report writes one self-contained HTML file: who dials whom, the chain of trust, a timeline of every
certificate with its due dates, what verify finds, and a table of the clusters to search and sort. It
holds nothing private and loads nothing, so it may be sent, attached or printed; it follows the
viewer's light or dark theme. Without the private keys it reports only what needs none. With --live
it also reads what the clusters hold.

The same project on the same day (UTC) gives the same bytes; a day is judged at its end. Up to 12
remotes are drawn one by one, more in groups by a label; the table shows a page at a time, so that ten
thousand clusters open as fast as ten.

It overwrites only an earlier report, and writes nothing into build/ or keys/.

Exit codes: 0 the report is written, whatever it says (act on the exit code of verify);
1 the topology or its lockfile has errors; 2 the report could not be made or written.`,
		Example: `  relayform report -o mesh.html
  relayform report --live --by region`,
		RunE: func(c *cobra.Command, _ []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			when, err := endOf(day, env.Now)
			if err != nil {
				return err
			}
			p := at.project()
			if output == "" {
				output = filepath.Join(p.Dir(), "report.html")
			}
			if output != "-" {
				if err := p.Spare(output); err != nil {
					return fmt.Errorf("%w; name a file elsewhere with -o", err)
				}
				if err := isReport(output); err != nil { // before any cluster is queried
					return err
				}
			}
			env.Kubectl = func(ctx context.Context, args ...string) ([]byte, error) {
				ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
				defer cancel()
				return run.run(ctx, args...)
			}
			made, err := compiler.Report(c.Context(), p, env, when, of)
			var unreachable *compiler.UnreachableError
			if err != nil && (made == nil || !errors.As(err, &unreachable)) {
				return err
			}
			var b bytes.Buffer
			if err := made.Write(&b); err != nil {
				return err
			}
			if unreachable != nil {
				say(c.ErrOrStderr(), "warning: %v", unreachable)
			}
			if output == "-" {
				_, err := c.OutOrStdout().Write(b.Bytes())
				return err
			}
			if err := folder.WriteFile(nil, output, b.Bytes()); err != nil {
				return err
			}
			say(c.ErrOrStderr(), "wrote %s: %s", output, made.Judged.Summary())
			return nil
		},
	}
	at.register(c)
	at.registerIdentity(c)
	run.register(c)
	at.registerBy(c, &of.Label)
	flags := c.Flags()
	flags.StringVarP(&output, "output", "o", "", "the file to write, or - for stdout (default: report.html beside the topology)")
	flags.BoolVar(&of.Live, "live", false, "add what the clusters hold now, through kubectl, and compare it with the lockfile")
	flags.DurationVar(&timeout, "timeout", time.Minute, "with --live: how long to wait for one cluster")
	flags.StringVar(&day, "at", "", "report for another day: 2027-01-31, or a time in RFC 3339")
	_ = c.MarkFlagFilename("output", "html")
	return c
}

// endOf returns the time that a report is for: the end of a day, so that the report does not change during the day, or the exact time that
// --at gives.
func endOf(text string, now time.Time) (time.Time, error) {
	when, err := moment(text, now)
	if _, isTime := time.Parse(time.RFC3339, text); err != nil || isTime == nil {
		return when, err
	}
	when = when.UTC()
	return time.Date(when.Year(), when.Month(), when.Day(), 23, 59, 59, 0, time.UTC), nil
}

// isReport returns an error if a file exists that was not written by report.
func isReport(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	other := fmt.Errorf("%s already exists, and is not a report by relayform; remove it, or name another file with -o", diag.Printable(path))
	if !info.Mode().IsRegular() {
		return other
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	begin := make([]byte, len(page.Begin))
	if _, err := io.ReadFull(f, begin); err != nil || string(begin) != page.Begin {
		return other
	}
	return nil
}
