package lockfile

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// agentsHead is the first line of the section of agents' certificates.
const agentsHead = "agents:\n"

// broughtLine occurs in the line of an agent's certificate from an external PKI, and in no other.
const broughtLine = `,"source":"external",`

// agentLine is an agent's certificate in the lockfile: one line each, so that git merges and shows them separately.
type agentLine struct {
	Agent       string `json:"agent"`
	Generation  int    `json:"generation"`
	Source      string `json:"source,omitempty"`  // External, or empty if relayform issued it
	Root        int    `json:"root,omitempty"`    // with External: the generation of its roots
	Signing     int    `json:"signing,omitempty"` // otherwise: the generation of the signing CA
	Algorithm   string `json:"algorithm"`
	Validity    string `json:"validity,omitempty"` // as requested; none with External
	NotBefore   string `json:"notBefore"`
	NotAfter    string `json:"notAfter"`
	SHA256      string `json:"sha256"`
	SPKI        string `json:"spki"`
	Certificate string `json:"certificate"` // DER, in base64
	// Intermediates are those between it and the root, its issuer first: DER, in base64.
	Intermediates []string `json:"intermediates,omitempty"`
}

func (a Agent) line() []byte {
	l := agentLine{
		Agent: a.Cluster, Generation: a.Generation, Algorithm: a.Algorithm, NotBefore: a.NotBefore, NotAfter: a.NotAfter, SHA256: a.SHA256, SPKI: a.SPKI,
		Certificate: base64.StdEncoding.EncodeToString(a.Chain[0].Raw),
	}
	if a.Source == External {
		l.Source, l.Root = External, a.Under.Generation
		for _, c := range a.Chain[1:] {
			l.Intermediates = append(l.Intermediates, base64.StdEncoding.EncodeToString(c.Raw))
		}
	} else {
		l.Signing, l.Validity = a.Under.Generation, fmt.Sprintf("%dh", int64(a.Validity/time.Hour))
	}
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // only strings and numbers, which always encode
	}
	return slices.Concat([]byte("- "), text, []byte("\n"))
}

// marshalAgents returns the section; empty if there are no agents' certificates.
func (l *File) marshalAgents() []byte {
	if len(l.Agents) == 0 {
		return nil
	}
	text := append(make([]byte, 0, 1600*len(l.Agents)), agentsHead...)
	for _, a := range l.Agents {
		text = append(text, a.line()...)
	}
	return text
}

// agents parses the section of agents' certificates, which begins after the given number of lines. A line is valid only if it is exactly
// what relayform writes for its certificate, and if the signing CA it names signed it.
func (p *parser) agents(name string, before int, text []byte) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // from git on Windows
	records := bytes.SplitAfter(bytes.TrimPrefix(text, []byte(agentsHead)), []byte("\n"))
	if len(records[len(records)-1]) == 0 {
		records = records[:len(records)-1]
	}
	n := before + 1
	if len(records) == 0 || len(records) > 2*schema.MaxIssuedAgents {
		message := fmt.Sprintf("%d certificates of agents; the limit is %d", len(records), 2*schema.MaxIssuedAgents)
		if len(records) == 0 {
			message = "no certificate follows"
		}
		p.faults = append(p.faults, lineFault(name, n, []byte("agents:"), message))
		return
	}
	above := map[Under][]placed{}
	for _, c := range p.every() {
		above[Under{c.Role, c.Generation}] = append(above[Under{c.Role, c.Generation}], c)
	}
	for _, raw := range records {
		n++
		a, message := readAgent(raw)
		switch last := len(p.lock.Agents) - 1; {
		case bytes.HasPrefix(raw, []byte("<<<<<<<")):
			message = "a git merge conflict begins here"
		case message != "":
		case last >= 0 && p.lock.Agents[last].compare(a) == 0:
			message = fmt.Sprintf("a second certificate of %s under one signing CA, or one root; one is in force at a time", a.Cluster)
		case last >= 0 && p.lock.Agents[last].compare(a) > 0:
			message = fmt.Sprintf("it comes after %s; want lines sorted by cluster, then by issuer", p.lock.Agents[last].Cluster)
		case a.Source == External:
			message = p.brought(a, above[a.Under])
		default:
			message = p.agent(a, above[a.Under])
		}
		if message == "" {
			p.lock.Agents = append(p.lock.Agents, a)
			continue
		}
		p.faults = append(p.faults, lineFault(name, n, bytes.TrimSuffix(raw, []byte("\n")), message))
		if len(p.faults) == diag.MaxFaults || strings.HasPrefix(message, "a conflict") {
			return
		}
	}
}

