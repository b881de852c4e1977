package disclosure

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"filippo.io/age"

	"relayform/compiler/folder"
	"relayform/compiler/pki"
)

const (
	token = "5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee5b1c0ffee0"
	start = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
)

// material is the mesh's private values, and a stranger's.
type material struct {
	mesh                             Mesh
	own, foreign, identity, stranger string
}

func newMaterial(t *testing.T) material {
	t.Helper()
	var m material
	sum := sha256.Sum256([]byte(token))
	m.mesh.Digests = []string{hex.EncodeToString(sum[:])}
	for _, into := range []*string{&m.own, &m.foreign} {
		key, err := pki.GenerateKey(pki.ECDSAP256)
		if err != nil {
			t.Fatal(err)
		}
		text, err := pki.MarshalKey(key)
		if err != nil {
			t.Fatal(err)
		}
		spki, err := pki.SPKI(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		if *into = string(text); into == &m.own {
			m.mesh.Digests = append(m.mesh.Digests, spki)
		}
	}
	for _, into := range []*string{&m.identity, &m.stranger} {
		identity, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		if *into = identity.String(); into == &m.identity {
			m.mesh.Recipients = []string{identity.Recipient().String()}
		}
	}
	return m
}

func block(text string) string {
	return "|\n    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// said formats findings: refused ones after !, warnings after ?.
func said(found []Finding) string {
	var all []string
	for _, f := range found {
		mark := "!"
		if f.Warning {
			mark = "?"
		}
		all = append(all, mark+f.Message)
	}
	return strings.Join(all, "\n")
}

func TestComponentsGiveAway(t *testing.T) {
	m := newMaterial(t)
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: own}\n"
	configMap := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n"
	certificate := "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing":                  {map[string]string{"kustomization.yaml": start, "o.yaml": configMap + "data: {a: b}\n"}, ""},
		"a password":               {map[string]string{"o.yaml": secret + "stringData: {password: hunter2}\n"}, "?c/o.yaml: the values of a Secret are here; they are committed as they are"},
		"encrypted with SOPS":      {map[string]string{"o.yaml": secret + "stringData: {password: 'ENC[AES256_GCM,data:abc=,type:str]'}\n"}, ""},
		"a certificate":            {map[string]string{"o.yaml": secret + "data: {ca.crt: " + encoded(certificate) + "}\n"}, ""},
		"labels of a Secret":       {map[string]string{"o.yaml": secret + "immutable: true\n"}, ""},
		"a key of theirs":          {map[string]string{"o.yaml": secret + "stringData:\n  tls.key: " + block(m.foreign) + "\n"}, "?c/o.yaml:6: a private key is here, in a Secret of your own; it is committed as it is"},
		"a key of theirs, base64":  {map[string]string{"o.yaml": secret + "data: {tls.key: " + encoded(m.foreign) + "}\n"}, "?c/o.yaml:4: a private key is here, in a Secret of your own; it is committed as it is"},
		"in a list":                {map[string]string{"o.yaml": "kind: List\nitems:\n- kind: Secret\n  data: {k: " + encoded(m.foreign) + "}\n"}, "?c/o.yaml:4: a private key is here, in a Secret of your own; it is committed as it is"},
		"in JSON":                  {map[string]string{"o.json": `{"kind":"Secret","data":{"k":"` + encoded(m.foreign) + `"}}`}, "?c/o.json:1: a private key is here, in a Secret of your own; it is committed as it is"},
		"a key of the mesh":        {map[string]string{"o.yaml": secret + "data: {tls.key: " + encoded(m.own) + "}\n"}, "!c/o.yaml:4: a private key of this mesh is here; it is committed"},
		"the token":                {map[string]string{"o.yaml": secret + "stringData: {t: " + token + "}\n"}, "!c/o.yaml:4: the identity token of this mesh is here; it is committed"},
		"the token in a generator": {map[string]string{"kustomization.yaml": start + "secretGenerator:\n- name: x\n  literals: [a=" + token + "]\n"}, "!c/kustomization.yaml:5: the identity token of this mesh is here; it is committed"},
		"the store's identity":     {map[string]string{"o.yaml": secret + "stringData: {t: " + m.identity + "}\n"}, "!c/o.yaml:4: an age identity of this mesh is here; it is committed"},
		"another identity":         {map[string]string{"o.yaml": secret + "stringData: {t: " + m.stranger + "}\n"}, "?c/o.yaml:4: an age identity is here, in a Secret of your own; it is committed as it is"},
		"outside of a Secret":      {map[string]string{"o.yaml": configMap + "data: {k: " + encoded(m.foreign) + "}\n"}, "!c/o.yaml:4: a private key is here, outside of a Secret; it is committed"},
		"behind a Secret":          {map[string]string{"o.yaml": secret + "---\n" + configMap + "data: {k: " + encoded(m.foreign) + "}\n"}, "!c/o.yaml:8: a private key is here, outside of a Secret; it is committed"},
		"a Secret behind":          {map[string]string{"o.yaml": configMap + "---\n" + secret + "data: {k: " + encoded(m.foreign) + "}\n"}, "?c/o.yaml:8: a private key is here, in a Secret of your own; it is committed as it is"},
		"a Secret in words":        {map[string]string{"o.yaml": configMap + "data:\n  k: |\n    kind: Secret\n    " + encoded(m.foreign) + "\n"}, "!c/o.yaml:7: a private key is here, outside of a Secret; it is committed"},
		"a literal":                {map[string]string{"kustomization.yaml": start + "secretGenerator:\n- name: x\n  literals: [a=b]\n"}, "?c/kustomization.yaml: the values of a Secret are here; they are committed as they are"},
		"a key as a literal":       {map[string]string{"kustomization.yaml": start + "secretGenerator:\n- name: x\n  literals: [a=" + encoded(m.foreign) + "]\nlabels: []\n"}, "?c/kustomization.yaml:5: a private key is here, in a Secret of your own; it is committed as it is"},
		"a key in another literal": {map[string]string{"kustomization.yaml": start + "secretGenerator:\n- name: x\nconfigMapGenerator:\n- name: x\n  literals: [a=" + encoded(m.foreign) + "]\n"}, "!c/kustomization.yaml:7: a private key is here, outside of a Secret; it is committed"},
		"a file of a Secret": {map[string]string{"kustomization.yaml": start + "secretGenerator:\n- name: x\n  files: [tls.key=certs/a.key, certs/a.crt]\n", "certs/a.key": m.foreign, "certs/a.crt": certificate},
			"?c/certs/a.key:1: a private key is here, in a Secret of your own; it is committed as it is"},
		"variables of a Secret":   {map[string]string{"kustomization.yaml": start + "secretGenerator:\n- name: x\n  envs: [own.env]\n", "own.env": "a=b\n"}, "?c/own.env: the values of a Secret are here; they are committed as they are"},
		"a file of a ConfigMap":   {map[string]string{"kustomization.yaml": start + "configMapGenerator:\n- name: x\n  files: [a.key]\n", "a.key": m.foreign}, "!c/a.key:1: a private key is here, outside of a Secret; it is committed"},
		"no YAML":                 {map[string]string{"kustomization.yaml": "secretGenerator: [\n" + token}, "!c/kustomization.yaml:2: the identity token of this mesh is here; it is committed"},
		"an annotation of theirs": {map[string]string{"o.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: x, annotations: {k: " + m.stranger + "}}\n"}, "!c/o.yaml:3: an age identity is here, outside of a Secret; it is committed"},
	} {
		var files []folder.File
		for _, name := range []string{"kustomization.yaml", "o.yaml", "o.json", "a.key", "own.env", "certs/a.crt", "certs/a.key"} {
			if text, ok := c.files[name]; ok {
				files = append(files, folder.File{Name: "c/" + name, Data: []byte(text)})
			}
		}
		if got := said(m.mesh.Component(files)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestPatchesGiveAway(t *testing.T) {
	m := newMaterial(t)
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"
	const refused, warned = "!p.yaml:4: a private key is here; it is committed, and copied into build/", "?p.yaml: the patch puts values into a Secret; they are committed as they are, and copied into build/"
	for name, c := range map[string]struct{ text, kind, want string }{
		"a key":                  {secret + "data: {tls.key: " + encoded(m.foreign) + "}\n", "", refused},
		"a key, encoded twice":   {secret + "data: {tls.key: " + encoded(encoded(m.foreign)) + "}\n", "", refused},
		"a key of the mesh":      {secret + "data: {tls.key: " + encoded(m.own) + "}\n", "", refused},
		"the token":              {secret + "stringData: {t: " + token + "}\n", "", strings.Replace(refused, "a private key", "the identity token", 1)},
		"the token, encoded":     {secret + "data: {t: " + encoded(token) + "}\n", "", strings.Replace(refused, "a private key", "the identity token", 1)},
		"an identity":            {secret + "stringData: {t: " + m.stranger + "}\n", "", strings.Replace(refused, "a private key", "an age identity", 1)},
		"a password":             {secret + "stringData: {t: hunter2}\n", "", warned},
		"a label of a Secret":    {"apiVersion: v1\nkind: Secret\nmetadata: {name: x, labels: {a: b}}\n", "", ""},
		"operations":             {"- {op: add, path: /data/x, value: aHVudGVyMg==}\n", "Secret", warned},
		"operations elsewhere":   {"- {op: add, path: /data/x, value: aHVudGVyMg==}\n", "ConfigMap", ""},
		"a label by a target":    {"- {op: add, path: /metadata/labels/data, value: x}\n", "Secret", ""},
		"a key among operations": {"[\n{\"op\": \"add\",\n\"path\": \"/data/x\",\n\"value\": \"" + encoded(m.foreign) + "\"}]\n", "Secret", refused},
		"a certificate":          {secret + "data: {ca.crt: " + encoded("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n") + "}\n", "", ""},
	} {
		if got := said(m.mesh.Patch("p.yaml", []byte(c.text), c.kind)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}
