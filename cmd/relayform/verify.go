package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/lockfile"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

func newVerify() *cobra.Command {
	var at files
	var from compiler.From
	var run program
	var output chosen
	var day, address, before string
	var strict, live, wide bool
	var when time.Time
	all := verifyForms(&wide)
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check that everything the clusters hold trusts each other",
		Long: `Verify says whether every agent's first contact with the relay server, and mutual TLS after
it, would succeed, and until when. It runs the handshakes in memory, with the bytes that each
cluster would hold, and reports the cause of each failure.

It checks the topology; without the keys, only what is public. With --from it checks manifests: a file,
or a folder with a file or a folder for each cluster, rendered or as kubectl get secrets -o yaml
prints them. With --live it reads what the clusters hold, and Helm's records of their charts; with
--dial it connects to the relay.

With --live --before PHASE it also names the clusters that are not ready for a phase of a rotation:
distribute, issue, drain or retire. For that it reads Deployments too: one that was not restarted
since a Secret changed that it reads only at start is not ready.

Exit codes: 0 all is well; 1 there are errors (with --strict, warnings); 2 it could not be checked.`,
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			if when, err = moment(day, env.Now); err != nil {
				return err
			}
			dial := c.Flags().Changed("dial")
			within := func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
			}
			var report *verify.Report
			var unreachable *compiler.UnreachableError
			switch {
			case before != "" && !live:
				return errors.New("--before: want --live, as it asks the clusters")
			case dial && address == topologysAddress && isAddress(at.topology):
				return fmt.Errorf("--dial %s: want an equals sign: --dial=%s", at.topology, at.topology)
			case len(from.Paths) > 0 && (at.topology != "" || live || dial), live && dial:
				return errors.New("FILE with --live or --dial, or --from: want one of them")
			case live:
				env.Kubectl = func(ctx context.Context, args ...string) ([]byte, error) {
					ctx, cancel := within(ctx)
					defer cancel()
					return run.run(ctx, args...)
				}
				report, err = compiler.VerifyLive(c.Context(), at.project(), env, when, lockfile.Phase(before))
			case dial:
				ctx, cancel := within(c.Context())
				defer cancel()
				report, err = compiler.VerifyDial(ctx, at.project(), env, strings.TrimPrefix(address, topologysAddress), when)
			case len(from.Paths) > 0:
				from.Stdin = c.InOrStdin()
				report, err = compiler.VerifyFrom(from, env, when)
			default:
				report, err = compiler.Verify(at.project(), env, when)
			}
			if err != nil && (report == nil || !errors.As(err, &unreachable)) {
				return err
			}
			if err := all.write(c.OutOrStdout(), &output, report); err != nil {
				return err
			}
			if unreachable != nil {
				return unreachable
			}
			if report.Count(verify.Error) > 0 || strict && report.Count(verify.Warning) > 0 {
				return errShort
			}
			return nil
		},
	}
	at.register(c)
	at.registerIdentity(c)
	run.register(c)
	all.register(c, &output, func() answer { return &verifyDocument{Report: verify.Report{At: when}} })
	flags := c.Flags()
	flags.BoolVar(&live, "live", false, "check what the clusters hold now, through kubectl, and compare it with the lockfile")
	flags.StringVar(&before, "before", "", "with --live: name the clusters that are not ready for this phase of a rotation")
	flags.StringVar(&address, "dial", "", "connect to the relay as agents do, and say what it presents (default: management.relayAddress, and management.telemetry.address)")
	flags.Lookup("dial").NoOptDefVal = topologysAddress
	flags.DurationVar(&timeout, "timeout", time.Minute, "with --live and --dial: how long to wait for one cluster, or for the relay")
	flags.StringVar(&day, "at", "", "check for another day: 2027-01-31, or a time in RFC 3339")
	flags.BoolVar(&wide, "wide", false, "show every cluster and every check, as a table if the screen is wide enough")
	flags.BoolVar(&strict, "strict", false, "exit 1 for warnings too")
	flags.StringArrayVar(&from.Paths, "from", nil, "manifests: a file, a folder, - for stdin, or NAME=PATH for the cluster NAME")
	flags.StringVar(&from.Authority, "authority", "", "with --from: the name by which agents verify the relay server (default: from product and namespace)")
	flags.StringVar(&from.Management, "management", "", "with --from: the management cluster (default: the one with the relay server's Secrets)")
	flags.StringVar(&from.Product, "product", "", "with --from: "+strings.Join(product.Names(), " or "))
	flags.StringVar(&from.Namespace, "namespace", "", "with --from: the namespace of the Secrets (default: any)")
	for _, s := range []struct {
		flag string
		into *string
	}{
		{"server-secret", &from.Names.Server}, {"signing-secret", &from.Names.Signing}, {"root-secret", &from.Names.Root},
		{"token-secret", &from.Names.Token}, {"client-secret", &from.Names.Client}, {"token-key", &from.Names.Keys.Token},
	} {
		flags.StringVar(s.into, s.flag, "", "with --from: this name instead of the product's")
	}
	choices(c, "before", phases()...)
	return c
}

func phases() []string {
	var all []string
	for _, p := range lockfile.Phases {
		all = append(all, string(p))
	}
	return all
}

// topologysAddress is the value of --dial if no address is given.
const topologysAddress = "relayAddress"

// isAddress reports whether FILE is an address, which --dial takes only after an equals sign.
func isAddress(file string) bool {
	_, port, err := net.SplitHostPort(file)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// verifyForms are the formats of verify's report.
func verifyForms(wide *bool) forms[*verify.Report] {
	return formsOf(func(r *verify.Report, w io.Writer) error {
		if *wide {
			return r.WriteWide(w, screen(w))
		}
		return r.WriteText(w, screen(w))
	}, func(r *verify.Report) answer { return &verifyDocument{Report: *r} },
		form[*verify.Report]{name: "sarif", write: func(r *verify.Report, w io.Writer) error { return r.WriteSARIF(w, versionOf()) }, faults: asSARIF},
		form[*verify.Report]{name: "junit", write: (*verify.Report).WriteJUnit, faults: verify.WriteJUnitFaults})
}

// verifyDocument is what verify found.
type verifyDocument struct {
	verify.Report
	faults
}

// moment parses --at.
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
