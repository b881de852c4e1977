package helm

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/product"
	"relayform/schema/diag"
)

// Ignored is a value that a product's charts silently ignore.
type Ignored struct {
	Path string
	Want string   // the intended value; empty if the charts have none
	Of   []string // the products whose charts have it
}

// Message says what is wrong with the value, for which charts.
func (i Ignored) Message(p product.Profile) string {
	message := fmt.Sprintf("the charts of %s ignore %s", p.Name, i.Path)
	if len(i.Of) > 0 {
		message += ", which is a value of those of " + strings.Join(i.Of, " and ")
	}
	return message
}

// Paths are the values' paths of a product, and of other generations.
type Paths struct {
	leaves []string
	own    [][]string // the same, split into keys
	here   []meaning
	others []generation
}

// generation is the paths of a different product's values.
type generation struct {
	name     string
	meanings []meaning
	tops     []string // those that the product does not have
}

// PathsOf returns the paths for a product.
func PathsOf(p product.Profile) Paths {
	x := Paths{leaves: leaves(p), here: meanings(p)}
	for _, leaf := range x.leaves {
		x.own = append(x.own, strings.Split(leaf, "."))
	}
	for _, other := range product.Profiles {
		if other.Name == p.Name {
			continue
		}
		g := generation{name: other.Name, meanings: meanings(other)}
		for _, top := range tops(other) {
			if !slices.Contains(tops(p), top) {
				g.tops = append(g.tops, top)
			}
		}
		x.others = append(x.others, g)
	}
	return x
}

// Ignored reports whether the product's charts ignore a value that was meant for the relay: one of a different generation, in the wrong
// place, or misspelt. Values that have nothing to do with the relay are not checked.
func (x Paths) Ignored(path string) (Ignored, bool) {
	for _, o := range x.leaves {
		if path == o || strings.HasPrefix(path, o+".") || strings.HasPrefix(o, path+".") {
			return Ignored{}, false
		}
	}
	for _, o := range x.leaves {
		if strings.EqualFold(path, o) {
			return Ignored{Path: path, Want: o}, true
		}
	}
	if found, ok := x.foreign(path); ok {
		return found, true
	}
	keys := strings.Split(path, ".")
	for i, own := range x.own {
		if misplaced(keys, own) || misspelt(keys, own) {
			return Ignored{Path: path, Want: x.leaves[i]}, true
		}
	}
	return Ignored{}, false
}

// meaning is what a value means in any generation of the charts, and its paths: the first is the intended one.
type meaning struct {
	paths []string
	keys  []string // of a map that names a Secret; nil for other values
}

// meanings returns those of a product's values, in the same order for all products.
func meanings(p product.Profile) []meaning {
	secret, token := []string{"name", "namespace"}, []string{"name", "namespace", "key"}
	s, a := p.Server, p.Agent
	return []meaning{
		{[]string{a.Cluster}, nil}, {[]string{a.Address}, nil}, {[]string{a.Authority}, nil},
		{[]string{a.RootSecret}, secret}, {[]string{a.ClientSecret}, secret}, {[]string{a.TokenSecret}, token},
		{[]string{s.ServiceType}, nil}, {[]string{s.ServiceOverrides}, nil},
		{[]string{s.ServerSecret}, secret}, {[]string{s.SigningSecret}, secret}, {[]string{s.TokenSecret}, token},
		{s.Cluster, nil}, {[]string{s.NoRelayCA}, nil}, {[]string{p.ServerChart.License}, nil},
	}
}

// leaves returns the paths of all values of a product that are not maps.
func leaves(p product.Profile) (all []string) {
	for _, m := range meanings(p) {
		for _, path := range m.paths {
			switch {
			case path == "":
			case m.keys == nil:
				all = append(all, path)
			default:
				for _, key := range m.keys {
					all = append(all, path+"."+key)
				}
			}
		}
	}
	for _, s := range slices.Concat(p.Server.Fixed, p.Agent.Fixed, p.OwnClients.Server, p.OwnClients.Agent) {
		all = append(all, s.Path)
	}
	return all
}

// foreign finds a value among those of other generations, and its name in this one.
func (x Paths) foreign(path string) (found Ignored, ok bool) {
	for _, other := range x.others {
		for i, m := range other.meanings {
			for _, at := range m.paths {
				rest, under := strings.CutPrefix(path, at)
				if at == "" || !under || rest != "" && rest[0] != '.' {
					continue
				}
				if found.Path = path; found.Want == "" && len(x.here[i].paths) > 0 && x.here[i].paths[0] != "" {
					found.Want = x.here[i].paths[0] + rest
				}
				if !slices.Contains(found.Of, other.name) {
					found.Of = append(found.Of, other.name)
				}
			}
		}
		if len(found.Of) == 0 && slices.Contains(other.tops, first(path)) {
			found.Path, found.Of = path, []string{other.name}
		}
	}
	return found, len(found.Of) > 0
}

// tops returns the top-level maps that only a generation has, without those that any chart may have.
func tops(p product.Profile) (all []string) {
	for _, path := range leaves(p) {
		if top := first(path); top != path && top != "global" && top != "common" {
			all = append(all, top)
		}
	}
	return all
}

func first(path string) string {
	top, _, _ := strings.Cut(path, ".")
	return top
}

// misplaced reports whether a path lacks parents of the other, such as authority for relay.authority. What remains must end in a specific
// word: the key in a Secret reference is not.
func misplaced(have, whole []string) bool {
	last := len(whole) - 1
	if slices.Contains([]string{"name", "namespace", "key", "enabled"}, whole[last]) {
		last--
	}
	if len(have) >= len(whole) || last < 1 || len(have) < len(whole)-last || !slices.Equal(have[len(have)-(len(whole)-last):], whole[last:]) {
		return false
	}
	for _, key := range whole {
		if len(have) > 0 && have[0] == key {
			have = have[1:]
		}
	}
	return len(have) == 0
}

// misspelt reports whether a path differs from the other in one key, by a letter or two.
func misspelt(have, whole []string) bool {
	if len(have) != len(whole) {
		return false
	}
	wrong := 0
	for i := range have {
		if have[i] == whole[i] {
			continue
		}
		if wrong++; !diag.Close(have[i], whole[i]) {
			return false
		}
	}
	return wrong == 1
}