// lineFault returns a fault at a line of records.
func lineFault(name string, n int, line []byte, message string) diag.Diagnostic {
	shown := diag.Printable(secrecy.Mask(strings.ToValidUTF8(string(line[:min(len(line), shownOfLine)]), "?")))
	at := diag.Pos{File: name, Line: n, Column: 1, EndLine: n, EndColumn: 1 + max(utf8.RuneCountInString(shown), 1)}
	return diag.Diagnostic{Pos: at, Text: shown, Fault: *diag.BadLockfile.Fault(message, restoreHint)}
}

// readAgent parses a line; the string says what is wrong with it.
func readAgent(raw []byte) (Agent, string) {
	const unlike = "want a record, as relayform writes it on one line"
	object, ok := bytes.CutPrefix(bytes.TrimSuffix(raw, []byte("\n")), []byte("- "))
	var l agentLine
	if !ok || !bytes.HasSuffix(raw, []byte("\n")) || json.Unmarshal(object, &l) != nil {
		return Agent{}, unlike
	}
	if len(l.Intermediates) > pki.MaxChain {
		return Agent{}, fmt.Sprintf("more than %d intermediates; no chain is longer", pki.MaxChain)
	}
	chain := make([]*x509.Certificate, 0, 1+len(l.Intermediates))
	for i, text := range append([]string{l.Certificate}, l.Intermediates...) {
		field := "certificate"
		if i > 0 {
			field = fmt.Sprintf("intermediates[%d]", i-1)
		}
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return Agent{}, field + ": want DER in base64"
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return Agent{}, field + ": " + pki.InWords(err)
		}
		chain = append(chain, c)
	}
	validity, _ := time.ParseDuration(l.Validity)
	a := NewAgent(l.Agent, l.Signing, l.Generation, validity, chain[0])
	if l.Source == External {
		a = BroughtAgent(l.Agent, l.Root, l.Generation, chain...)
	}
	if want := a.line(); !bytes.Equal(want, raw) {
		var w agentLine
		_ = json.Unmarshal(bytes.TrimPrefix(want, []byte("- ")), &w) // it was just encoded
		for _, f := range [][3]string{
			{"algorithm", w.Algorithm, l.Algorithm}, {"validity", w.Validity, l.Validity}, {"notBefore", w.NotBefore, l.NotBefore},
			{"notAfter", w.NotAfter, l.NotAfter}, {"sha256", w.SHA256, l.SHA256}, {"spki", w.SPKI, l.SPKI},
		} {
			if f[1] != f[2] {
				return a, fmt.Sprintf("%s: the certificate says %s, but this says %s", f[0], told(f[1]), told(f[2]))
			}
		}
		return a, unlike
	}
	return a, ""
}

// agent checks a certificate against the signing CA that should have signed it; empty if it is valid.
func (p *parser) agent(a Agent, signers []placed) string {
	if len(signers) == 0 {
		return fmt.Sprintf("the line says that signing CA %d signed it, but the lockfile has no such CA", a.Under.Generation)
	}
	c, signer := a.Chain[0], signers[0]
	switch {
	case signer.Source != SelfSigned:
		return fmt.Sprintf("relayform issues agents' certificates under a signing CA of its own, and %s is %s", signer, signer.Source)
	case a.Generation < 1:
		return "generation: want a count from 1"
	case !slices.Equal(a.SANs, []string{a.Cluster}):
		return fmt.Sprintf("its DNS names are %s; want only the cluster's name, %s", told(a.SANs), told(a.Cluster))
	case !pki.Issued(c, signer.Chain[0]):
		return fmt.Sprintf("the key of %s did not sign the certificate", signer)
	case !pki.Lasts(c, signer.Chain[0], a.Validity):
		return fmt.Sprintf("validity: the certificate is valid from %s to %s, which is a different validity", a.NotBefore, a.NotAfter)
	}
	if m := pki.FindMisfit(pki.Agent, c, p.topology, a.Generation); m != nil {
		return cmp.Or(m.Of, "certificate") + ": relayform issues an agent's certificate differently: " + m.Message
	}
	return ""
}

// brought checks an agent's certificate from an external PKI against its roots; empty if it is valid.
func (p *parser) brought(a Agent, roots []placed) string {
	switch {
	case len(roots) == 0:
		return fmt.Sprintf("the line says that it chains to root %d, but the lockfile has no such root", a.Under.Generation)
	case roots[0].Source != External:
		return fmt.Sprintf("its source is external, and %s is %s", roots[0], roots[0].Source)
	case a.Generation < 1:
		return "generation: want a count from 1"
	case !slices.Contains(a.Chain[0].DNSNames, a.Cluster):
		return fmt.Sprintf("its DNS names are %s; want the cluster's name among them, %s", told(a.SANs), told(a.Cluster))
	}
	if m := p.underAnchors(roots, placed{Certificate: a.Certificate}); m.message != "" {
		return "certificate: " + m.message
	}
	return ""
}
