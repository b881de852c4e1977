package sops

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestBlockNamesOneField interprets the rule as SOPS does: it matches the private value's name, and no other that contains it.
func TestBlockNamesOneField(t *testing.T) {
	recipient, _ := identity(t)
	for _, key := range []string{tlsKey, token} {
		block := sealed(t, key, "private", recipient).Metadata(key)
		if block.Version != "3.9.0" || !block.MACOnlyEncrypted {
			t.Errorf("%s: want what SOPS knows since 3.9: %+v", key, block)
		}
		rule := regexp.MustCompile(block.EncryptedRegex)
		for _, name := range []string{tlsKey, token, "tls-key", "tlsxkey", "tls.crt", "ca.crt", "tokens", "a-token", "x/token", "token\n", "tls.key.old", "data", "metadata"} {
			if rule.MatchString(name) != (name == key) {
				t.Errorf("%s: the rule %s and the name %q", key, rule, name)
			}
		}
	}
}

// TestManifestGivesBackWhatItHolds puts a private value into a manifest and reads it back, also as signed by another version of SOPS.
func TestManifestGivesBackWhatItHolds(t *testing.T) {
	recipient, ring := identity(t)
	s := sealed(t, token, "private", recipient)
	text, err := json.Marshal(s.Metadata(token))
	if err != nil {
		t.Fatal(err)
	}
	var m Metadata
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	m.Version = "3.13.3"
	got, err := FromManifest(token, s.Value, m)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Fatalf("got %+v, want %+v: %v", got, s, err)
	}
	if value, err := got.Open(token, ring); err != nil || string(value) != "private" {
		t.Errorf("opens %q: %v", value, err)
	}
	for want, change := range map[string]func(*Metadata){
		`sops.encrypted_regex is "^(data|stringData)$"; want "^token$"`: func(m *Metadata) { m.EncryptedRegex = "^(data|stringData)$" },
		`sops.encrypted_regex is ""`:                                    func(m *Metadata) { m.EncryptedRegex = "" },
		"sops.mac_only_encrypted is not set":                            func(m *Metadata) { m.MACOnlyEncrypted = false },
		"encrypted to nobody":                                           func(m *Metadata) { m.Age = nil },
		"lastmodified is":                                               func(m *Metadata) { m.LastModified = "2026-12-01T12:30:00+01:00" },
		"mac: not encrypted by SOPS":                                    func(m *Metadata) { m.MAC = "" },
	} {
		changed := m
		change(&changed)
		if _, err := FromManifest(token, s.Value, changed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := FromManifest(token, "cHJpdmF0ZQ==", m); err == nil || !strings.Contains(err.Error(), "value: not encrypted by SOPS") {
		t.Errorf("a value in plain: %v", err)
	}
	if _, err := FromManifest(tlsKey, s.Value, m); err == nil {
		t.Error("it is taken for another key's")
	}
}

// TestFormIsCheckedWithoutAKey checks the message for each malformed input.
func TestFormIsCheckedWithoutAKey(t *testing.T) {
	recipient, _ := identity(t)
	whole := sealed(t, token, "private", recipient)
	if err := whole.Check(); err != nil {
		t.Fatal(err)
	}
	const iv, tag = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAA=="
	enc := func(data, iv, tag, kind string) string {
		return "ENC[AES256_GCM,data:" + data + ",iv:" + iv + ",tag:" + tag + ",type:" + kind + "]"
	}
	for value, want := range map[string]string{
		enc("cHJp", iv, tag, "str"):             "3 bytes are encrypted, and base64",
		enc("cHJpdh==", iv, tag, "str"):         "data is not base64",
		enc("cHJpdg==", iv[4:], tag, "str"):     "iv has 29 bytes; want 32",
		enc("cHJpdg==", iv, tag[4:], "str"):     "tag has 13 bytes; want 16",
		enc("cHJpdg==", iv, tag, "bytes"):       "not encrypted by SOPS, cut or edited; want ENC[",
		enc("", iv, tag, "str"):                 "not encrypted by SOPS",
		enc("cHJp\ndg==", iv, tag, "str"):       "not encrypted by SOPS",
		enc("cHJpdg==", iv, tag, "str") + "\n":  "not encrypted by SOPS",
		" " + enc("cHJpdg==", iv, tag, "str"):   "not encrypted by SOPS",
		"":                                      "not encrypted by SOPS",
		whole.MAC:                               "have the same iv",
		"ENC[AES256_GCM,data:cHJpdg==,type:str": "not encrypted by SOPS",
	} {
		s := clone(whole)
		s.Value = value
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", value, err, want)
		}
	}
	other := whole
	other.Value = enc("cHJpdg==", iv, tag, "str")
	if err := other.Check(); err != nil {
		t.Error(err)
	}
	other.MAC = whole.Value
	if err := other.Check(); err == nil || !strings.Contains(err.Error(), "want 128, a SHA-512 in hex") {
		t.Errorf("a MAC that is none: %v", err)
	}
	for _, at := range []string{"", "2026-12-01", "2026-12-01T11:30:00", "2026-12-01T11:30:00.5Z", "2026-12-01T12:30:00+01:00", "2026-13-01T11:30:00Z"} {
		s := whole
		s.LastModified = at
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), "lastmodified is") {
			t.Errorf("%q: %v", at, err)
		}
	}
}

// TestNamesThatSOPSWouldMistake finds every field that SOPS would take for the private value, and no others.
func TestNamesThatSOPSWouldMistake(t *testing.T) {
	for text, want := range map[string]string{
		`{"data":{"token":"x","ca.crt":"y"},"metadata":{"labels":{"tls.key":"z","a-token":"z"},"name":"token"},"sops":{"token":"x"}}`: "",
		`{"data":{"token":"x"},"metadata":{"labels":{"token":"z"}}}`:                                                                  "metadata.labels.token: ",
		`{"data":{"token":"x"},"metadata":{"annotations":{"token":"z"},"labels":{"token":"z"}}}`:                                      "metadata.annotations.token, metadata.labels.token: SOPS takes",
		`{"data":{"token":"x"},"i":{"token":1},"h":{"token":1},"g":{"token":1},"f":{"token":1},"e":{"token":1},"d":{"token":1}}`:      "d.token, e.token, f.token, g.token, h.token, i.token: SOPS",
		`{"data":{"token":"x"},"stringData":{"token":"z"}}`:                                                                           "stringData.token: ",
		`{"data":{"token":"x"},"token":{"a":"z"}}`:                                                                                    "token: SOPS",
		`{"data":{"token":"x"},"items":[{"token":1},{"token":2}]}`:                                                                    "items.token: SOPS",
		`{"data":{"token":"x"},"metadata":{"sops":{"token":1}}}`:                                                                      "metadata.sops.token: SOPS",
		`{"data":{"ca.crt":"x"}}`:     "data.token: want the private value",
		`{"data":{"token":{"a":""}}}`: "data.token: want the private value",
		`{}`:                          "data.token: want the private value",
	} {
		var manifest map[string]any
		if err := json.Unmarshal([]byte(text), &manifest); err != nil {
			t.Fatal(err)
		}
		err := CheckManifest(manifest, token)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
