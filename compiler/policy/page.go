package policy

import _ "embed"

// Page says what policies are, with examples, in Markdown.
//
//go:embed README.md
var Page string
