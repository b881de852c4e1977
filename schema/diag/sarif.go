package diag

import "io"

// The part of SARIF 2.1.0 (OASIS) that is written; the names are the standard's.
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
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region *sarifRegion `json:"region,omitempty"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// WriteSARIF writes a SARIF 2.1.0 log with one run. The version is that of the program.
func (l List) WriteSARIF(w io.Writer, version string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "relayform", Version: version, Rules: []sarifRule{}}
	index := map[Code]int{}
	for _, d := range l {
		d = d.masked()
		if _, ok := index[d.Code]; !ok {
			index[d.Code] = len(run.Tool.Driver.Rules)
			e, _ := Explain(d.Code)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: string(d.Code), Short: sarifText{e.Title}, Full: sarifText{e.Text}})
		}
		r := sarifResult{RuleID: string(d.Code), RuleIndex: index[d.Code], Level: "error", Message: sarifText{d.Message}, Locations: make([]sarifLocation, 1)}
		if d.Path != "" {
			r.Message.Text = d.Path + ": " + r.Message.Text
		}
		if d.Hint != "" {
			r.Message.Text += " (hint: " + d.Hint + ")"
		}
		r.Locations[0].Physical.Artifact.URI = uri(d.File)
		if d.Line > 0 {
			r.Locations[0].Physical.Region = &sarifRegion{d.Line, d.Column, d.EndLine, d.EndColumn}
		}
		run.Results = append(run.Results, r)
	}
	text, err := marshal(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
