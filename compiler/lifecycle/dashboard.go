package lifecycle

import (
	"io"

	"relayform/schema/diag"
)

// The parts of a Grafana dashboard that relayform writes
// (https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/), schema version 39:
// Grafana 11 and later import and upgrade it.
type (
	dashboard struct {
		UID           string     `json:"uid"`
		Title         string     `json:"title"`
		Description   string     `json:"description"`
		Tags          []string   `json:"tags"`
		SchemaVersion int        `json:"schemaVersion"`
		Editable      bool       `json:"editable"`
		Refresh       string     `json:"refresh"`
		Time          span       `json:"time"`
		Templating    templating `json:"templating"`
		Panels        []panel    `json:"panels"`
	}
	span struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	templating struct {
		List []variable `json:"list"`
	}
	variable struct {
		Name       string      `json:"name"`
		Label      string      `json:"label"`
		Type       string      `json:"type"`
		Query      string      `json:"query"`
		Datasource *datasource `json:"datasource,omitempty"`
		Current    *choice     `json:"current,omitempty"`
		Refresh    int         `json:"refresh"`
	}
	choice struct {
		Text  string `json:"text"`
		Value string `json:"value"`
	}
	datasource struct {
		Type string `json:"type"`
		UID  string `json:"uid"`
	}
	panel struct {
		ID              int              `json:"id"`
		Type            string           `json:"type"`
		Title           string           `json:"title"`
		Description     string           `json:"description"`
		Datasource      datasource       `json:"datasource"`
		GridPos         place            `json:"gridPos"`
		Targets         []target         `json:"targets"`
		FieldConfig     fields           `json:"fieldConfig"`
		Transformations []transformation `json:"transformations,omitempty"`
	}
	place struct {
		X int `json:"x"`
		Y int `json:"y"`
		W int `json:"w"`
		H int `json:"h"`
	}
	target struct {
		RefID        string     `json:"refId"`
		Datasource   datasource `json:"datasource"`
		Expr         string     `json:"expr"`
		Instant      bool       `json:"instant"`
		Range        bool       `json:"range"`
		Format       string     `json:"format"`
		LegendFormat string     `json:"legendFormat"`
	}
	fields struct {
		Defaults  defaults `json:"defaults"`
		Overrides []string `json:"overrides"` // always empty
	}
	defaults struct {
		Unit       string     `json:"unit"`
		NoValue    string     `json:"noValue,omitempty"`
		Thresholds thresholds `json:"thresholds"`
	}
	thresholds struct {
		Mode  string `json:"mode"`
		Steps []step `json:"steps"`
	}
	step struct {
		Color string   `json:"color"`
		Value *float64 `json:"value"`
	}
	transformation struct {
		ID      string `json:"id"`
		Options struct {
			ExcludeByName map[string]bool `json:"excludeByName"`
		} `json:"options"`
	}
)

// panels are the dashboard's queries. In an expression $topology is the topology that the viewer selects.
var panels = []struct {
	kind, title, description, unit, none string
	expr, legend                         string
	at                                   place
	red, orange                          float64 // thresholds: below these or, with rising, above
	rising                               bool
}{
	{kind: "stat", title: "Next renewal", description: "How long until the next certificate is due.", unit: "s", expr: `min(` + due + `{topology="$topology",state!="leaving"}) - time()`, at: place{0, 0, 6, 4}, red: 1, orange: 30 * 86400},
	{kind: "stat", title: "First end", description: "How long until the first certificate ends.", unit: "s", expr: `min(` + notAfter + `{topology="$topology",state!="leaving"}) - time()`, at: place{6, 0, 6, 4}, red: 7 * 86400, orange: 30 * 86400},
	{kind: "stat", title: "Due now", description: "Certificates that are due for renewal.", unit: "none", expr: `count(` + due + `{topology="$topology",state!="leaving"} <= time()) or vector(0)`, at: place{12, 0, 4, 4}, orange: 1, red: 10, rising: true},
	{kind: "stat", title: "Rotation of the root", description: "How long the rotation has been in its phase.", unit: "s", none: "none", expr: `time() - ` + since + `{topology="$topology"}`, legend: "{{phase}}", at: place{16, 0, 4, 4}, orange: 30 * 86400, red: 400 * 86400, rising: true},
	{kind: "stat", title: "Orphaned files", description: "Files of the key store that nothing needs; relayform gc removes them.", unit: "none", expr: orphaned + `{topology="$topology"}`, at: place{20, 0, 4, 4}, orange: 1, red: 1000, rising: true},
	{kind: "bargauge", title: "Days left", description: "Of each role, until its first certificate ends.", unit: "d", expr: `min by (role, generation) (` + notAfter + `{topology="$topology"} - time()) / 86400`, legend: "{{role}} {{generation}}", at: place{0, 4, 24, 7}, red: 7, orange: 30},
	{kind: "table", title: "Due", description: "When each certificate should be renewed.", unit: "dateTimeAsIso", expr: `sort(` + due + `{topology="$topology",state!="leaving"} * 1000)`, at: place{0, 11, 12, 12}},
	{kind: "table", title: "Valid until", description: "When each certificate ends.", unit: "dateTimeAsIso", expr: `sort(` + notAfter + `{topology="$topology"} * 1000)`, at: place{12, 11, 12, 12}},
}

// WriteDashboard writes a Grafana dashboard for the metrics of WritePrometheus, with the report's topology preselected.
func (r *Report) WriteDashboard(w io.Writer) error {
	source := datasource{"prometheus", "${datasource}"}
	d := dashboard{
		UID: "relayform-certificates", Title: "relayform: certificates", Description: "Written by relayform certs --format grafana, for the metrics of --format prometheus.",
		Tags: []string{"relayform"}, SchemaVersion: 39, Editable: true, Refresh: "5m", Time: span{"now-30d", "now"},
	}
	d.Templating.List = []variable{
		{Name: "datasource", Label: "Data source", Type: "datasource", Query: "prometheus", Refresh: 1},
		{Name: "topology", Label: "Topology", Type: "query", Query: "label_values(" + notAfter + ", topology)", Datasource: &source, Current: &choice{r.Topology, r.Topology}, Refresh: 2},
	}
	for i, p := range panels {
		table := p.kind == "table"
		format := "time_series"
		if table {
			format = "table"
		}
		one := panel{
			ID: i + 1, Type: p.kind, Title: p.title, Description: p.description, Datasource: source, GridPos: p.at,
			Targets:     []target{{RefID: "A", Datasource: source, Expr: p.expr, Instant: true, Format: format, LegendFormat: p.legend}},
			FieldConfig: fields{Defaults: defaults{Unit: p.unit, NoValue: p.none, Thresholds: thresholds{"absolute", steps(p.red, p.orange, p.rising)}}, Overrides: []string{}},
		}
		if table {
			hide := transformation{ID: "organize"}
			hide.Options.ExcludeByName = map[string]bool{"Time": true, "__name__": true, "instance": true, "job": true, "sha256": true, "source": true, "topology": true}
			one.Transformations = []transformation{hide}
		}
		d.Panels = append(d.Panels, one)
	}
	return diag.WriteJSON(w, "  ", d)
}

// steps returns the colours of a value: if it falls over time, red comes first; if it rises, green does.
func steps(red, orange float64, rising bool) []step {
	switch {
	case red == 0 && orange == 0:
		return []step{{Color: "text"}}
	case rising:
		return []step{{Color: "green"}, {"orange", &orange}, {"red", &red}}
	}
	return []step{{Color: "red"}, {"orange", &red}, {"green", &orange}}
}
