package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/folder"
	"relayform/compiler/lifecycle"
	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/source"
)

func newCerts() *cobra.Command {
	var at files
	var output chosen
	var date, within, textconv string
	var verbose bool
	var seen time.Time
	all := certsForms(&verbose)
	c := &cobra.Command{
		Use:   "certs [FILE]",
		Short: "Show every certificate: where it is, when it ends, what renews it, and what to restart",
		Long: `Certs shows every certificate of a topology. A CA is due before it ends, so that what it signs can
last its full time: a signing CA 13 months before (agents' certificates last a year), a root two years
before (its rotation takes as long as agents' certificates last). A server certificate is due at its end.

For a textfile collector, with alert rules and a dashboard for its metrics:

  relayform certs --format prometheus >new && mv new relayform.prom
  relayform certs --format prometheus-rules >relayform.rules.yml
  relayform certs --format grafana >relayform.json`,
		RunE: func(c *cobra.Command, args []string) error {
			if textconv != "" {
				return showInWords(c.OutOrStdout(), textconv)
			}
			env := environment()
			var err error
			if seen, err = moment(date, env.Now); err != nil {
				return err
			}
			span, err := parseSpan(within)
			if err != nil && within != "" {
				return fmt.Errorf("--within %w", err)
			}
			report, err := compiler.Certificates(at.project(), env, seen)
			if err != nil {
				return err
			}
			if err := all.write(c.OutOrStdout(), &output, report); err != nil || within == "" {
				return err
			}
			due := report.DueWithin(span)
			for _, d := range lifecycle.Groups(due) {
				say(c.ErrOrStderr(), "relayform: %s is due on %s; renewed by %s", d.Name(), pki.Day(d.Due), d.RenewedBy)
			}
			if len(due) > 0 {
				return errShort
			}
			return nil
		},
	}
	at.register(c)
	all.register(c, &output, func() answer { return &certsDocument{Report: lifecycle.Report{At: seen}} })
	c.Flags().StringVar(&date, "at", "", "the date to report for, such as 2030-01-31 (default: today)")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "show where each certificate is, what renews it, and what to restart then")
	c.Flags().StringVar(&within, "within", "", "exit 1 if something is due within this time, such as 30d or 12h")
	c.Flags().StringVar(&textconv, "textconv", "", "print this certificate file, lockfile or file of build/ as text, for git diff (gitattributes, textconv)")
	return c
}

// showInWords prints a file for reviewers, with its certificates described.
func showInWords(w io.Writer, path string) error {
	text, err := folder.ReadFile(path, source.MaxBytes)
	if err != nil {
		return err
	}
	_, err = w.Write(compiler.InWords(text))
	return err
}

// certsForms returns the formats of the report on certificates.
func certsForms(verbose *bool) forms[*lifecycle.Report] {
	return formsOf(func(r *lifecycle.Report, w io.Writer) error {
		if *verbose {
			return r.WriteDetails(w, screen(w))
		}
		return r.WriteText(w, screen(w))
	}, func(r *lifecycle.Report) answer { return &certsDocument{Report: *r} },
		form[*lifecycle.Report]{name: "prometheus", write: (*lifecycle.Report).WritePrometheus},
		form[*lifecycle.Report]{name: "prometheus-rules", write: (*lifecycle.Report).WriteAlerts},
		form[*lifecycle.Report]{name: "grafana", write: (*lifecycle.Report).WriteDashboard})
}

// certsDocument lists certificates.
type certsDocument struct {
	lifecycle.Report
	faults
}

// parseSpan parses the spans of a topology, such as 30d, 2y or 12h, and Go's, such as 1h30m; also an empty one.
func parseSpan(text string) (time.Duration, error) {
	if d, ok := schema.Span(text); ok {
		return d, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%s: want a span of time, such as 30d, 2y or 12h", text)
}
