package emit

import (
	"relayform/compiler/shell"
	"relayform/schema/diag"
)

// telemetryAddress says how to find the address that collectors dial, if there is a telemetry gateway.
func (r *runbook) telemetryAddress() {
	t := r.plan.Telemetry
	if t == nil {
		return
	}
	r.step("Find the telemetry gateway's address")
	if t.Address != "" {
		r.printf("The topology has it: `%s`. To read it from the cluster:\n\n", t.Address)
	}
	r.sh("%s", r.relayform("address --telemetry"))
	r.printf("\nBy hand:\n\n")
	r.sh("%s", t.Ingress.Where.Command(shell.Word(r.plan.Management.Context)))
	if t.Address != "" {
		return
	}
	r.printf("\nWrite it into `%s` as `management.telemetry.address` (`%s` with --telemetry finds and writes it), then compile again and commit:\n\n", diag.Printable(r.at.Topology), r.at.Address)
	r.sh("%s", r.relayform("compile"))
	r.printf("\nUntil then the remotes' %s name no telemetry gateway, and their collectors send nothing.\n", valuesFile)
}
