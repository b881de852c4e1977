package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler/review"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

func newExplain() *cobra.Command {
	var output chosen
	all := explainForms()
	c := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain what a diagnostic means, and what to do about it",
		Long: `Explain says what the code at the end of a diagnostic means, why such an input is refused, and
shows a wrong and a right example. Without a code it lists them all.`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return codeNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			explained := explanations()
			if len(args) > 0 {
				e, ok := explained.Of(diag.Code(args[0]))
				if !ok {
					return fmt.Errorf("no such code: %s%s; relayform explain lists them all", diag.Shorten(args[0]), diag.DidYouMean(args[0], codeNames()))
				}
				explained = diag.Explanations{e}
			}
			return all.write(c.OutOrStdout(), &output, explaining{explained, len(args) == 0})
		},
	}
	all.register(c, &output, func() answer { return new(explainDocument) })
	return c
}

// explaining is what is explained: one code, or a list of all.
type explaining struct {
	codes diag.Explanations
	list  bool
}

// explainDocument explains codes.
type explainDocument struct {
	Codes []codeDocument `json:"codes" jsonschema:"The codes that were asked for, or all."`
	faults
}

// codeDocument explains a code.
type codeDocument struct {
	Code   string `json:"code" jsonschema:"The code, as in diagnostics and findings."`
	Group  string `json:"group,omitempty" jsonschema:"The check that finds it, for codes of verify."`
	Title  string `json:"title" jsonschema:"What it means, in a sentence."`
	Text   string `json:"text" jsonschema:"Why it matters and what to do, with examples."`
	Beyond string `json:"beyond,omitempty" jsonschema:"Why it is refused although Go's crypto/x509 accepts it."`
}

func explainForms() forms[explaining] { return formsOf(explaining.writeText, explaining.document) }

func (x explaining) document() answer {
	d := &explainDocument{Codes: make([]codeDocument, len(x.codes))}
	for i, e := range x.codes {
		r, _ := verify.FindBeyond(e.Code)
		d.Codes[i] = codeDocument{string(e.Code), e.Group, e.Title, e.Text, r.Reason}
	}
	return d
}

func (x explaining) writeText(w io.Writer) error {
	var text strings.Builder
	s := screen(w)
	switch r, beyond := verify.FindBeyond(x.codes[0].Code); {
	case x.list:
		for _, e := range x.codes {
			s.Fill(&text, fmt.Sprintf("%-21s ", e.Code), 22, e.Title)
		}
		text.WriteByte('\n')
		s.Fill(&text, "", 0, "Refused although Go's crypto/x509 accepts it; everything else that Go accepts in the same role is accepted here:")
		for _, r := range verify.Beyond {
			s.Fill(&text, fmt.Sprintf("%-21s ", r.Code), 22, r.Reason)
		}
	default:
		fmt.Fprintf(&text, "%s\n\n%s", x.codes[0].Title, x.codes[0].Text)
		if beyond {
			text.WriteByte('\n')
			s.Fill(&text, "", 0, "Refused although Go's crypto/x509 accepts it: "+r.Reason+".")
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// explanations are those of all codes: of inputs, of what verify finds, and of what review finds.
func explanations() diag.Explanations {
	return slices.Concat(diag.Inputs(), verify.Explanations(), review.Explanations())
}

func codeNames() []string {
	var names []string
	for _, e := range explanations() {
		names = append(names, string(e.Code))
	}
	return names
}
