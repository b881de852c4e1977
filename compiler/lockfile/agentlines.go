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

// agentsHead begins the section of agents' certificates.
const agentsHead = "agents:\n"

// agentLine is an agent's certificate as the lockfile has it: one line each, so that git merges and shows them one by one.
type agentLine struct {
	Agent       string `json:"agent"`
	Generation  int    `json:"generation"`
	Signing     int    `json:"signing"`
	Algorithm   string `json:"algorithm"`
	Validity    string `json:"validity"`
	NotBefore   string `json:"notBefore"`
	NotAfter    string `json:"notAfter"`
	SHA256      string `json:"sha256"`
	SPKI        string `json:"spki"`
	Certificate string `json:"certificate"` // DER, in base64
}

func (a Agent) line() []byte {
	text, err := json.Marshal(agentLine{
		a.Cluster, a.Generation, a.Signing, a.Algorithm, fmt.Sprintf("%dh", int64(a.Validity/time.Hour)), a.NotBefore, a.NotAfter, a.SHA256, a.SPKI,
		base64.StdEncoding.EncodeToString(a.Chain[0].Raw),
	})
	if err != nil {
		panic(err) // texts and numbers
	}
	return slices.Concat([]byte("- "), text, []byte("\n"))
}

// marshalAgents is the section; nothing where there are none.
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

// agents reads the section of agents' certificates, which begins after so many lines of the file. A line counts only where it is
// the one that relayform writes for the certificate in it, and the signing CA it names has signed it.
func (p *parser) agents(name string, before int, text []byte) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // git's, on Windows
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
	signers := map[int]placed{}
	for _, c := range slices.Concat(ofRole(p.aside, pki.Signing), ofRole(p.inForce, pki.Signing)) {
		signers[c.Generation] = c
	}
	for _, raw := range records {
		n++
		a, message := readAgent(raw)
		switch last := len(p.lock.Agents) - 1; {
		case bytes.HasPrefix(raw, []byte("<<<<<<<")):
			message = "a conflict of git's begins here"
		case message != "":
		case last >= 0 && p.lock.Agents[last].compare(a) == 0:
			message = fmt.Sprintf("a second certificate of %s under one signing CA; one is in force at a time", a.Cluster)
		case last >= 0 && p.lock.Agents[last].compare(a) > 0:
			message = fmt.Sprintf("it stands after %s; want lines sorted by cluster, then by signing CA", p.lock.Agents[last].Cluster)
		default:
			message = p.agent(a, signers)
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

// lineFault is a fault at a line of records.
func lineFault(name string, n int, line []byte, message string) diag.Diagnostic {
	shown := diag.Printable(secrecy.Mask(strings.ToValidUTF8(string(line[:min(len(line), shownOfLine)]), "?")))
	at := diag.Pos{File: name, Line: n, Column: 1, EndLine: n, EndColumn: 1 + max(utf8.RuneCountInString(shown), 1)}
	return diag.Diagnostic{Pos: at, Text: shown, Fault: *diag.BadLockfile.Fault(message, restoreHint)}
}

// readAgent reads a line, and says what is wrong with it.
func readAgent(raw []byte) (Agent, string) {
	const unlike = "want a record, as relayform writes it on one line"
	object, ok := bytes.CutPrefix(bytes.TrimSuffix(raw, []byte("\n")), []byte("- "))
	var l agentLine
	if !ok || !bytes.HasSuffix(raw, []byte("\n")) || json.Unmarshal(object, &l) != nil {
		return Agent{}, unlike
	}
	der, err := base64.StdEncoding.DecodeString(l.Certificate)
	if err != nil {
		return Agent{}, "certificate: want DER in base64"
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return Agent{}, "certificate: " + pki.InWords(err)
	}
	validity, _ := time.ParseDuration(l.Validity)
	a := NewAgent(l.Agent, l.Signing, l.Generation, validity, c)
	if want := a.line(); !bytes.Equal(want, raw) {
		var w agentLine
		_ = json.Unmarshal(bytes.TrimPrefix(want, []byte("- ")), &w) // it was written just now
		for _, f := range [][3]string{
			{"algorithm", w.Algorithm, l.Algorithm}, {"validity", w.Validity, l.Validity}, {"notBefore", w.NotBefore, l.NotBefore},
			{"notAfter", w.NotAfter, l.NotAfter}, {"sha256", w.SHA256, l.SHA256}, {"spki", w.SPKI, l.SPKI},
		} {
			if f[1] != f[2] {
				return a, fmt.Sprintf("%s: the certificate says %s, and this says %s", f[0], told(f[1]), told(f[2]))
			}
		}
		return a, unlike
	}
	return a, ""
}

// agent holds a certificate against the signing CA that is to have signed it; empty where it fits.
func (p *parser) agent(a Agent, signers map[int]placed) string {
	c := a.Chain[0]
	signer, known := signers[a.Signing]
	switch {
	case !known:
		return fmt.Sprintf("signing CA %d signed it, says the line, and the lockfile has no such", a.Signing)
	case signer.Source != SelfSigned:
		return fmt.Sprintf("relayform issues agents' certificates under a signing CA of its own, and %s is %s", signer, signer.Source)
	case a.Generation < 1:
		return "generation: want a count from 1"
	case !slices.Equal(a.SANs, []string{a.Cluster}):
		return fmt.Sprintf("its DNS names are %s; want the cluster's name alone, %s", told(a.SANs), told(a.Cluster))
	case !pki.Issued(c, signer.Chain[0]):
		return fmt.Sprintf("the key of %s did not sign the certificate", signer)
	case !pki.Lasts(c, signer.Chain[0], a.Validity):
		return fmt.Sprintf("validity: the certificate is valid from %s to %s, which is another", a.NotBefore, a.NotAfter)
	}
	if m := pki.FindMisfit(pki.Agent, c, p.topology, a.Generation); m != nil {
		return cmp.Or(m.Of, "certificate") + ": relayform issues an agent's certificate differently: " + m.Message
	}
	return ""
}
