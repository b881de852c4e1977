package locktest

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

const one = "want one certificate, as its source is selfSigned; here are 2"

// blocks are changes around and inside PEM blocks.
var blocks = []tampering{
	{"a second block in the root", "plain", nil, blockOf(0, another), "certificates[0].pem", one},
	{"an extra certificate in signing", "plain", nil, blockOf(1, another), "certificates[1].pem", one},
	{"the root behind the server", "plain", func(_ *mint, l *lockfile.File) { chain(l, 2, l.Certificates[0].Chain[0]) }, nil, "certificates[2].pem", one},
	{"a second block in what is set aside", "retire", nil, blockOf(3, another), "rotation.aside[0].pem", one},
	{"a second block in an anchor", "external", nil, blockOf(0, another), "certificates[0].pem", "want one certificate, as it is a root; here are 2"},
	{"text before the block", "plain", nil, blockOf(0, func(_ *mint, b string) string { return "Bag Attributes\n" + b }), "certificates[0].pem", "there is something before the first certificate"},
	{"a line before the block", "plain", nil, blockOf(0, func(_ *mint, b string) string { return "\n" + b }), "certificates[0].pem", "there is something before the first certificate"},
	{"text behind the block", "plain", nil, blockOf(0, behind("# reviewed\n")), "certificates[0].pem", "there is something after certificate 1"},
	{"text between blocks", "external", nil, blockOf(1, replace("-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----\nissuer=CN = Corp\n")), "certificates[1].pem", "there is something after certificate 1"},
	{"a line between blocks", "external", nil, blockOf(1, replace("-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----\n\n")), "certificates[1].pem", "there is something after certificate 1"},
	{"a revocation list behind", "plain", nil, blockOf(0, behind("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")), "certificates[0].pem", "there is something after certificate 1"},
	{"a trusted certificate behind", "plain", nil, blockOf(0, func(_ *mint, b string) string { return b + strings.ReplaceAll(b, "CERTIFICATE", "TRUSTED CERTIFICATE") }), "certificates[0].pem", "there is something after certificate 1"},
	{"a private key behind", "plain", nil, blockOf(0, behind("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")), "certificates[0].pem", "a private key is here"},
	{"a trusted certificate instead", "plain", nil, blockOf(0, func(_ *mint, b string) string { return strings.ReplaceAll(b, "CERTIFICATE", "TRUSTED CERTIFICATE") }), "certificates[0].pem", "no certificate in it"},
	{"headers", "plain", nil, blockOf(0, reencoded(func(b *pem.Block) { b.Headers = map[string]string{"Comment": "checked"} })), "certificates[0].pem", "certificate 1: its block has headers"},
	{"trailing data in DER", "plain", nil, blockOf(0, reencoded(func(b *pem.Block) { b.Bytes = append(b.Bytes, 0) })), "certificates[0].pem", "certificate 1: x509: trailing data"},
	{"long lines", "plain", nil, blockOf(0, func(_ *mint, b string) string {
		block, _ := pem.Decode([]byte(b))
		return "-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(block.Bytes) + "\n-----END CERTIFICATE-----\n"
	}), "certificates[0].pem", "not in the form that relayform writes"},
	{"spaces in base64", "plain", nil, blockOf(0, replace("CERTIFICATE-----\nMII", "CERTIFICATE-----\nMI I")), "certificates[0].pem", "not in the form that relayform writes"},
	{"spaces behind the mark", "plain", nil, blockOf(0, replace("BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE----- \n")), "certificates[0].pem", "there is something before the first certificate"},
	{"no line end", "plain", nil, in(0, replace("pem: |\n", "pem: |-\n")), "certificates[0].pem", "certificate 1: its block has no end"},
	{"no end", "plain", nil, blockOf(0, replace("-----END CERTIFICATE-----\n", "")), "certificates[0].pem", "certificate 1: its block has no end"},
	{"damaged", "plain", nil, blockOf(0, replace("CERTIFICATE-----\nMII", "CERTIFICATE-----\n!!!")), "certificates[0].pem", "certificate 1: its block is damaged"},
	{"cut short", "plain", nil, blockOf(0, reencoded(func(b *pem.Block) { b.Bytes = b.Bytes[:len(b.Bytes)-3] })), "certificates[0].pem", "certificate 1: x509"},
	{"one certificate more than a chain may have", "external", func(_ *mint, l *lockfile.File) {
		c := l.Certificates[1].Chain
		chain(l, 1, slices.Repeat(c[1:], pki.MaxChain/2+1)...)
	}, nil, "certificates[1].pem", fmt.Sprintf("more than %d certificates", pki.MaxChain+1)},
}

// another appends an unrelated certificate to an entry's.
func another(m *mint, block string) string {
	return block + string(pki.MarshalCertificates(m.own(topology, pki.Root, 1, nil, began).Chain[0]))
}
