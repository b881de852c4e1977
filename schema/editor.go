package schema

import (
	"slices"
	"strings"
)

// Limits of lists, for vet and for editors.
const (
	MaxDNSNames         = 64 // of the relay server's certificate, in addition to the authority
	MaxGatewayAddresses = 16 // that a Gateway may ask for (sigs.k8s.io/gateway-api, GatewaySpec)
)

// never is a JSON Schema that no value may match, and what editors show if a value does. Vet has its own code for the same rules, with the
// place and a hint. The schema uses the keyword not, because editors can show a custom message for it (errorMessage,
// vscode-json-languageservice).
type never struct {
	wanted string
	schema map[string]any
}

func (n never) jsonSchema() map[string]any {
	return map[string]any{"not": n.schema, "errorMessage": n.wanted}
}

// has matches blocks that have all of these keys.
func has(keys ...string) map[string]any { return map[string]any{"required": keys} }

// neither matches blocks that have none of these keys.
func neither(keys ...string) map[string]any {
	return map[string]any{"not": anyOf(keys, func(key string) map[string]any { return has(key) })}
}

// twoOf matches blocks that have more than one of these keys.
func twoOf(keys ...string) map[string]any {
	var pairs []map[string]any
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			pairs = append(pairs, has(a, b))
		}
	}
	return map[string]any{"anyOf": pairs}
}

// with matches blocks in which keys have these values.
func with(values map[string]any, keys ...string) map[string]any {
	properties := map[string]any{}
	for key, value := range values {
		properties[key] = map[string]any{"const": value}
	}
	return map[string]any{"properties": properties, "required": keys}
}

// orphaned matches blocks that have the key without the one that it needs.
func orphaned(key, with string) map[string]any {
	return map[string]any{"required": []string{key}, "not": has(with)}
}

// matching matches texts in which one of the patterns finds a match.
func matching(patterns ...string) map[string]any {
	return anyOf(patterns, func(p string) map[string]any { return map[string]any{"pattern": p} })
}

func anyOf(all []string, schema func(string) map[string]any) map[string]any {
	ways := make([]map[string]any, len(all))
	for i, one := range all {
		ways[i] = schema(one)
	}
	return map[string]any{"anyOf": ways}
}

var onePassword = never{"want passwordFile or passwordEnv, not both", has("passwordFile", "passwordEnv")}

// neverBlocks are the rules for blocks, by Go type.
var neverBlocks = map[string][]never{
	"LoadBalancer": {{"want at most one of aws, gke and azure", twoOf("aws", "gke", "azure")}},
	"AWS": {
		{"with scheme: nlb, want targetType: instance, or none", with(map[string]any{"scheme": "nlb", "targetType": "ip"}, "scheme", "targetType")},
		{"with scheme: nlb, the idle timeout is 350 seconds; want none", with(map[string]any{"scheme": "nlb"}, "scheme", "idleTimeout")},
	},
	"GatewayAPI": {
		{"want className, the name of a GatewayClass, or gateway: one that exists already", neither("className", "gateway")},
		{"the Gateway exists already: want gateway without className and addresses", map[string]any{"anyOf": []map[string]any{has("gateway", "className"), has("gateway", "addresses")}}},
	},
	"SelfSigned": {
		{"with agents: issued, want agentsReissued left out: overlays bring agents their certificates", map[string]any{
			"properties": map[string]any{"agents": map[string]any{"const": "issued"}, "rotation": with(map[string]any{"agentsReissued": true}, "agentsReissued")},
			"required":   []string{"agents", "rotation"},
		}},
	},
	"External": {
		{"want signing, the CA that signs agents' certificates, or clients, their certificates", neither("signing", "clients")},
		{"want signing or clients, not both", has("signing", "clients")},
		{"with clients, want agentsReissued left out: overlays bring agents their certificates", map[string]any{
			"properties": map[string]any{"rotation": with(map[string]any{"agentsReissued": true}, "agentsReissued")}, "required": []string{"clients", "rotation"},
		}},
	},
	"KeyPair": {onePassword},
	"RequestedPair": {
		onePassword,
		{"without cert, a certificate is requested for a key that relayform makes; want key, passwordFile and passwordEnv only with cert", map[string]any{
			"anyOf": []map[string]any{orphaned("key", "cert"), orphaned("passwordFile", "cert"), orphaned("passwordEnv", "cert")},
		}},
	},
}

