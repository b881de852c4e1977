package compiler

import (
	"fmt"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// settling is how long after a phase was compiled clusters may still be without it: a GitOps engine's interval, waves, and what is
// restarted.
const settling = time.Hour

// hasty refuses a phase of a rotation that follows another within less than settling: a cluster that is two phases behind is cut off.
// The end of a rotation changes nothing in any cluster.
func (c *compile) hasty(p *plan.Plan, l *lockfile.File) error {
	from, to := l.Phase(), lockfile.Phase(p.Rotation.Phase)
	if !c.options.Settle || c.options.Check || c.options.Locked || from == "" || from == to || from == lockfile.Retire && to == "" {
		return nil
	}
	age := c.env.Now.Sub(l.Rotation.Since)
	if age >= settling || age < 0 {
		return nil
	}
	at := append(p.Source(), "rotation", "phase")
	what, gate := "the end of the rotation", "relayform verify --live"
	if to != "" {
		what, gate = "the phase "+string(to), "relayform verify --live --before "+string(to)
	} else {
		at = p.Source()
	}
	fault := diag.RotationPhase.Fault(fmt.Sprintf("the phase %s was compiled %s ago, and a cluster that has not applied it yet is cut off by %s", from, minutes(age), what),
		"see that every cluster has it ("+gate+"), then compile with --yes")
	if to == "" {
		return diag.List{p.Doc.FaultAtKey(at, fault)}
	}
	return diag.List{p.Doc.Fault(at, fault)}
}

// unaddressed refuses to take away the address that agents dial, where an engine installs their charts: it would uninstall them.
func (c *compile) unaddressed(p *plan.Plan) error {
	if !c.options.Settle || c.options.Check || p.Deliver == nil || !p.Deliver.Charts {
		return nil
	}
	changes := c.clusters(p)
	if changes == nil {
		return nil
	}
	var names []string
	for _, x := range changes.Readdressed {
		if x.Is.RelayAddress == "" && x.Was.RelayAddress != "" && x.Is.Name != p.Management.Name {
			names = append(names, x.Is.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return diag.List{p.Doc.FaultAtKey([]string{"management"}, diag.Clash.Fault(
		fmt.Sprintf("the agents of %s have dialled an address until now, and no relayAddress says one any more: %s would uninstall them", verify.InWords(names), p.Deliver.Engine()),
		"write management.relayAddress again; to uninstall them all the same, compile with --yes"))}
}

func minutes(d time.Duration) string {
	if d < time.Minute {
		return "less than a minute"
	}
	return diag.Count(int(d/time.Minute), "minute")
}
