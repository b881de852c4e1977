package schema

import (
	"reflect"
	"strings"
)

// Chosen returns the option that is set in a one-of such as Ingress, PKI or Secrets, as a topology writes it: the first field that is set,
// or empty if none is.
func Chosen(oneOf any) string {
	v := reflect.ValueOf(oneOf)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}

// A Choice is a field of the language that takes exactly one of some options: a block with one key, or a word.
type Choice struct {
	Field    string // its path
	Options  []string
	Required bool
}

// Choices returns every one-of of the language, and the product, in the language's order.
func Choices() []Choice {
	var choices []Choice
	compiled().topology().choices(&choices)
	return choices
}

func (s *shape) choices(into *[]Choice) {
	for _, f := range s.fields {
		switch at := f.shape(); {
		case at.oneOf:
			*into = append(*into, Choice{at.at, at.fieldNames(), at.required})
		case at.at == "product":
			*into = append(*into, Choice{at.at, at.options(), at.required})
		}
		f.shape().choices(into)
	}
	if s.elem != nil {
		s.elem.choices(into)
	}
}
