package mutualtls

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// places are texts that switch mutual TLS off, with the line and the finding; or that do not, with none.
var places = []struct{ name, text, want string }{
	{"a map of variables", "glooMgmtServer:\n  extraEnvs:\n    RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION:\n      value: \"true\"\n", "3 RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION"},
	{"a map of texts", "glooAgent:\n  env: {RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION: \"1\"}\n", "2 RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION"},
	{"a list of variables", "a:\n  extraEnv:\n  - name: OTHER\n    value: x\n  - name: RELAY_TOKEN\n    value: secret\n", "5 RELAY_TOKEN"},
	{"value before name", "env:\n- value: 'TRUE'\n  name: RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION\n", "3 RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION"},
	{"deep in overrides", "glooMgmtServer: {deploymentOverrides: {spec: {template: {spec: {containers: [{name: x, env: [{name: RELAY_TOKEN, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}}}}}\n", "1 RELAY_TOKEN"},
	{"another switch of the kind", "env: {RELAY_DISABLE_SERVER_CERTIFICATE_CHECK: {value: t}}\n", "1 RELAY_DISABLE_SERVER_CERTIFICATE_CHECK"},
	{"from elsewhere", "env: {RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION: {valueFrom: {configMapKeyRef: {name: x, key: y}}}}\n", "1 RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION"},
	{"no boolean", "env: {RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION: {value: \"yes\"}}\n", "1 RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION"},
	{"escaped", "env: {\"RELAY\\x5fTOKEN\": x}\n", "1 RELAY_TOKEN"},
	{"an assignment in a list", "env:\n- RELAY_TOKEN=x\n", "2 RELAY_TOKEN"},
	{"a shell", "command: [sh, -c, \"export RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION=true && exec agent\"]\n", "1 RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION"},
	{"a file of variables", "# what agents need\nCOLOUR=blue\nRELAY_TOKEN=abc\n", "3 RELAY_TOKEN"},
	{"a key of a ConfigMap", "kind: ConfigMap\ndata:\n  RELAY_TOKEN: x\n", "3 RELAY_TOKEN"},
	{"values in a ConfigMap", "kind: ConfigMap\ndata:\n  values.yaml: |\n    common:\n      insecure: true\n", "5 common.insecure"},
	{"a script in a ConfigMap", "kind: ConfigMap\ndata:\n  run.sh: |\n    #!/bin/sh\n    export RELAY_TOKEN=x\n", "5 RELAY_TOKEN"},
	{"values in an object of Flux", "kind: HelmRelease\nspec:\n  values:\n    glooAgent: {insecure: true}\n", "4 spec.values.glooAgent.insecure"},
	{"a parameter of Argo CD", "helm:\n  parameters:\n  - name: common.insecure\n    value: \"true\"\n  - {name: glooAgent.extraEnvs.RELAY_TOKEN.value, value: x}\n", "3 common.insecure|5 RELAY_TOKEN"},
	{"a second document", "kind: A\n---\nenv: {RELAY_TOKEN: {value: x}}\n", "3 RELAY_TOKEN"},
	{"a JSON patch", "- op: add\n  path: /spec/template/spec/containers/0/env/-\n  value: {name: RELAY_TOKEN, value: x}\n", "3 RELAY_TOKEN"},
	{"a JSON patch of a key", "- {op: replace, path: /data/RELAY_TOKEN, value: x}\n", "1 RELAY_TOKEN"},
	{"a JSON patch of a name", "- {op: replace, path: /spec/template/spec/containers/0/env/0/name, value: RELAY_TOKEN}\n", "1 RELAY_TOKEN"},
	{"a JSON patch of a value", "- {op: add, path: /spec/values/common/insecure, value: true}\n", "1 spec.values.common.insecure"},
	{"JSON", `{"relay": {"insecure": true}}`, "1 relay.insecure"},
	{"plain HTTP", "common: {insecure: true}\n", "1 common.insecure"},
	{"plain HTTP of an agent", "relay:\n  cluster: east\n  insecure: true\n", "3 relay.insecure"},
	{"plain HTTP at the top", "insecure: true\n", "1 insecure"},
	{"plain HTTP below relay", "settings: {relay: {server: {insecure: true}}}\n", "1 settings.relay.server.insecure"},
	{"plain text", "glooAgent: {relay: {plaintext: true}}\n", "1 glooAgent.relay.plaintext"},
	{"a text, which templates take for true", "common: {insecure: \"false\"}\n", "1 common.insecure"},
	{"through an alias", "x: &x {RELAY_TOKEN: {value: a}}\nglooAgent:\n  extraEnvs: *x\n", "1 RELAY_TOKEN|1 RELAY_TOKEN"},
	{"through a merge", "x: &x {insecure: true}\ncommon:\n  <<: *x\n", "1 common.insecure"},
	{"an argument", "glooAgent:\n  extraArgs: [--verbose, --insecure]\n", "2 --insecure"},
	{"an argument of the relay's", "spec: {containers: [{args: [--relay-insecure=true, --disable-client-certificate-authentication]}]}\n", "1 --relay-insecure=true|1 --disable-client-certificate-authentication"},

	{"switched on", "env: {RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION: {value: \"false\"}, RELAY_TOKEN: {value: \"\"}, RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION: \"0\"}\n", ""},
	{"taken out", "env: {RELAY_TOKEN: null}\nlist: [{name: RELAY_TOKEN, $patch: delete}]\n", ""},
	{"removed by a JSON patch", "- {op: remove, path: /data/RELAY_TOKEN}\n- {op: test, path: /data/RELAY_TOKEN, value: x}\n", ""},
	{"a comment", "# RELAY_TOKEN=x, insecure: true\ncommon: {insecure: false}\nx: |\n  # RELAY_TOKEN=x\n  y\n", ""},
	{"words", "description: \"without RELAY_TOKEN, and not insecure; RELAY_TOKEN is for simple TLS\"\n", ""},
	{"longer names", "env: {MY_RELAY_TOKEN: x, RELAY_TOKENS: x, RELAY_DISABLE_METRICS: \"true\"}\n", ""},
	{"another program's", "telemetryCollector: {config: {exporters: {otlp: {tls: {insecure: true}}}}, extraArgs: [--insecure]}\n", ""},
	{"a Secret's name", "relay: {tokenSecret: {name: RELAY_TOKEN}}\n", ""},
	{"an argument that is off", "glooAgent: {extraArgs: [--insecure=false]}\n", ""},
}

