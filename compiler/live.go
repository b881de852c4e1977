package compiler

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/readiness"
	"relayform/compiler/verify"

	"golang.org/x/sync/errgroup"
)

// maxAsked is how many clusters are asked at once.
const maxAsked = 16

// UnreachableError is the clusters that could not be asked.
type UnreachableError struct {
	Clusters []string
	First    error // why the first of them could not
}

// Error names the clusters, and gives the first one's reason.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s could not be asked: %v", verify.InWords(e.Clusters), e.First)
}

// VerifyLive judges what the clusters hold now, and compares it with the lockfile. It only reads.
// Where some clusters cannot be asked, there is a report of the others beside an UnreachableError. Before a phase of a rotation,
// which may be empty, it also says which clusters are not ready for the topology to enter it.
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
	have, unreachable := c.ask(ctx, plan, want.Material)
	if unreachable != nil && (len(have.Clusters) == 0 || !have.Clusters[0].Management) {
		return nil, unreachable
	}
	report, err := verify.Judge(have, at, env.NewKey)
	if err != nil {
		return nil, err
	}
	report.Compare(have, want)
	if before != "" {
		report.Add(readiness.New(l, have.Names, nil, at, standing(have.Clusters)).Before(before)...)
	}
	if unreachable != nil {
		report.LeftOut = append(report.LeftOut, unreachable.Error())
		return report, unreachable
	}
	return report, nil
}

// Want is what the clusters of a project should hold.
func Want(project project.Project, env Env) (verify.Wanted, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return verify.Wanted{}, err
	}
	return c.wanted(plan, l)
}

func (c *compile) wanted(p *plan.Plan, l *lockfile.File) (want verify.Wanted, err error) {
	want.Older = older(l)
	if l.Token != nil {
		want.TokenSHA256 = l.Token.SHA256
	}
	want.Material, _, err = c.material(p, l)
	return want, err
}

// older is the certificates of a lockfile that have newer ones, by fingerprint.
func older(l *lockfile.File) map[string]int {
	all := map[string]int{}
	for _, c := range l.Every() {
		if newest := l.Newest(c.Role); newest != nil && c.Generation < newest.Generation {
			all[c.SHA256] = c.Generation
		}
	}
	return all
}

// ask gets the Secrets of every cluster.
func (c *compile) ask(ctx context.Context, p *plan.Plan, want verify.Material) (verify.Material, error) {
	clusters := p.All()
	answers, errs := c.askEach(ctx, p, clusters, want.Names, maxAsked, "--request-timeout=20s")
	have := verify.Material{Authority: want.Authority, Names: want.Names, AgentValidity: want.AgentValidity}
	unreachable := &UnreachableError{}
	for i, cluster := range clusters {
		if errs[i] != nil {
			unreachable.Clusters = append(unreachable.Clusters, cluster.Name)
			if unreachable.First == nil {
				unreachable.First = errs[i]
			}
			continue
		}
		have.Clusters = append(have.Clusters, verify.Cluster{
			Name: cluster.Name, Management: i == 0, Agent: cluster.Agent, Secrets: answers[i],
		})
	}
	if unreachable.First != nil {
		return have, unreachable
	}
	return have, nil
}

// askEach asks clusters for the relay's Secrets, many at once; the answers keep the clusters' order.
func (c *compile) askEach(ctx context.Context, p *plan.Plan, clusters []plan.Cluster, names verify.SecretNames, most int, flags ...string) ([][]verify.Secret, []error) {
	answers, errs := make([][]verify.Secret, len(clusters)), make([]error, len(clusters))
	var asking errgroup.Group
	asking.SetLimit(most)
	for i, cluster := range clusters {
		asking.Go(func() error {
			answers[i], errs[i] = c.askOne(ctx, p, cluster, names, flags)
			return nil // every cluster is asked, whatever another says
		})
	}
	_ = asking.Wait()
	return answers, errs
}

func (c *compile) askOne(ctx context.Context, p *plan.Plan, cluster plan.Cluster, names verify.SecretNames, flags []string) ([]verify.Secret, error) {
	args := slices.Concat(flags, []string{"--namespace=" + p.Namespace, "get", "secret"}, names.All(), []string{"--ignore-not-found", "--output", "json"})
	text, err := c.env.Kubectl.In(cluster.Context)(ctx, args...)
	if err != nil {
		return nil, err
	}
	found, err := manifest.ReadSecrets(text)
	if err != nil {
		return nil, fmt.Errorf("what kubectl printed: %w", err)
	}
	return verify.Choose(found, names, p.Namespace, "context "+cluster.Context)
}

// VerifyDial asks an address for the authority, and says what it presents; an empty address is the
// topology's relayAddress.
func VerifyDial(ctx context.Context, project project.Project, env Env, address string, at time.Time) (*verify.Report, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return nil, err
	}
	if address == "" {
		address = plan.RelayAddress
	}
	if address == "" {
		return nil, errors.New("management.relayAddress is not set; name the address: --dial=HOST:PORT")
	}
	report, err := Verify(project, env, at)
	if err != nil {
		return nil, err
	}
	conn, err := env.Dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var roots []*x509.Certificate
	for _, r := range l.All(pki.Root) {
		roots = append(roots, r.Chain[0])
	}
	seen, err := verify.Dial(ctx, conn, address, plan.Authority, at)
	var expected []*x509.Certificate
	if server := l.Newest(pki.Server); server != nil {
		expected = server.Chain
	}
	report.Saw(seen, err, plan.Management.Name, expected, roots)
	return report, nil
}
