package page_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/graph"
	"relayform/compiler/ingress"
	"relayform/compiler/lifecycle"
	"relayform/compiler/page"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

var at = time.Date(2026, 12, 1, 23, 59, 59, 0, time.UTC)

// of returns a page with the same text everywhere that topologies, foreign certificates and clusters have an influence.
func of(t *testing.T, text string) string {
	t.Helper()
	p := &plan.Plan{
		Name: text, Namespace: text, Authority: text, Product: product.Profiles[0], Ingress: ingress.Chosen{Form: ingress.Forms[0]},
		Management: plan.Cluster{Name: text, Context: text + "c"},
		Remotes:    []plan.Cluster{{Name: text + "r", Agent: true, Context: text, RelayAddress: text, Labels: map[string]string{text: text}}},
	}
	picture, err := graph.Of(p, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	report := func() *verify.Report {
		r := &verify.Report{At: at, Clusters: p.Clusters(), LeftOut: []string{text}}
		r.Findings = []verify.Finding{{
			Fault: diag.Fault{Code: diag.Code(text), Message: text, Hint: text}, Severity: verify.Error, Object: text,
			Clusters: []string{text, text + "r", "c", "d"},
		}}
		return r
	}
	c := lifecycle.Certificate{
		Role: text, Cluster: text, State: lifecycle.InForce, Algorithm: text, Subject: text, SHA256: text, RenewedBy: text,
		NotBefore: at.AddDate(-1, 0, 0), Due: at.AddDate(1, 0, 0), NotAfter: at.AddDate(2, 0, 0),
		Restarts: []lifecycle.Workload{{Deployment: text, Clusters: []string{text}}},
	}
	made := page.Page{
		Plan: p, Picture: picture, Judged: report(), Held: report(),
		Certificates: &lifecycle.Report{Topology: text, At: at, Certificates: []lifecycle.Certificate{c}, Token: &lifecycle.TokenStatus{RenewedBy: text}, Rotation: &lifecycle.Rotation{Phase: text, Since: at}},
	}
	var b strings.Builder
	if err := made.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	tag       = regexp.MustCompile(`<[/!]?[A-Za-z][^\s>]*`)
	attribute = regexp.MustCompile(`\s([a-z-]+)="`)
)

// TestHostileTextIsShownAsText puts active content wherever a page has text: the page has the same tags and attributes as with a plain
// word, and what a terminal would interpret is escaped.
func TestHostileTextIsShownAsText(t *testing.T) {
	plain := of(t, "word")
	for _, text := range []string{
		"<script>alert(1)</script>", "</script><script>alert(1)//", "<!--", "-->", "]]>", "</style><style>*{display:none}", `" onmouseover="alert(1)`, "' onload='alert(1)", "{{.Name}}", "</title><b>",
		"javascript:alert(1)", "</textarea>", "<img src=x onerror=alert(1)>", "&lt;script&gt;", "\u2028alert(1)", "\x1b[2J", "\u202egnp.exe", "\x00", "`${alert(1)}`", "</svg><script>", "__proto__",
	} {
		got := of(t, text)
		if a, b := tag.FindAllString(plain, -1), tag.FindAllString(got, -1); !slices.Equal(a, b) {
			t.Errorf("%q changes the tags", text)
		}
		if a, b := attribute.FindAllString(plain, -1), attribute.FindAllString(got, -1); !slices.Equal(a, b) {
			t.Errorf("%q changes the attributes", text)
		}
		for _, acts := range []string{"\x1b", "\u202e", "\x00"} {
			if strings.Contains(got, acts) {
				t.Errorf("%q is on the page as it is", text)
			}
		}
	}
}

// TestScriptEndsNowhereEarly checks that script and style do not contain what would end their elements.
func TestScriptEndsNowhereEarly(t *testing.T) {
	text := of(t, "word")
	for _, name := range []string{"script", "style"} {
		want := map[string]int{"script": 2, "style": 1}[name]
		if opens, closes := strings.Count(text, "<"+name), strings.Count(text, "</"+name+">"); opens != want || closes != want {
			t.Errorf("%d times <%s and %d times </%s>", opens, name, closes, name)
		}
	}
}

// TestPagesHaveLimits has more certificates and findings than a page shows: it says how many are omitted, and where to find them.
func TestPagesHaveLimits(t *testing.T) {
	p := &plan.Plan{Name: "many", Product: product.Profiles[0], Ingress: ingress.Chosen{Form: ingress.Forms[0]}, Management: plan.Cluster{Name: "m"}}
	made := page.Page{Plan: p, Judged: &verify.Report{At: at, Clusters: []string{"m"}}, Certificates: &lifecycle.Report{At: at}}
	for i := range 1000 {
		day := at.AddDate(0, 0, i)
		made.Certificates.Certificates = append(made.Certificates.Certificates, lifecycle.Certificate{Role: "agent", Cluster: "m", State: lifecycle.InForce, NotBefore: at, Due: day, NotAfter: day})
		made.Judged.Findings = append(made.Judged.Findings, verify.Finding{Fault: diag.Fault{Code: "expired", Message: day.String()}, Severity: verify.Error, Clusters: []string{"m"}})
	}
	var b strings.Builder
	if err := made.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The time line shows only the first 40 rows of the table, and leaves out 960.", "800 more rows are left out; <code>relayform certs</code> lists all.", "800 more findings are left out; <code>relayform verify</code> lists all."} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if n := strings.Count(b.String(), "<rect class=\"life"); n != 40 {
		t.Errorf("%d bars", n)
	}
}

