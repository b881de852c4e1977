// Package pattern has regular expressions that are compiled only when needed: most runs need few of them.
package pattern

import (
	"regexp"
	"sync"
)

// Late returns a function that compiles a regular expression on first use. It panics if the expression is not valid; a test compiles every
// expression in the program.
func Late(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
