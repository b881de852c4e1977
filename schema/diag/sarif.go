package diag

import (
	"io"
	"slices"
)

// The part of SARIF 2.1.0 (OASIS) that is written; the names come from the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
		Full  sarifText `json:"fullDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// Result is a fault for a log, with its level and location.
type Result struct {
	Fault
	Level   string
	Pos              // in a file; no location if File is empty
	Objects []string // locations that are not files
}

// WriteSARIF writes a SARIF 2.1.0 log with one run. The version is the program's version.
func (l List) WriteSARIF(w io.Writer, version string) error {
	return WriteSARIF(w, version, Inputs(), l.results())
}

// results returns the faults for machine-readable output.
func (l List) results() []Result {
	results := make([]Result, len(l))
	for i, d := range l {
		d = d.masked()
		if results[i] = (Result{Fault: d.Fault, Level: "error", Pos: d.Pos}); d.Path != "" {
			results[i].Message = d.Path + ": " + d.Message
		}
	}
	return results
}

// WriteSARIF writes a SARIF 2.1.0 log with one run, which explains each code that it has.
func WriteSARIF(w io.Writer, version string, explanations Explanations, results []Result) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	rules := []sarifRule{}
	for _, result := range results {
		rule := slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == string(result.Code) })
		if rule < 0 {
			e, _ := explanations.Of(result.Code)
			rule, rules = len(rules), append(rules, sarifRule{string(result.Code), sarifText{e.Title}, sarifText{e.Paragraph()}})
		}
		message := result.Message
		if result.Hint != "" {
			message += " (hint: " + result.Hint + ")"
		}
		r := sarifResult{string(result.Code), rule, result.Level, sarifText{message}, make([]sarifLocation, 1)}
		if result.File != "" {
			at := new(sarifPhysical)
			if at.Artifact.URI = uri(result.File); result.Line > 0 {
				at.Region = &sarifRegion{result.Line, result.Column, result.EndLine, result.EndColumn}
			}
			r.Locations[0].Physical = at
		}
		for _, name := range result.Objects {
			r.Locations[0].Logical = append(r.Locations[0].Logical, sarifLogical{name})
		}
		run.Results = append(run.Results, r)
	}
	run.Tool.Driver = sarifDriver{Name: "relayform", Version: version, Rules: rules}
	return WriteJSON(w, "", sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}
