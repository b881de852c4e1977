package compiler

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/readiness"
	"relayform/compiler/verify"
)

// maxAsked is how many clusters are queried in parallel.
const maxAsked = 16

// UnreachableError lists the clusters that could not be queried.
type UnreachableError struct {
	Clusters []string
	First    error // why the first could not be queried
}

// Error names the clusters, and the first one's reason.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s could not be asked: %v", verify.InWords(e.Clusters), e.First)
}

// VerifyLive verifies the clusters' current contents, and compares them with the lockfile. It only reads. If some clusters cannot be
// queried, it returns a report on the others with an UnreachableError. Before a phase of a rotation, which may be empty, it also reports
// which clusters are not ready for it.
func VerifyLive(ctx context.Context, project project.Project, env Env, at time.Time, before lockfile.Phase) (*verify.Report, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return nil, err
	}
	if before != "" {
		if err := readiness.Enters(l, before); err != nil {
			return nil, err
		}
	}
	want, err := c.wanted(plan, l)
	if err != nil {
		return nil, err
	}
	return c.live(ctx, plan, l, want, at, before)
}

// live verifies the clusters' contents, and compares them with the wanted ones. It returns a report with an UnreachableError, unless the
// management cluster could not be queried.
func (c *compile) live(ctx context.Context, p *plan.Plan, l *lockfile.File, want verify.Wanted, at time.Time, before lockfile.Phase) (*verify.Report, error) {
	have, stale, charts, unreachable := c.ask(ctx, p, want.Material, before != "")
	if unreachable != nil && (len(have.Clusters) == 0 || !have.Clusters[0].Management) {
		return nil, unreachable
	}
	report, err := verify.Judge(have, at, c.env.NewKey)
	if err != nil {
		return nil, err
	}
	report.Compare(have, want)
	report.Add(charts.findings...)
	report.LeftOut = append(report.LeftOut, charts.leftOut()...)
	if before != "" {
		report.Add(readiness.New(l, have.Names, nil, at, standing(have.Clusters, stale)).Before(before)...)
	}
	if unreachable != nil {
		report.LeftOut = append(report.LeftOut, unreachable.Error())
		return report, unreachable
	}
	return report, nil
}

// Want returns what the clusters of a project should contain.
func Want(project project.Project, env Env) (verify.Wanted, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return verify.Wanted{}, err
	}
	return c.wanted(plan, l)
}

func (c *compile) wanted(p *plan.Plan, l *lockfile.File) (verify.Wanted, error) {
	m, _, err := c.material(p, l)
	return wantedOf(m, l), err
}

// wantedOf returns what clusters should contain, given the material that they would get.
func wantedOf(m verify.Material, l *lockfile.File) verify.Wanted {
	want := verify.Wanted{Material: m, Older: older(l)}
	if l.Token != nil {
		want.TokenSHA256 = l.Token.SHA256
	}
	return want
}

// older returns the certificates in a lockfile that have newer ones, by fingerprint.
func older(l *lockfile.File) map[string]int {
	all := map[string]int{}
	for _, c := range l.Every() {
		if newest := l.Newest(c.Role); newest != nil && c.Generation < newest.Generation {
			all[c.SHA256] = c.Generation
		}
	}
	return all
}

// VerifyDial dials an address for each authority, and reports what it presents; an empty address means the topology's relayAddress, or that
// of a cluster with its own authority. If the topology has an address for the telemetry gateway, that is dialled, too.
func VerifyDial(ctx context.Context, project project.Project, env Env, address string, at time.Time) (*verify.Report, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return nil, err
	}
	if address == "" && plan.RelayAddress == "" {
		return nil, errors.New("management.relayAddress is not set; name the address: --dial=HOST:PORT")
	}
	report, err := Verify(project, env, at)
	if err != nil {
		return nil, err
	}
	var roots []*x509.Certificate
	for _, r := range l.All(pki.Root) {
		roots = append(roots, r.Chain[0])
	}
	dial := func(to, name string, role pki.Role) error {
		conn, err := env.Dial(ctx, "tcp", to)
		if err != nil {
			return err
		}
		defer conn.Close()
		var expected []*x509.Certificate
		if have := l.Newest(role); have != nil {
			expected = have.Chain
		}
		seen, err := verify.Dial(ctx, conn, to, name, at)
		seen.Gateway = role == pki.Telemetry
		report.Saw(seen, err, plan.Management.Name, expected, roots)
		return nil
	}
	for _, authority := range plan.Authorities {
		if err := dial(cmp.Or(address, dialledFor(plan, authority)), authority, pki.Server); err != nil {
			return nil, err
		}
	}
	switch t := plan.Telemetry; {
	case address != "" || t == nil:
	case t.Address == "":
		report.LeftOut = append(report.LeftOut, "the telemetry gateway's address: management.telemetry.address is not set")
	default:
		if err := dial(t.Address, t.Name, pki.Telemetry); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// dialledFor returns the address dialled by agents that verify the relay server by an authority.
func dialledFor(p *plan.Plan, authority string) string {
	for _, c := range p.Remotes {
		if c.Authority == authority && authority != p.Authority && c.RelayAddress != "" {
			return c.RelayAddress
		}
	}
	return p.RelayAddress
}
