package review_test

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/review"
)

// TestACommentOfAPullRequestSaysItAll checks the whole comment on a change that skips a phase: what breaks, what to do, and the diagram of
// who trusts what.
func TestACommentOfAPullRequestSaysItAll(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 2)
	r := review.Review(&before, after, "topology.yaml", noon)
	const want = "### relayform: **do not merge**: 2 errors\n" +
		"\n" +
		"`topology.yaml`, `HEAD` → `now`\n" +
		"\n" +
		"❌ **phase-skipped** the rotation goes from no rotation to the phase issue in one step<br>one phase at a time, each applied to every cluster before the next: distribute, issue, drain, retire\n" +
		"\n" +
		"❌ **server-refused** agents refuse the relay server while only management is applied: x509: certificate signed by unknown authority Hits asia, core, edge.<br>keep a certificate that both the old and the new state accept until every cluster is applied\n" +
		"\n" +
		"**After merging:**\n" +
		"\n" +
		"1. apply: mgmt, asia and 2 others\n" +
		"2. restart enterprise-networking: mgmt (reads at start: root, signing)\n" +
		"3. restart enterprise-agent: asia, core, edge (reads at start: root)\n" +
		"\n" +
		"<details><summary>Certificates: 3 made, 2 aside, 2 kept</summary>\n" +
		"\n" +
		"```\n" +
		"made     root 2, until 2036-11-28, sha256 37c6ae48317a3ced…\n" +
		"made     signing 2, until 2029-11-30, sha256 f5903b954ce0caa1…\n" +
		"aside    signing 1, sha256 2073f59f6b646a13…\n" +
		"made     server 2, until 2028-01-03, sha256 9cce1061d89a2450…\n" +
		"aside    server 1, sha256 56bcbfd37a2e139f…\n" +
		"kept     2 others\n" +
		"```\n" +
		"\n" +
		"</details>\n" +
		"\n" +
		"<details><summary>Who trusts what</summary>\n" +
		"\n" +
		"```mermaid\n" +
		"flowchart LR\n" +
		"  subgraph s0 [\"before\"]\n" +
		"    s0agents([agents])\n" +
		"    s0root1_f4a3d9f7[\"root 1 (f4a3d9f7)\"]\n" +
		"    s0agents -- trust --> s0root1_f4a3d9f7\n" +
		"    s0server1_56bcbfd3[\"server 1 (56bcbfd3)\"]\n" +
		"    s0root1_f4a3d9f7 -- signed --> s0server1_56bcbfd3\n" +
		"    s0signing1_2073f59f[\"signing 1 (2073f59f)\"]\n" +
		"    s0root1_f4a3d9f7 -- signed --> s0signing1_2073f59f\n" +
		"  end\n" +
		"  subgraph s1 [\"after\"]\n" +
		"    s1agents([agents])\n" +
		"    s1root1_f4a3d9f7[\"root 1 (f4a3d9f7)\"]\n" +
		"    s1agents -- trust --> s1root1_f4a3d9f7\n" +
		"    s1root2_37c6ae48[\"root 2 (37c6ae48)\"]\n" +
		"    s1agents -- trust --> s1root2_37c6ae48\n" +
		"    s1server2_9cce1061[\"server 2 (9cce1061)\"]\n" +
		"    s1root2_37c6ae48 -- signed --> s1server2_9cce1061\n" +
		"    s1signing2_f5903b95[\"signing 2 (f5903b95)\"]\n" +
		"    s1root2_37c6ae48 -- signed --> s1signing2_f5903b95\n" +
		"  end\n" +
		"```\n" +
		"\n" +
		"</details>\n"
	if got := written(t, r, "markdown"); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("%s", got)
	}
	const annotations = `::error file=topology.yaml,title=relayform phase-skipped::the rotation goes from no rotation to the phase issue in one step%0Ahint: one phase at a time, each applied to every cluster before the next: distribute, issue, drain, retire
::error file=topology.yaml,title=relayform server-refused::asia, core, edge: agents refuse the relay server while only management is applied: x509: certificate signed by unknown authority%0Ahint: keep a certificate that both the old and the new state accept until every cluster is applied
`
	if got := written(t, r, "github"); got != annotations {
		t.Errorf("%s", got)
	}
}

// TestEachHandshakeIsPlayed lists the handshakes between relay server and agents when a phase is skipped: an agent that has not been
// updated refuses the server, whatever certificate it has itself.
func TestEachHandshakeIsPlayed(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 2)
	var got strings.Builder
	for _, h := range review.Review(&before, after, "topology.yaml", noon).Handshakes {
		until := ""
		if h.OK {
			until = h.Until.Format("2006-01-02")
		}
		fmt.Fprintf(&got, "%s %s, %s: %s%s\n", h.Management, h.Remote, h.Agent, h.Why, until)
	}
	const want = `before after, first contact: 2028-01-03
before after, before: 2028-01-03
after before, first contact: the agent refuses the server: x509: certificate signed by unknown authority
after before, before: the agent refuses the server: x509: certificate signed by unknown authority
after before, after: the agent refuses the server: x509: certificate signed by unknown authority
after after, first contact: 2028-01-03
after after, before: 2028-01-03
after after, after: 2028-01-03
`
	if got.String() != want {
		t.Errorf("%s", got.String())
	}
}