// TestWhatSwitchesItOffIsFound searches values and manifests in many forms.
func TestWhatSwitchesItOffIsFound(t *testing.T) {
	for _, p := range places {
		var got []string
		for _, f := range InValues([]byte(p.text)) {
			got = append(got, fmt.Sprintf("%d %s", f.Line, f.What))
			if f.Why == "" || !strings.Contains(f.String(), f.Why) {
				t.Errorf("%s: nothing says why", p.name)
			}
		}
		if said := strings.Join(got, "|"); said != p.want {
			t.Errorf("%s: got %q, want %q", p.name, said, p.want)
		}
		manifests := len(InManifests([]byte(p.text)))
		if p.name == "plain HTTP at the top" {
			manifests++ // it could belong to anything
		}
		if manifests != len(got) {
			t.Errorf("%s: %d in values, %d in manifests", p.name, len(got), manifests)
		}
		var tree map[string]any
		if err := yaml.Unmarshal([]byte(p.text), &tree); err == nil && !strings.Contains(p.text, "---") && strings.Contains(p.text, ": ") {
			if n := len(InTree(tree)); n != len(got) {
				t.Errorf("%s: %d in the text, %d in the tree", p.name, len(got), n)
			}
		}
	}
}

// TestTextsInTextsEnd parses nested texts, and terminates.
func TestTextsInTextsEnd(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		b.WriteString(strings.Repeat(" ", i) + "a: |\n")
	}
	b.WriteString(strings.Repeat(" ", 1000) + "RELAY_TOKEN=x\n")
	if found := InManifests([]byte(b.String())); len(found) != 1 {
		t.Errorf("%v", found)
	}
}
