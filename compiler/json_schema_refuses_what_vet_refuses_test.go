package compiler

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v3"

	"relayform/schema"
)

// A JSON Schema sees only the values of one topology, and a rule applies to one block. Reasons why it cannot express vet's checks.
const (
	ofFiles  = "it is in another file"
	ofLocks  = "it is in the lockfile"
	ofText   = "it is how the file is written, and the values are the same"
	ofBlocks = "it compares blocks"
	ofWords  = "it has to be read: as a span of time, an address, a name with others before it"
)

// unsaid are the codes that a schema need not refuse.
var unsaid = map[string]string{
	"bad-patch": ofFiles, "bad-component": ofFiles, "bad-certificate": ofFiles, "bad-file": ofFiles, "bad-policy": ofFiles, "policy": ofFiles, "bad-sealed": ofFiles,
	"sealing-certificate": ofFiles, "keys-exposed": ofFiles, "no-mutual-tls": ofFiles,
	"bad-lockfile": ofLocks, "lock-missing": ofLocks, "lock-mismatch": ofLocks, "root-changed": ofLocks, "rotation-phase": ofLocks,
	"unsupported-yaml": ofText, "encoding": ofText, "yaml-syntax": ofText, "duplicate-key": ofText, "bad-character": ofText, "private-material": ofText,
	"clash": ofBlocks, "no-recipient": ofBlocks, "validity": ofWords, "tls-ends-early": ofWords, "proxy-header": ofWords,
}

// unsaidOf are single files with other codes, by why a schema cannot refuse them.
var unsaidOf = map[string]string{
	ofFiles: "folder-values-ignored folder-patch-deep folder-policy-deep folder-patch-copies folder-component-copies folder-patch-selector folder-external-slow " +
		"folder-deliver-component-semicolon folder-deliver-values-template folder-link-out folder-link-absolute folder-link-component-out folder-component-link path-git path-git-host",
	ofLocks: "folder-lock-newer",
	ofText: "trap-cluster-on trap-float-port trap-cluster-yes trap-cluster-off trap-hex-port trap-underscores trap-context-no trap-cluster-y trap-name-yes " +
		"trap-sexagesimal trap-cluster-n trap-cluster-no trap-octal-port",
	ofBlocks: "cert-manager-signing-own-step cert-manager-signing-step cert-manager-issuers-of-nobody clients-for-nobody clients-for-management telemetry-of-1x charts-version-of-another " +
		"charts-version-of-another-2-0 store-azure-path telemetry-external-missing remote-authorities-too-many deliver-hub-too-many deliver-name-too-long deliver-management-name-too-long " +
		"cluster-domain-long telemetry-domain-long",
	ofWords: "cert-manager-issuer-kind cert-manager-issuer-kind-of-another-group cert-manager-agent-issuer cert-manager-issuer-group cert-manager-issuer-group-alone cert-manager-issuer-group-slip " +
		"cert-manager-issuers-kind store-sops-plugin encrypt-to-no-recipient address-ipv4-bad address-loopback address-unspecified address-multicast address-localhost gateway-address " +
		"gateway-address-v6 address-wildcard address-umlaut address-underscore-dash address-look-alike address-ipv6-bad telemetry-address-loopback path-leaves-inside deliver-path-above deliver-path-above-later",
}

// TestJSONSchemaRefusesWhatVetRefuses checks the hostile inputs with the JSON Schema for editors: it refuses each whose fault a schema can
// express.
func TestJSONSchemaRefusesWhatVetRefuses(t *testing.T) {
	editor := editorSchema(t)
	code := regexp.MustCompile(`\[([a-z-]+)\]\n`)
	named := map[string]bool{}
	for _, names := range unsaidOf {
		for name := range strings.FieldsSeq(names) {
			named[name] = true
		}
	}
	refused, unused := 0, map[string]bool{}
	for c := range unsaid {
		unused[c] = true
	}
	for name, path := range hostile(t) {
		document, err := values(read(t, filepath.Join("../fixtures/hostile", path)))
		if err != nil {
			continue // the editor reports it before the schema applies
		}
		if editor.Validate(document) != nil {
			refused++
			if named[name] {
				t.Errorf("%s: the schema refuses it; take it from the list", name)
			}
			continue
		}
		said := code.FindAllStringSubmatch(string(read(t, "../golden/hostile/"+name+".txt")), -1)
		sayable := slices.ContainsFunc(said, func(c []string) bool { return unsaid[c[1]] == "" })
		for _, c := range said {
			delete(unused, c[1])
		}
		if sayable && !named[name] {
			t.Errorf("%s: vet refuses it, for %s, and the JSON Schema takes it; schema/editor.go has what editors are told", name, said[0][1])
		}
	}
	if refused < 300 {
		t.Errorf("%d hostile inputs are refused; want 300", refused)
	}
	for c := range unused {
		t.Errorf("the schema refuses all of %s; take the code from the list", c)
	}
}

// TestJSONSchemaTakesEveryFixture checks it with what compiles.
func TestJSONSchemaTakesEveryFixture(t *testing.T) {
	editor := editorSchema(t)
	for name, project := range fixtures(t) {
		document, err := values(read(t, project.Topology))
		if err == nil {
			err = editor.Validate(document)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func editorSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal([]byte(schema.JSONSchema()), &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// values decodes a YAML document into JSON values.
func values(text []byte) (any, error) {
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	again, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	var plain any
	err = json.Unmarshal(again, &plain)
	return plain, err
}
