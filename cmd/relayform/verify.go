package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/verify"
)

func newVerify() *cobra.Command {
	var at files
	from := compiler.From{Names: verify.DefaultNames()}
	var format, day string
	var strict bool
	c := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Say whether everything that the clusters hold trusts each other",
		Long: `Verify says whether every agent's first contact with the relay server, and mutual TLS after
it, would succeed, and until when. It carries the handshakes out in memory, with the bytes that each
cluster would hold, and puts each failure down to its cause.

It judges the topology at hand; without its keys, what is public. With --from it judges manifests
from anywhere: a file, or a folder with a file or a folder for each cluster, rendered or as
kubectl get secrets -o yaml prints them.

Exit codes: 0 all is well; 1 there are errors (with --strict, warnings); 2 it could not be judged.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			write, err := reportWriter(format)
			if err != nil {
				return err
			}
			env := environment()
			when, err := moment(day, env.Now)
			if err != nil {
				return err
			}
			var report *verify.Report
			switch {
			case len(from.Paths) > 0 && len(args) > 0:
				return errors.New("FILE and --from: want one of the two")
			case len(from.Paths) > 0:
				from.Stdin = c.InOrStdin()
				report, err = compiler.VerifyFrom(from, env, when)
			default:
				report, err = compiler.Verify(at.project(args), env, when)
			}
			if err != nil {
				return err
			}
			if err := write(report, c.OutOrStdout()); err != nil {
				return err
			}
			if report.Count(verify.Error) > 0 || strict && report.Count(verify.Warning) > 0 {
				return errShort
			}
			return nil
		},
	}
	at.register(c)
	flags := c.Flags()
	flags.StringVar(&day, "at", "", "judge another day: 2027-01-31, or a time as RFC 3339 has it")
	flags.StringVar(&format, "format", "text", "text, json, sarif or junit")
	flags.BoolVar(&strict, "strict", false, "exit 1 for warnings, too")
	flags.StringArrayVar(&from.Paths, "from", nil, "manifests: a file, a folder, - for stdin, or NAME=PATH for the cluster NAME")
	flags.StringVar(&from.Authority, "authority", "", "with --from: what agents verify the relay server by (default: by product and namespace)")
	flags.StringVar(&from.Management, "management", "", "with --from: the management cluster (default: the one with the relay server's Secrets)")
	flags.StringVar(&from.Product, "product", "", "with --from: gloo-mesh-enterprise or gloo-platform")
	flags.StringVar(&from.Namespace, "namespace", "", "with --from: the namespace of the Secrets (default: any)")
	for _, s := range []struct {
		flag string
		into *string
	}{
		{"server-secret", &from.Names.Server}, {"signing-secret", &from.Names.Signing}, {"root-secret", &from.Names.Root},
		{"token-secret", &from.Names.Token}, {"client-secret", &from.Names.Client}, {"token-key", &from.Names.TokenKey},
	} {
		flags.StringVar(s.into, s.flag, *s.into, "with --from: a name other than usual")
	}
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json", "sarif", "junit"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func reportWriter(format string) (func(*verify.Report, io.Writer) error, error) {
	switch format {
	case "text":
		return (*verify.Report).WriteText, nil
	case "json":
		return (*verify.Report).WriteJSON, nil
	case "sarif":
		return (*verify.Report).WriteSARIF, nil
	case "junit":
		return (*verify.Report).WriteJUnit, nil
	}
	return nil, fmt.Errorf("--format: want text, json, sarif or junit, got %s", format)
}

// moment reads --at.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return now, fmt.Errorf("--at: want a day as 2027-01-31, or a time as 2027-01-31T12:00:00Z, got %s", text)
}