// TestBarsStandAtTheirDates draws a certificate valid for four thousand days, a thousand of which have passed, due after three thousand:
// its bar, its mark and the date of the report are at the right positions.
func TestBarsStandAtTheirDates(t *testing.T) {
	p := &plan.Plan{Name: "x", Product: product.Profiles[0], Ingress: ingress.Chosen{Form: ingress.Forms[0]}, Management: plan.Cluster{Name: "m"}}
	days := func(n int) time.Time { return at.AddDate(0, 0, n) }
	r := &lifecycle.Report{At: at, Certificates: []lifecycle.Certificate{
		{Role: "root", Generation: 7, State: lifecycle.InForce, NotBefore: days(-1000), Due: days(2000), NotAfter: days(3000)},
		{Role: "server", State: lifecycle.InForce, NotBefore: days(-1000), Due: days(-500), NotAfter: days(1000)},
		{Role: "root", State: lifecycle.Leaving, NotBefore: days(-1000), Due: days(-900), NotAfter: days(1000)},
	}}
	var b strings.Builder
	if err := (page.Page{Plan: p, Judged: &verify.Report{Clusters: []string{"m"}}, Certificates: r}).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<rect class="life" x="190" y="44" width="760" `, `<rect class="due" x="760" y="44" width="190" `, `<path class="mark" d="M760 44v14"/>`, `<path class="today" d="M380 14V`,
		`<rect class="due late" x="285" y="78" width="285" `, `<rect class="life faded" x="190" y="112" width="380" `, ">due 2032-05-23</text>", ">leaving</text>", `<span class="badge warning">since 2025-07-19</span>`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is not on the page", want)
		}
	}
	if n := strings.Count(b.String(), `class="mark"`); n != 2 {
		t.Errorf("%d marks; a root that leaves is not due", n)
	}
	if want := "<dt>Next renewal</dt><dd><strong>2025-07-19</strong><span>server 0, 500 days ago"; !strings.Contains(b.String(), want) {
		t.Errorf("%s is not on the page", want)
	}
}

// TestTilesSayTheWorst compares the first thing on the page with verify's result.
func TestTilesSayTheWorst(t *testing.T) {
	finding := func(s verify.Severity) verify.Finding { return verify.Finding{Severity: s, Clusters: []string{"m"}} }
	p := &plan.Plan{Name: "x", Product: product.Profiles[0], Ingress: ingress.Chosen{Form: ingress.Forms[0]}, Management: plan.Cluster{Name: "m"}, Remotes: []plan.Cluster{{Name: "r", Agent: true}}}
	for _, c := range []struct {
		judged, held *verify.Report
		want         []string
	}{
		{&verify.Report{Clusters: []string{"m", "r"}}, nil, []string{`tile good"><dt>Verdict</dt><dd><strong>no problems</strong>`}},
		{&verify.Report{Clusters: []string{"m", "r"}, Public: true}, nil, []string{`tile good"><dt>Verdict</dt><dd><strong>no errors found</strong><span>handshakes need the private keys`}},
		{&verify.Report{Clusters: []string{"m", "r"}, Public: true, Findings: []verify.Finding{finding(verify.Warning)}}, nil, []string{`tile warning"><dt>Verdict</dt><dd><strong>1 warning</strong>`}},
		{&verify.Report{Clusters: []string{"m", "r"}, Findings: []verify.Finding{finding(verify.Error), finding(verify.Warning)}}, nil, []string{`tile error"><dt>Verdict</dt><dd><strong>1 error</strong><span>1 warning, 0 notes`}},
		{&verify.Report{Clusters: []string{"m", "r"}}, &verify.Report{Clusters: []string{"m"}}, []string{`tile good"><dt>Verdict`, `tile warning"><dt>Held now</dt><dd><strong>1 cluster not asked</strong>`, `<span class="badge warning">not asked</span>`}},
	} {
		var b strings.Builder
		if err := (page.Page{Plan: p, Judged: c.judged, Held: c.held, Certificates: &lifecycle.Report{At: at}}).Write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q is not on the page", want)
			}
		}
	}
}