// neverPath matches paths that cannot be inside the topology's folder.
var neverPath = never{
	"want a path below the topology's folder, with / between folders, such as pki/chain.pem",
	matching("^[/~]", "^[A-Za-z]:[\\\\/]", "^[A-Za-z][A-Za-z0-9+.-]*://", "\\\\", "^(\\./)*\\.\\.(/|$)"),
}

// neverName matches names that TLS does not send as a server name (RFC 6066 3).
var neverName = never{"want a DNS name; an address is no server name of TLS", matching("^(\\*\\.)?[0-9.]+$")}

// neverTexts are the rules for texts, by the Go type and field of the block that they are in; for a list's entries, with [] at the end.
var neverTexts = map[string][]never{
	"Management.relayAddress": {neverPort}, "Remote.relayAddress": {neverPort}, "Telemetry.address": {neverPort},
	"Management.authority": {neverName}, "Remote.authority": {neverName},
	"Management.dnsNames[]": {neverName, {"want a wildcard of a longer name, such as *.mesh.example.com", matching("^\\*\\.[^.]+$")}},
}

var neverPort = never{"want a port from 1 to 65535", matching(":(0+|6553[6-9]|655[4-9][0-9]|65[6-9][0-9]{2}|6[6-9][0-9]{3}|[7-9][0-9]{4})$")}

// lists are further constraints on lists, by the Go type and field of the block that they are in.
var lists = map[string]map[string]any{
	"Management.dnsNames":  {"maxItems": MaxDNSNames, "uniqueItems": true},
	"GatewayAPI.addresses": {"maxItems": MaxGatewayAddresses, "uniqueItems": true},
	"Traefik.entryPoints":  {"minItems": 1, "uniqueItems": true},
	"GlooEdge.proxyNames":  {"minItems": 1, "uniqueItems": true},
	"Sops.management":      {"minItems": 1, "uniqueItems": true},
	"Sops.remotes":         {"uniqueItems": true},
}

// neverLabels matches keys of labels that relayform sets itself.
var neverLabels = never{"relayform sets this label itself", map[string]any{"const": "app.kubernetes.io/managed-by"}}

// forbid adds schemas that a value must not match to its JSON Schema.
func forbid(out map[string]any, all ...never) {
	for _, n := range all {
		parts, _ := out["allOf"].([]map[string]any)
		out["allOf"] = append(parts, n.jsonSchema())
	}
}

// inBlock adds vet's rules for a field of a block.
func inBlock(out map[string]any, field string) {
	for keyword, value := range lists[field] {
		out[keyword] = value
	}
	forbid(out, neverTexts[field]...)
	if items, ok := out["items"].(map[string]any); ok {
		forbid(items, neverTexts[field+"[]"]...)
	}
	if field == "Management.labels" || field == "Remote.labels" {
		if key, ok := out["propertyNames"].(map[string]any); ok {
			forbid(key, neverLabels)
		}
	}
}

// examples returns the example values in the text on what is wanted: relay.example.com:443 in "host:port, such as relay.example.com:443".
func (s *shape) examples() []string {
	_, text, found := strings.Cut(s.wanted, ", such as ")
	if !found {
		return nil
	}
	var all []string
	for part := range strings.SplitSeq(strings.ReplaceAll(text, " or ", ", "), ", ") {
		if example := strings.TrimSpace(part); compiled().takes(s, example) && !slices.Contains(all, example) {
			all = append(all, example)
		}
	}
	return all
}
