package plan

import (
	"fmt"
	"path/filepath"
	"strconv"

	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// Policy is a user's file of constraints.
type Policy struct {
	Path string // slash-separated, relative to the topology
	Text []byte
}

// MaxPolicies is the maximum number of policies in a topology.
const MaxPolicies = 64

// policies reads the policies that the topology names. They are committed unchanged, so private values in them are refused.
func (r *resolver) policies(p *Plan, t *schema.Topology) {
	if len(t.Policies) > MaxPolicies {
		r.faultAtKey([]string{"policies"}, diag.LimitExceeded.Fault(fmt.Sprintf("%d policies; the limit is %d", len(t.Policies), MaxPolicies), "put what belongs together into one file"))
		return
	}
	for i, path := range t.Policies {
		text, ok := r.read([]string{"policies", strconv.Itoa(i)}, string(path))
		if !ok {
			continue
		}
		r.faults = append(r.faults, source.Private(filepath.Join(filepath.Dir(r.doc.Name()), filepath.FromSlash(string(path))), text, r.guard.Digests...)...)
		p.Policies = append(p.Policies, Policy{string(path), text})
	}
}
