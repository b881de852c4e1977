package compiler

import (
	"fmt"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// settling is how long after a compile clusters may still be in the previous phase: because of a GitOps engine's interval, waves, and
// restarts.
const settling = time.Hour

// hasty refuses a phase of a rotation that follows another in less than settling: a cluster that is two phases behind is cut off. The end
// of a rotation changes nothing in any cluster.
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
		"check that every cluster has it ("+gate+"), then compile with --yes")
	if to == "" {
		return diag.List{p.Doc.FaultAtKey(at, fault)}
	}
	return diag.List{p.Doc.Fault(at, fault)}
}

// uninstalls refuses changes with which an engine would uninstall running charts that are still needed: removing an address that agents
// dial, and renaming a cluster. The engine identifies its releases by name, so it would delete the old ones, with their CRDs and all
// objects of these kinds, while installing the new ones.
func (c *compile) uninstalls(p *plan.Plan) error {
	if !c.options.Settle || c.options.Check || p.Deliver == nil || !p.Deliver.Charts {
		return nil
	}
	changes := c.clusters(p)
	if changes == nil {
		return nil
	}
	var faults diag.List
	var unaddressed []string
	for _, x := range changes.Readdressed {
		if x.Is.RelayAddress == "" && x.Was.RelayAddress != "" && x.Is.Name != p.Management.Name {
			unaddressed = append(unaddressed, x.Is.Name)
		}
	}
	if len(unaddressed) > 0 {
		faults = append(faults, p.Doc.FaultAtKey([]string{"management"}, diag.Clash.Fault(
			fmt.Sprintf("the agents of %s have dialled an address until now, but no relayAddress is set any more: %s would uninstall them", verify.InWords(unaddressed), p.Deliver.Engine()),
			"write management.relayAddress again; to uninstall them anyway, compile with --yes")))
	}
	for _, x := range changes.Renamed {
		faults = append(faults, p.Doc.FaultAtKey(p.Place(x.Is), diag.Clash.Fault(
			fmt.Sprintf("this cluster was %s until now: %s would uninstall its charts under that name, with their CRDs and all objects of those kinds, while it installs them under the new one", x.Was.Name, p.Deliver.Engine()),
			"remove the cluster, commit, wait until the engine is done, and then add it under its new name; to continue anyway, compile with --yes")))
	}
	return faults.Err()
}

func minutes(d time.Duration) string {
	if d < time.Minute {
		return "less than a minute"
	}
	return diag.Count(int(d/time.Minute), "minute")
}
