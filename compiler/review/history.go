package review

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// maxListed is the maximum number of files or places named in a finding.
const maxListed = 5

func listed(all []string) string {
	if len(all) <= maxListed {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:maxListed], ", "), len(all)-maxListed)
}

// reproducible reports what the state after the change does not explain by itself.
func (c *comparison) reproducible() {
	if len(c.after.Lacks) > 0 {
		c.find(NotCompiled, verify.Error, nil, "the lockfile lacks what the topology asks for: "+strings.Join(c.after.Lacks, "; "),
			"run relayform compile where the private keys are, and commit the lockfile and build/")
	}
	if len(c.after.Stale) > 0 {
		c.find(BuildUnexplained, verify.Error, nil, fmt.Sprintf("the build folder is not what topology and lockfile compile to: %s", listed(c.after.Stale)),
			"run relayform compile, which writes these files again, and commit them")
	}
	if c.before.Blind != "" {
		c.find(NotCompiled, verify.Note, nil, fmt.Sprintf("the topology of %s cannot be checked, so it is not compared: %s", c.before.Name, c.before.Blind), "")
	}
	if len(c.before.Stale) > 0 {
		c.find(BuildUnexplained, verify.Note, nil, fmt.Sprintf("at %s the build folder is not what topology and lockfile compile to, so clusters may hold something else: %s", c.before.Name, listed(c.before.Stale)), "")
	}
	for _, place := range c.after.Clear {
		c.find(KeyInClear, verify.Error, nil, place, "remove it, and replace what it belongs to: whoever can read the repository has it")
	}
}

// history compares the lockfiles: what was recorded once must not change.
func (c *comparison) history() {
	was, is := c.before.Lock, c.after.Lock
	if was.Topology != is.Topology && len(was.Certificates) > 0 {
		c.find(LockfileRewritten, verify.Error, nil, fmt.Sprintf("the lockfile belongs to the topology %s, and belonged to %s before", diag.Printable(is.Topology), diag.Printable(was.Topology)),
			"a topology keeps its name; for another mesh, use another folder")
		return
	}
	var rewritten []string
	say := func(format string, args ...any) { rewritten = append(rewritten, fmt.Sprintf(format, args...)) }
	for _, x := range is.Every() {
		for _, y := range was.Every() {
			if x.Role == y.Role && !lockfile.Optional(x.Role) && x.Generation == y.Generation && x.SHA256 != y.SHA256 && !together(x, y, was, is) {
				say("%s %d is no longer the same certificate", x.Role, x.Generation)
				break
			}
		}
	}
	for _, role := range pki.Roles {
		before, after := was.Newest(role), is.Newest(role)
		switch {
		case before == nil, lockfile.Optional(role):
		case after == nil:
			say("there is no %s any more", role)
		case after.Generation < before.Generation && !holds(was.Every(), *after):
			say("%s goes back from generation %d to %d, with a certificate that was not set aside", role, before.Generation, after.Generation)
		}
	}
	switch a, b := was.Token, is.Token; {
	case a == nil:
	case b == nil:
		say("there is no token any more")
	case a.SHA256 != b.SHA256 && b.Generation <= a.Generation:
		say("token %d differs from what token %d was", b.Generation, a.Generation)
	}
	if len(rewritten) > 0 {
		c.find(LockfileRewritten, verify.Error, nil, strings.Join(rewritten, "; "),
			"relayform counts generations up and never reuses one: restore the lockfile from git, and renew or rotate instead")
	}
	c.phase()
}

// together reports whether two certificates of the same role and generation may coexist: the anchors of an external PKI share a generation.
func together(x, y lockfile.Certificate, was, is *lockfile.File) bool {
	return x.Role == pki.Root && x.Source == lockfile.External && y.Source == lockfile.External && (holds(was.Every(), x) || holds(is.Every(), y))
}

// phase refuses a rotation that skipped a phase: clusters may be one phase apart, not two.
func (c *comparison) phase() {
	from, to := c.before.Lock.Phase(), c.after.Lock.Phase()
	if from == to || lockfile.Adjacent(from, to) {
		return
	}
	words := func(p lockfile.Phase) string {
		if p == "" {
			return "no rotation"
		}
		return "the phase " + string(p)
	}
	c.find(PhaseSkipped, verify.Error, nil, fmt.Sprintf("the rotation goes from %s to %s in one step", words(from), words(to)),
		"one phase at a time, each applied to every cluster before the next: "+strings.Join(phaseNames(), ", "))
}

func phaseNames() []string {
	var names []string
	for _, p := range lockfile.Phases {
		names = append(names, string(p))
	}
	return names
}

// moves reports clusters that are moved while an agent is running.
func (c *comparison) moves() {
	was, is := c.before.Plan, c.after.Plan
	var moved lines
	moved.differs("product", was.Product.Name, is.Product.Name)
	moved.differs("namespace", was.Namespace, is.Namespace)
	moved.differs("kube context of the management cluster", was.Management.Context, is.Management.Context)
	if len(moved) > 0 {
		c.find(RelayMoved, verify.Error, nil, "the relay server moves: "+strings.Join(moved, ", ")+"; agents lose it until both charts are installed again, and the objects in the old place stay there",
			"add the new place beside the old one, move the agents, then remove the old one")
	}
	var lost, elsewhere []string
	old := map[string]string{}
	for _, x := range was.Agents() {
		old[x.Name] = x.RelayAddress
	}
	for _, x := range is.Agents() {
		switch address, ok := old[x.Name]; {
		case !ok || address == x.RelayAddress || address == "":
		case x.RelayAddress == "":
			lost = append(lost, x.Name)
		default:
			elsewhere = append(elsewhere, x.Name)
		}
	}
	if len(lost) > 0 {
		c.find(Unreachable, verify.Error, lost, "their agents no longer have an address of the relay, and stop when their chart is upgraded", "set management.relayAddress; relayform address finds it")
	}
	if len(elsewhere) > 0 {
		c.find(AddressChanged, verify.Warning, elsewhere, "their agents dial another address from their next helm upgrade on", "keep the old address working until all of them are upgraded")
	}
	if is.Product.ClientSecret != "" && slices.ContainsFunc(c.report.Clusters, func(x ClusterChange) bool { return x.What == Renamed }) {
		var names []string
		for _, x := range c.report.Clusters {
			if x.What == Renamed {
				names = append(names, x.Names...)
			}
		}
		c.find(ClusterRenamed, verify.Warning, names, "an agent's certificate carries its cluster's old name, and the relay server refuses it for the new one",
			"with the helm upgrade, delete the agent's Secret "+is.Product.ClientSecret+", so that it gets another")
	}
}
