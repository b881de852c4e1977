package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// choicesOf is the annotation of a flag with the values that it takes, where these are few.
const choicesOf = "choices"

// choices declares the values of a flag, for completion and for valued.
func choices(c *cobra.Command, flag string, values ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	_ = c.Flags().SetAnnotation(flag, choicesOf, values)
}

// valued checks that each flag of a command line has a value before pflag parses the line, which would take a flag that follows for the
// value. It also joins a flag that may go without a value with a choice that follows, as in --dry-run server.
func valued(c *cobra.Command, line []string) ([]string, error) {
	var all []string
	for i := 0; i < len(line); i++ {
		all = append(all, line[i])
		if line[i] == "--" {
			return append(all, line[i+1:]...), nil
		}
		flag := waiting(c, line[i])
		switch {
		case flag == nil:
		case flag.NoOptDefVal != "":
			if i+1 < len(line) && slices.Contains(flag.Annotations[choicesOf], line[i+1]) {
				i++
				all[len(all)-1] += "=" + line[i]
			}
		case i+1 == len(line):
			return nil, fmt.Errorf("%s: want a value: %s", line[i], meant(flag))
		case dashed(line[i+1]):
			err := fmt.Errorf("%s %s: want a value between them: %s", line[i], line[i+1], meant(flag))
			if flag.Annotations[choicesOf] == nil {
				err = fmt.Errorf("%w; write one that begins with - as --%s=%s", err, flag.Name, line[i+1])
			}
			return nil, err
		default:
			i++
			all = append(all, line[i])
		}
	}
	return all, nil
}

// waiting returns the flag whose value may be the word after this one; nil where there is none.
func waiting(c *cobra.Command, word string) *pflag.Flag {
	if name, long := strings.CutPrefix(word, "--"); long {
		if flag := c.Flag(name); flag != nil && (flag.NoOptDefVal == "" || flag.Annotations[choicesOf] != nil) {
			return flag
		}
		return nil // it has its value, or is a switch, or unknown
	}
	if !dashed(word) {
		return nil
	}
	for i := 1; i < len(word); i++ {
		switch flag := c.Flags().ShorthandLookup(word[i : i+1]); {
		case flag == nil:
			return nil
		case flag.NoOptDefVal != "":
		case i+1 == len(word):
			return flag
		default:
			return nil // the rest is its value
		}
	}
	return nil
}

// dashed reports whether a word looks like a flag: it is neither - for stdin nor a negative number.
func dashed(word string) bool {
	return len(word) > 1 && word[0] == '-' && !unicode.IsDigit(rune(word[1]))
}

// meant returns what a flag's value is, in words.
func meant(flag *pflag.Flag) string {
	if values := flag.Annotations[choicesOf]; values != nil {
		return inWords(values)
	}
	return flag.Usage
}
