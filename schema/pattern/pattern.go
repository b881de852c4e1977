// Package pattern has regular expressions that cost nothing until they are needed: most runs need few.
package pattern

import (
	"regexp"
	"sync"
)

// Late gives a regular expression, which is compiled when it is first asked for. It panics then where the
// expression is none; a test looks at every one in the program.
func Late(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
