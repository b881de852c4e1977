package policy

import _ "embed"

// Page explains policies, with examples, in Markdown.
//
//go:embed README.md
var Page string
