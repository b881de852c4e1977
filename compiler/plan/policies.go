package plan

import (
	"fmt"
	"path/filepath"
	"strconv"

	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// Policy is a file of constraints of the users' own.
type Policy struct {
	Path string // slash-separated, from the topology
	Text []byte
}

// MaxPolicies is the number of policies that a topology may name.
const MaxPolicies = 64

// policies reads the policies that the topology names. They are committed as it is, so what is private is refused.
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
