package review

import (
	"fmt"
	"strings"

	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// ownAudience describes who can decrypt what a cluster receives from git, if that is not the common audience.
func ownAudience(x plan.Cluster) string {
	if x.Audience == nil {
		return ""
	}
	return audience(*x.Audience)
}

// audience describes who can decrypt private values.
func audience(a plan.Audience) string {
	switch {
	case a.Certificate != nil:
		return fmt.Sprintf("the controller of the key %.16s… ", a.Certificate.SPKI)
	case len(a.Recipients) > 0:
		return recipients(a.Recipients)
	}
	return ""
}

func recipients(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("%s (%s)", diag.Count(len(all), "recipient"), strings.Join(all, ", "))
}
