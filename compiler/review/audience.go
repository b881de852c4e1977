package review

import (
	"fmt"
	"strings"

	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// ownAudience is who opens what a cluster receives from git, where that is not who does for all.
func ownAudience(x plan.Cluster) string {
	if x.Audience == nil {
		return ""
	}
	return audience(*x.Audience)
}

// audience is who opens private values, in words.
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
