package source

import "testing"

func TestSetChangesNothingElse(t *testing.T) {
	after := []string{"name", "context", "clusterDomain"}
	for _, c := range []struct{ name, value, in, want string }{
		{"new key behind name and context", "203.0.113.7:443",
			"# top\nmanagement:\n    name: a   # the name\n\n    context: b # ctx\n    # about ingress\n    ingress: {istio: {}}\nremotes: {}\n",
			"# top\nmanagement:\n    name: a   # the name\n\n    context: b # ctx\n    relayAddress: 203.0.113.7:443\n    # about ingress\n    ingress: {istio: {}}\nremotes: {}\n"},
		{"new key where none of those stands", "h:1", "management:\n  ingress: {}\n", "management:\n  relayAddress: h:1\n  ingress: {}\n"},
		{"plain value", "new.example.com:443", "management:\n  name: a\n  relayAddress:   old:1   # dial this\n", "management:\n  name: a\n  relayAddress:   new.example.com:443   # dial this\n"},
		{"quoted value", "new:2", "management: {name: a, relayAddress: 'old:1', agent: true}\n", "management: {name: a, relayAddress: new:2, agent: true}\n"},
		{"double quotes", "[2001:db8::7]:443", "management:\n  relayAddress: \"old:1\"\n", "management:\n  relayAddress: \"[2001:db8::7]:443\"\n"},
		{"flow block", "h:1", "management: { name: a }\n", "management: {relayAddress: h:1,  name: a }\n"},
		{"no line end", "h:1", "management:\n  name: a", "management:\n  name: a\n  relayAddress: h:1\n"},
		{"CRLF and BOM", "h:1", "\xef\xbb\xbfmanagement:\r\n  name: a\r\n  agent: true\r\n", "\xef\xbb\xbfmanagement:\r\n  name: a\r\n  relayAddress: h:1\r\n  agent: true\r\n"},
		{"characters of many bytes", "h:1", "\"ü\": 1\nmanagement: {\"ü\": 2, relayAddress: old}\n", "\"ü\": 1\nmanagement: {\"ü\": 2, relayAddress: h:1}\n"},
	} {
		got, err := Set("t.yaml", []byte(c.in), "management", "relayAddress", c.value, after)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n got %q\nwant %q", c.name, err, got, c.want)
		}
	}
	for _, in := range []string{"management:\n  relayAddress: >-\n    h:1\n", "management:\n  relayAddress: \"\\x68:1\"\n", "management: a\n", "management: {}\n", "a: b: c"} {
		if got, err := Set("t.yaml", []byte(in), "management", "relayAddress", "h:1", after); err == nil {
			t.Errorf("%q: want a refusal, got %q", in, got)
		}
	}
}
