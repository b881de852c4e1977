package compiler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/answer"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// addition is one customization of an overlay by users.
type addition struct {
	field []string
	code  diag.Code
	noun  string
	to    func(*plan.Cluster) // adds it
}

// additions lists a cluster's customizations, in the order in which kustomize applies them.
func additions(p *plan.Plan, c plan.Cluster) []addition {
	at := p.Place(c)
	var all []addition
	for i, component := range c.Components {
		all = append(all, addition{slices.Concat(at, []string{"components", strconv.Itoa(i)}), diag.BadComponent, "component",
			func(c *plan.Cluster) { c.Components = append(c.Components, component) }})
	}
	for i, patch := range c.Patches {
		all = append(all, addition{slices.Concat(at, []string{"patches", strconv.Itoa(i), "path"}), diag.BadPatch, "patch",
			func(c *plan.Cluster) { c.Patches = append(c.Patches, patch) }})
	}
	return all
}

// maxBlamed is how many patches and components of one cluster are reported at once.
const maxBlamed = 10

// attribute finds which of a cluster's patches and components are at fault, each by itself: it searches for the first that causes one of
// the faults, leaves it out, and continues. For each, it builds about the logarithm of their number.
func (f *proof) attribute(c plan.Cluster, emitted *answer.Emitted, whole verdict) diag.List {
	with := func(some []addition) verdict {
		bare := plan.Cluster{Name: c.Name}
		for _, a := range some {
			a.to(&bare)
		}
		r, err := f.render(bare)
		return look(emitted, r, err)
	}
	var faults diag.List
	for rest := additions(f.plan, c); !whole.sound() && len(rest) > 0 && len(faults) < maxBlamed; whole = with(rest) {
		if len(faults) > 0 && whole.err != nil {
			break // it may need what was left out
		}
		found, sound, unsound := whole, 0, len(rest) // counts: faulty with this many
		for unsound-sound > 1 {
			middle := (sound + unsound) / 2
			if at := with(rest[:middle]).of(whole); at.sound() {
				sound = middle
			} else {
				found, unsound = at, middle
			}
		}
		faults = append(faults, f.fault(rest[unsound-1], found))
		rest = slices.Delete(rest, unsound-1, unsound)
	}
	return faults
}

// tooMuch reports that building a cluster's patches and components takes too much.
func (f *proof) tooMuch(c plan.Cluster, err error) diag.Diagnostic {
	at := f.plan.Place(c)
	if len(c.Components) > 0 {
		at = append(at, "components")
	} else {
		at = append(at, "patches")
	}
	return f.plan.Doc.FaultAtKey(at, diag.LimitExceeded.Fault(err.Error(), "patch fewer and smaller objects"))
}

// of returns the faults of a verdict that the whole has too: what is changed and changed back is not a fault.
func (v verdict) of(whole verdict) verdict {
	if v.err != nil || whole.err != nil {
		return verdict{err: v.err}
	}
	counts := make(map[answer.Change]bool, len(whole.changes))
	for _, change := range whole.changes {
		counts[change] = true
	}
	return verdict{changes: slices.DeleteFunc(v.changes, func(change answer.Change) bool { return !counts[change] })}
}

// maxChanges is the maximum number of changes in a message.
const maxChanges = 3

// fault reports what an addition does, at its position.
func (f *proof) fault(a addition, v verdict) diag.Diagnostic {
	if v.err != nil {
		return f.plan.Doc.Fault(a.field, a.code.Fault("kustomize: "+overlay.Reason(v.err), ""))
	}
	var what, own []string
	for _, change := range v.changes[:min(len(v.changes), maxChanges)] {
		what = append(what, change.What)
		if change.Own != "" && !slices.Contains(own, change.Own) {
			own = append(own, change.Own)
		}
	}
	it := "it"
	if more := len(v.changes) - maxChanges; more > 0 {
		what = append(what, fmt.Sprintf("and %d more", more))
	}
	if len(what) > 1 {
		it = "them"
	}
	hint := "remove it from the " + a.noun
	if len(own) > 0 {
		hint += "; the topology sets it in " + strings.Join(own, " and ")
	}
	return f.plan.Doc.Fault(a.field, a.code.Fault("the "+a.noun+" "+strings.Join(what, ", ")+"; relayform is responsible for "+it, hint))
}
