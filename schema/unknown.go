package schema

import (
	"fmt"
	"slices"
	"strings"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// unknown reports a key that the block does not have. It returns the field that was probably meant, if the block lacks that field: the
// value is then checked as that field's, and the field is not reported as missing.
func (c *checker) unknown(s *shape, n *source.Node, k *source.Key, path string) *field {
	if len(c.faults) >= maxKept {
		return nil
	}
	fold := source.Fold(k.Name)
	if k.Refused {
		return s.absent(n, fold)
	}
	message, hint, means := "no such "+s.noun(), "", ""
	alias := aliasOf(s, k.Name)
	switch names := s.fieldNames(); {
	case fold != k.Name && s.field(fold) != nil:
		means = fold
		message += ": " + source.Foreign(k.Name)
		hint = "type it again: " + fold
	case alias != nil:
		means, hint = alias.means, alias.hint
		switch {
		case means != "":
			message += "; want " + means
		case hint == "" || s.oneOf:
			message += "; want one of " + strings.Join(names, ", ")
		}
	case diag.Nearest(fold, names) != "":
		means = diag.Nearest(fold, names)
		message += diag.Meant(means)
	case c.language.home(k.Name) != "":
		message += " here"
		hint = k.Name + " belongs " + place(c.language.home(k.Name))
	case len(names) == 0:
		message += "; this block takes no keys"
	case len(names) == 1:
		message += "; want " + names[0]
	default:
		message += "; want one of " + strings.Join(names, ", ")
	}
	f := s.absent(n, means)
	if f == nil && n.Key(means) != nil && hint == "" {
		hint = fmt.Sprintf("%s is already at line %d", means, n.Key(means).Line)
	}
	c.atKey(k, source.Join(path, k.Name), diag.UnknownKey.Fault(message, hint))
	return f
}

// absent returns the field with this name, if the block n does not have it.
func (s *shape) absent(n *source.Node, name string) *field {
	if n.Key(name) != nil {
		return nil
	}
	return s.field(name)
}

// place describes where a block is, in a user's words.
func place(at string) string {
	return "under " + strings.ReplaceAll(at, "*", "<cluster>")
}

// noun returns what the keys of a block are called.
func (s *shape) noun() string {
	switch s.at {
	case "pki":
		return "PKI source"
	case "secrets":
		return "secret store"
	case "management.ingress":
		return "ingress"
	}
	return "key"
}

// badName reports a key that the user chose and that the language does not accept.
func (c *checker) badName(s *shape, n *source.Node, k *source.Key, path string) {
	k.Refused = true
	if len(c.faults) >= maxKept {
		return
	}
	lower := strings.ToLower(k.Name)
	if twin := n.Key(lower); twin != nil && lower != k.Name && c.language.takes(s, lower) {
		c.atKey(k, path, diag.Clash.Fault(fmt.Sprintf("differs from %s, line %d, only in case; names are in lower case", lower, twin.Line), "remove one of the two, or choose another name"))
		return
	}
	why, hint := c.hint(s, k.Name)
	if k.Name == "" {
		why = "; it is empty"
	}
	c.atKey(k, path, diag.BadValue.Fault("want "+s.want()+why, hint))
}

// retract removes the fault that a key is not text, because the quotes that it suggests would not help.
func (c *checker) retract(k *source.Key) bool {
	i := slices.IndexFunc(c.faults, func(d diag.Diagnostic) bool {
		return d.Code == diag.WrongType && d.Pos.Line == k.Line && d.Pos.Column == k.Column
	})
	if i >= 0 {
		c.faults = slices.Delete(c.faults, i, i+1)
	}
	return i >= 0
}

// notTopology reports a file of a completely different kind; other faults would only distract.
func (c *checker) notTopology(n *source.Node) bool {
	version, kind := n.Key("apiVersion"), n.Key("kind")
	if version == nil || kind == nil || version.Value.Kind != source.Scalar || kind.Value.Kind != source.Scalar ||
		version.Value.Refused || kind.Value.Refused ||
		strings.HasPrefix(version.Value.Value, "relayform") || strings.EqualFold(kind.Value.Value, "Topology") || kind.Value.Value == "" {
		return false
	}
	c.atNode(version.Value, "apiVersion", diag.BadValue.Fault("want relayform/v1, got "+version.Value.Reading(), fmt.Sprintf("this is a %s, not a topology; name the topology file as the argument", diag.Shorten(kind.Value.Value))))
	return true
}
