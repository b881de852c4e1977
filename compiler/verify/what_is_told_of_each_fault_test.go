package verify_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestWhatIsToldOfEachFault seeds each fault and checks the complete message: where it is, what is wrong, and after | what to do. Digests
// are left out.
func TestWhatIsToldOfEachFault(t *testing.T) {
	digest, library := regexp.MustCompile("[0-9a-f]{16,}"), regexp.MustCompile("asn1: .*")
	var told []string
	for _, f := range allFaults {
		m := goodMesh(t)
		f.change(t, m)
		for _, x := range judged(t, m).Findings {
			line := fmt.Sprintf("%s: %s %s: %s: %s", f.name, x.Severity, x.Code, x.Object, library.ReplaceAllString(x.Message, "asn1"))
			if x.Hint != "" {
				line += " | " + x.Hint
			}
			told = append(told, digest.ReplaceAllString(line, "…"))
		}
	}
	want := strings.Split(strings.TrimSpace(toldOfFaults), "\n")
	for i := range max(len(told), len(want)) {
		switch {
		case i >= len(told):
			t.Errorf("not told: %s", want[i])
		case i >= len(want):
			t.Errorf("nobody has reviewed: %s", told[i])
		case told[i] != want[i]:
			t.Errorf("%s\nwant\n%s", told[i], want[i])
		}
	}
}

const toldOfFaults = `
the server's Secret is missing: error secret-missing: relay-server-tls-secret: the Secret is not there | apply the cluster's overlay, or create the Secret under this name
the signing CA's Secret is missing: error secret-missing: relay-tls-signing-secret: the Secret is not there | apply the cluster's overlay, or create the Secret under this name
the root's Secret is missing on a remote: error secret-missing: relay-root-tls-secret: the Secret is not there | apply the cluster's overlay, or create the Secret under this name
the root's Secret is missing on the management cluster: warning secret-missing: relay-root-tls-secret: the Secret is not there | apply the cluster's overlay, or create the Secret under this name
the token's Secret is missing on a remote: error secret-missing: relay-identity-token-secret: the Secret is not there | apply the cluster's overlay, or create the Secret under this name
tls.crt is missing: error data-missing: relay-server-tls-secret tls.crt: it has no tls.crt | write the value under that key of the Secret
tls.key is missing: error data-missing: relay-tls-signing-secret tls.key: it has no tls.key | write the value under that key of the Secret
ca.crt is empty: error data-missing: relay-root-tls-secret ca.crt: it has no ca.crt | write the value under that key of the Secret
the token has another key: error data-missing: relay-identity-token-secret: it has no token | write the value under that key of the Secret
the token has another key: note extra-data: relay-identity-token-secret value: nobody reads this key of the Secret
the root is DER: error unreadable: relay-root-tls-secret ca.crt: it is a certificate in DER | convert it to PEM with: openssl x509 -inform DER -in FILE -out FILE.pem
the server's certificate is cut short: error unreadable: relay-server-tls-secret tls.crt: 1 of its 1 PEM blocks are cut short or damaged | openssl x509 -noout -text -in FILE shows what a file holds, openssl pkey -noout -text -in FILE a key
base64 twice: error unreadable: relay-tls-signing-secret tls.crt: base64 was encoded twice | encode the file once
the key is garbage: error unreadable: relay-server-tls-secret tls.key: private key: asn1 | openssl x509 -noout -text -in FILE shows what a file holds, openssl pkey -noout -text -in FILE a key
the key is encrypted: error key-encrypted: relay-server-tls-secret tls.key: the private key is encrypted | openssl pkey -in FILE -out PLAIN decrypts it
the root's key lies on a remote: error private-key-exposed: relay-root-tls-secret ca.key: a private key is where none belongs | remove it, and replace the certificate that it belongs to
a key lies in ca.crt: error private-key-exposed: relay-root-tls-secret ca.crt: a private key is among the certificates | remove it, and replace the certificate that it belongs to
a key lies in ca.crt: note bundles-differ: relay-root-tls-secret ca.crt: the same roots as relay-root-tls-secret ca.crt of mgmt, in different bytes | copy the file unchanged
the signing CA's Secret lies on a remote: error private-key-exposed: relay-tls-signing-secret: this Secret belongs on the management cluster only | delete it here; its key is known to this cluster, so replace the certificate
the server's Secret lies on a remote: error private-key-exposed: relay-server-tls-secret: this Secret belongs on the management cluster only | delete it here; its key is known to this cluster, so replace the certificate
a key that nobody reads: note extra-data: relay-server-tls-secret root.crt: nobody reads this key of the Secret
the server has the signing CA's key: error key-mismatch: relay-server-tls-secret tls.key: the private key does not belong to the certificate CN=relay server | compare openssl pkey -in KEY -pubout with openssl x509 -in CERT -noout -pubkey, and bring the key of this certificate
the signing CA has the root's key file: error key-mismatch: relay-tls-signing-secret tls.key: the private key does not belong to the certificate CN=relay signing CA | compare openssl pkey -in KEY -pubout with openssl x509 -in CERT -noout -pubkey, and bring the key of this certificate
server and signing CA share a key: error key-shared: relay-server-tls-secret tls.crt: the server's certificate and the signing CA's have the same key | issue one of the two again, with a key of its own
the server's certificate has the root's key: error key-shared: relay-server-tls-secret tls.crt: the server's certificate has the root's key | issue it again, with a key of its own
the signing CA's certificate serves: error server-is-signing: relay-server-tls-secret tls.crt: CN=relay signing CA is also the signing CA's certificate | issue one of the two again
the server's leaf is used as the signing CA: error server-is-signing: relay-server-tls-secret tls.crt: CN=relay server is also the signing CA's certificate | issue one of the two again
the server's leaf is used as the signing CA: error signing-not-ca: relay-tls-signing-secret tls.crt: CN=relay server: it is not a CA; want basicConstraints CA:TRUE, as it signs agents' certificates | issue it with basicConstraints CA:TRUE, pathlen:0
a remote has another root: error anchors-differ: relay-root-tls-secret ca.crt: the chain of the relay server ends at CN=relay root (sha256 …), which is not among the roots here: CN=other root (sha256 …) | give this cluster the same roots as the others
a remote has an older root of the same name: error anchors-differ: relay-root-tls-secret ca.crt: the chain of the relay server ends at CN=relay root (sha256 …), which is not among the roots here: CN=relay root (sha256 …) | give this cluster the same roots as the others
the server trusts another root: error anchors-differ: relay-server-tls-secret ca.crt: the chain of the signing CA ends at CN=relay root (sha256 …), which is not among the roots here: CN=other root (sha256 …) | give this cluster the same roots as the others
a remote trusts one root more: warning anchors-differ: relay-root-tls-secret ca.crt: the roots here are CN=relay root (sha256 …), CN=other root (sha256 …); relay-root-tls-secret ca.crt of mgmt has CN=relay root (sha256 …) | give each cluster the same roots
a remote's bundle has other bytes: note bundles-differ: relay-root-tls-secret ca.crt: the same roots as relay-root-tls-secret ca.crt of mgmt, in different bytes | copy the file unchanged
a leaf in ca.crt: warning leaf-in-ca: relay-root-tls-secret ca.crt: CN=relay server is not a CA | only roots belong in ca.crt
an intermediate in ca.crt: warning intermediate-in-ca: relay-root-tls-secret ca.crt: CN=relay signing CA is a CA, but not a root: CN=relay root issued it | move it to tls.crt, after the certificate that it issued
ca.crt has no root: error no-anchor: relay-root-tls-secret ca.crt: it holds the signing CA's certificate instead of a root | write the root there, the same as in ca.crt of relay-root-tls-secret on the management cluster; a tls.crt is what a root has issued
the root twice: note duplicate-in-ca: relay-root-tls-secret ca.crt: it holds CN=relay root twice | remove one
a remote has another token: error tokens-differ: relay-identity-token-secret token: the token differs from the management cluster's | copy the token's Secret from the management cluster
a remote's token has a line feed: error token-whitespace: relay-identity-token-secret token: the token differs from the management cluster's only in the white space around it | write it with printf, without a line feed
every token has a line feed: warning token-whitespace: relay-identity-token-secret token: the token has white space around it | write it with printf, without a line feed
a short token: warning token-weak: relay-identity-token-secret token: the token can be guessed: want at least 22 characters, 8 of them different | openssl rand -hex 32 makes one
a plain token: warning token-weak: relay-identity-token-secret token: the token can be guessed: want at least 22 characters, 8 of them different | openssl rand -hex 32 makes one
the server's intermediate is missing: error chain-incomplete: relay-server-tls-secret tls.crt: the chain breaks at CN=relay server: its issuer CN=issuing CA (key identifier …) is not here | append the issuer's certificate to tls.crt
the signing CA's intermediate is missing: error chain-incomplete: relay-tls-signing-secret tls.crt: the chain breaks at CN=relay signing CA: its issuer CN=issuing CA (key identifier …) is not here | append the issuer's certificate to tls.crt
the root was made again under its name: error issuer-replaced: relay-tls-signing-secret tls.crt: the chain breaks at CN=relay signing CA: its issuer CN=relay root (key identifier …) is not here; a certificate of that name is (key identifier …), but another key | reissue what it signed with the current CA, or restore the old CA
the intermediate comes first: error leaf-not-first: relay-server-tls-secret tls.crt: the certificate of the private key, CN=relay server, is at position 2 | put it first
intermediates out of order: warning chain-disordered: relay-server-tls-secret tls.crt: the intermediates are out of order | put each certificate's issuer after it
the root in tls.crt: note root-in-chain: relay-server-tls-secret tls.crt: the root CN=relay root is in it | remove it; each side has its roots in ca.crt
a stray certificate in tls.crt: note stray-in-chain: relay-server-tls-secret tls.crt: CN=relay signing CA is not part of the chain | remove it
the authority is not among the names: error authority-uncovered: relay-server-tls-secret tls.crt: CN=relay server: its DNS names (relay.example.com) do not cover the authority enterprise-networking.gloo-mesh | issue it with the subject alternative name DNS:enterprise-networking.gloo-mesh
a wildcard covers the authority: warning authority-wildcard: relay-server-tls-secret tls.crt: CN=relay server: only the wildcard *.gloo-mesh covers the authority; OpenSSL, curl and Python refuse a wildcard with one label after it | issue it with the exact name
an authority of one remote is not among the names: error authority-uncovered: relay-server-tls-secret tls.crt: CN=relay server: its DNS names (enterprise-networking.gloo-mesh, enterprise-networking) do not cover the authority east.example.com | issue it with the subject alternative name DNS:east.example.com
a short wildcard covers the authority of one remote: warning authority-wildcard: relay-server-tls-secret tls.crt: CN=relay server: only the wildcard *.internal covers the authority; OpenSSL, curl and Python refuse a wildcard with one label after it | issue it with the exact name
names that the topology adds are not among them: warning dns-name-uncovered: relay-server-tls-secret tls.crt: CN=relay server: its DNS names (enterprise-networking.gloo-mesh, enterprise-networking, *.example.com, x.example.org) do not cover *.example.org, a.b.example.com | issue it with these subject alternative names, or remove them from management.dnsNames
no names at all: error san-missing: relay-server-tls-secret tls.crt: CN=relay server: it has no DNS name; agents verify it by enterprise-networking.gloo-mesh | issue it with the subject alternative name DNS:enterprise-networking.gloo-mesh
an agent is given no address: warning no-relay-address: values: its agent has no address to dial | find it once the ingress has an address, set management.relayAddress, and compile again
a collector is given no address: warning no-telemetry-address: values: its collector has no telemetry gateway to send to | find it once its ingress has an address, set management.telemetry.address, and compile again
the signing CA could serve: warning signing-serves: relay-tls-signing-secret tls.crt: CN=relay signing CA: its own DNS names (*.gloo-mesh) cover the authority: it could pose as the relay server | issue it without subject alternative names
the signing CA permits a domain: error name-constraints: relay-tls-signing-secret tls.crt: CN=relay signing CA: name constraints of the chain exclude east, west: an agent's DNS name is the bare cluster name | ask the PKI for a signing CA without name constraints
the signing CA excludes one cluster: error name-constraints: relay-tls-signing-secret tls.crt: CN=relay signing CA: name constraints of the chain exclude west: an agent's DNS name is the bare cluster name | ask the PKI for a signing CA without name constraints
the intermediate permits a domain: error name-constraints: relay-tls-signing-secret tls.crt: CN=relay signing CA: name constraints of the chain exclude east, west: an agent's DNS name is the bare cluster name | ask the PKI for a signing CA without name constraints
an agent's certificate names another cluster: error client-name: relay-client-tls-secret tls.crt: its DNS names (west) are not the cluster's name | delete the Secret, and the agent gets another
an agent's certificate lacks the signing CA after it: error chain-incomplete: relay-client-tls-secret tls.crt: the chain breaks at CN=agent: its issuer CN=relay signing CA (key identifier …) is not here | append the issuer's certificate to tls.crt; or delete the Secret, and the agent gets a certificate from the current signing CA
an agent's certificate has expired: error expired: relay-client-tls-secret tls.crt: CN=agent: expired on 2026-11-23 | issue the next one; if relayform issued it: relayform renew
an agent's certificate may only serve: error extended-usage: relay-client-tls-secret tls.crt: CN=agent: it has extended key usages without clientAuth | issue it with serverAuth and clientAuth, and its issuers with both or none
the server is a CA: error server-is-ca: relay-server-tls-secret tls.crt: CN=relay server: it is a CA; want a leaf (basicConstraints CA:FALSE) | issue it with basicConstraints CA:FALSE
an agent's certificate is a CA: error client-is-ca: relay-client-tls-secret tls.crt: CN=agent: it is a CA; want a leaf (basicConstraints CA:FALSE) | issue it with basicConstraints CA:FALSE
the signing CA is a leaf: error signing-not-ca: relay-tls-signing-secret tls.crt: CN=relay signing CA: it is not a CA; want basicConstraints CA:TRUE, as it signs agents' certificates | issue it with basicConstraints CA:TRUE, pathlen:0
the root is not a CA: error issuer-not-ca: relay-server-tls-secret tls.crt: CN=relay server: its issuer CN=relay root is not a CA | have it issued again by a CA
the root is not a CA: error issuer-not-ca: relay-tls-signing-secret tls.crt: CN=relay signing CA: its issuer CN=relay root is not a CA | have it issued again by a CA
the signing CA may not sign: error may-not-sign: relay-tls-signing-secret tls.crt: CN=relay signing CA: its key usage lacks keyCertSign | issue the CA again with the key usage keyCertSign
the root may not sign: error may-not-sign: relay-server-tls-secret tls.crt: CN=relay server: its issuer CN=relay root may not sign certificates: its key usage lacks keyCertSign | issue the CA again with the key usage keyCertSign
the root may not sign: error may-not-sign: relay-tls-signing-secret tls.crt: CN=relay signing CA: its issuer CN=relay root may not sign certificates: its key usage lacks keyCertSign | issue the CA again with the key usage keyCertSign
the root allows no CA below: error path-length: relay-tls-signing-secret tls.crt: CN=relay signing CA: its issuer CN=relay root allows 0 CAs below it, and there are 1 | issue the CA again with a longer pathlen, or issue what is below it from a CA higher up
the signing CA has no path length: note path-length-open: relay-tls-signing-secret tls.crt: CN=relay signing CA: it may issue further CAs; want pathlen:0
the server may not sign handshakes: error key-usage: relay-server-tls-secret tls.crt: CN=relay server: its key usage lacks digitalSignature | issue it with the key usage digitalSignature, and without keyCertSign
the server has keyCertSign: warning key-usage: relay-server-tls-secret tls.crt: CN=relay server: its key usage has keyCertSign, but it is not a CA | issue it with the key usage digitalSignature, and without keyCertSign
the server is a client only: error extended-usage: relay-server-tls-secret tls.crt: CN=relay server: it has extended key usages without serverAuth | issue it with serverAuth and clientAuth, and its issuers with both or none
the signing CA is for servers only: error extended-usage: relay-tls-signing-secret tls.crt: CN=relay signing CA: it has extended key usages without clientAuth | issue it with serverAuth and clientAuth, and its issuers with both or none
the root is for servers only: error extended-usage: relay-tls-signing-secret tls.crt: CN=relay signing CA: its issuer CN=relay root has extended key usages without clientAuth | issue it with serverAuth and clientAuth, and its issuers with both or none
the root is for servers only: note root-extended-usage: relay-server-tls-secret tls.crt: CN=relay server: its issuer CN=relay root has extended key usages
the root has usages: note root-extended-usage: relay-server-tls-secret tls.crt: CN=relay server: its issuer CN=relay root has extended key usages
the root has usages: note root-extended-usage: relay-tls-signing-secret tls.crt: CN=relay signing CA: its issuer CN=relay root has extended key usages
a critical extension nobody knows: error critical-extension: relay-server-tls-secret tls.crt: CN=relay server: its extension 1.3.6.1.4.1.99999.1 is critical, and unknown to verifiers | issue it without the extension, or not critical
serial zero: warning serial-zero: relay-server-tls-secret tls.crt: CN=relay server: has the serial number 0 | issue it again with a random serial number
serial negative: error serial-negative: relay-server-tls-secret tls.crt: a certificate has the serial number -5 | issue it again with a positive serial number
serial of 21 octets: warning serial-long: relay-tls-signing-secret tls.crt: CN=relay signing CA: its serial number has 21 octets; want at most 20 | issue it again with a serial number of at most 20 octets
serial duplicate: warning serial-duplicate: relay-tls-signing-secret tls.crt: CN=relay signing CA: has the serial number 66, like CN=relay server in relay-server-tls-secret tls.crt from the same issuer | issue one of the two again with a random serial number
subject equal to issuer: warning subject-is-issuer: relay-server-tls-secret tls.crt: CN=relay root: its subject is its issuer's name, but a different key signed it | give it a subject of its own
a CA without subject: warning subject-empty: relay-tls-signing-secret tls.crt: a certificate without subject (serial number 66): a CA needs a subject | issue it again with a subject
the root lacks a key identifier: warning ski-missing: relay-root-tls-secret ca.crt: CN=relay root: it has no subject key identifier | issue it again with subjectKeyIdentifier = hash
the root lacks a key identifier: warning aki-missing: relay-server-tls-secret tls.crt: CN=relay server: it has no authority key identifier | issue it again with authorityKeyIdentifier = keyid
the root lacks a key identifier: warning aki-missing: relay-tls-signing-secret tls.crt: CN=relay signing CA: it has no authority key identifier | issue it again with authorityKeyIdentifier = keyid
the signing CA lacks a key identifier: warning ski-missing: relay-tls-signing-secret tls.crt: CN=relay signing CA: it has no subject key identifier | issue it again with subjectKeyIdentifier = hash
the server lacks the authority key identifier: warning aki-missing: relay-server-tls-secret tls.crt: CN=relay server: it has no authority key identifier | issue it again with authorityKeyIdentifier = keyid
the authority key identifier is another's: warning aki-mismatch: relay-server-tls-secret tls.crt: the authority key identifier of CN=relay server is …, but the key identifier of its issuer is … | issue it again with authorityKeyIdentifier = keyid:always
the root has no key usage: warning ca-without-key-usage: relay-root-tls-secret ca.crt: CN=relay root: it has no key usage; want keyCertSign and cRLSign, critical | issue it again with keyUsage = critical, keyCertSign, cRLSign
the signing CA has no key usage: warning ca-without-key-usage: relay-tls-signing-secret tls.crt: CN=relay signing CA: it has no key usage; want keyCertSign and cRLSign, critical | issue it again with keyUsage = critical, keyCertSign, cRLSign
basic constraints not critical: warning not-critical: relay-root-tls-secret ca.crt: CN=relay root: its basic constraints are not critical | issue it again with basicConstraints = critical, CA:TRUE
a leaf with a path length: warning path-length-misplaced: relay-server-tls-secret tls.crt: CN=relay server: it has a path length, but is not a CA | issue it again with basicConstraints CA:FALSE only
a server certificate of version 1: error san-missing: relay-server-tls-secret tls.crt: CN=relay server: it has no DNS name; agents verify it by enterprise-networking.gloo-mesh | issue it with the subject alternative name DNS:enterprise-networking.gloo-mesh
a server certificate of version 1: error old-version: relay-server-tls-secret tls.crt: CN=relay server: it is of version 1, without extensions; want version 3 | issue it again with extensions: openssl x509 -req needs -extfile
SHA-1: error weak-signature: relay-server-tls-secret tls.crt: CN=relay server: it is signed with SHA1-RSA | have it issued again, with SHA-256
MD5: error weak-signature: relay-tls-signing-secret tls.crt: CN=relay signing CA: it is signed with MD5-RSA | have it issued again, with SHA-256
a root signed with SHA-1: note weak-signature: relay-root-tls-secret ca.crt: CN=relay root: it is signed with SHA1-RSA | have it issued again, with SHA-256
RSA 1024: error weak-key: relay-server-tls-secret tls.crt: CN=relay server: its RSA key has 1024 bits; want at least 2048 | issue it again with a key of RSA 2048 or ECDSA P-256
Ed25519: error ed25519-key: relay-server-tls-secret tls.crt: CN=relay server: its key is Ed25519, which Envoy refuses | issue it again with a key of RSA 2048 or ECDSA P-256
P-521: warning p521-key: relay-tls-signing-secret tls.crt: CN=relay signing CA: its key is ECDSA P-521, which Envoy does not offer | issue it again with a key of ECDSA P-256
P-224: error unsupported-key: relay-server-tls-secret tls.crt: CN=relay server: its key is ECDSA P-224, which TLS does not support | issue it again with a key of RSA 2048 or ECDSA P-256
the server has expired: error expired: relay-server-tls-secret tls.crt: CN=relay server: expired on 2026-11-23 | issue the next one; if relayform issued it: relayform renew
the signing CA has expired: error expired: relay-tls-signing-secret tls.crt: CN=relay signing CA: expired on 2026-11-23 | issue the next one; if relayform issued it: relayform renew
the root has expired: error expired: relay-root-tls-secret ca.crt: CN=relay root: expired on 2026-11-23 | issue the next one; if relayform issued it: relayform renew
the server is not valid yet: error not-yet-valid: relay-server-tls-secret tls.crt: CN=relay server: is valid from 2026-11-23 13:00:00 only | wait, or issue it again with a start one hour earlier
the signing CA is not valid yet: error not-yet-valid: relay-tls-signing-secret tls.crt: CN=relay signing CA: is valid from 2026-11-23 13:00:00 only | wait, or issue it again with a start one hour earlier
the server outlives the root: warning outlives-issuer: relay-server-tls-secret tls.crt: CN=relay server is valid until 2037-11-20, and its issuer CN=relay root until 2036-11-20 | renew the issuer before it ends
the signing CA has a year left: warning signing-ends-soon: relay-tls-signing-secret tls.crt: CN=relay signing CA: ends on 2027-11-23; agents' certificates last a year and cannot outlive it | replace it before 13 months remain
the root has a year left: warning root-ends-soon: relay-tls-signing-secret tls.crt: CN=relay signing CA: its root CN=relay root ends on 2027-11-23 | start to replace the root
the root has a year left: warning signing-ends-soon: relay-tls-signing-secret tls.crt: CN=relay signing CA: ends on 2027-11-23; agents' certificates last a year and cannot outlive it | replace it before 13 months remain
the server has a week left: warning server-ends-soon: relay-server-tls-secret tls.crt: CN=relay server: ends on 2026-11-30 | issue the next one
judged on a later day: error expired: relay-server-tls-secret tls.crt: CN=relay server: expired on 2027-12-26 | issue the next one; if relayform issued it: relayform renew
the server is for any usage: warning usage-any: relay-server-tls-secret tls.crt: CN=relay server: its only extended key usage is any; OpenSSL and BoringSSL look for serverAuth and clientAuth by name | issue it with serverAuth and clientAuth by name
the server's extended key usage is empty: warning usage-empty: relay-server-tls-secret tls.crt: CN=relay server: its extended key usage is empty; Go reads that as any usage, and OpenSSL as none | issue it with its usages by name, or without the extension
the signing CA's key usage is empty: warning usage-empty: relay-tls-signing-secret tls.crt: CN=relay signing CA: its key usage is empty; Go reads that as any usage, and OpenSSL as none | issue it with its usages by name, or without the extension
no subject, and names that are not critical: warning san-not-critical: relay-server-tls-secret tls.crt: a certificate without subject (serial number 67): it has no subject, and its subject alternative names are not critical | give it a subject, or make the names critical
a common name outside of name constraints: warning subject-constrained: relay-server-tls-secret tls.crt: CN=relay.example.com: its subject names relay.example.com, which is outside its issuers' name constraints | issue it with a subject that names nothing outside of them
an e-mail address outside of name constraints: warning subject-constrained: relay-server-tls-secret tls.crt: CN=relay server,1.2.840.113549.1.9.1=#…: its subject names relay@example.org, which is outside its issuers' name constraints | issue it with a subject that names nothing outside of them
a policy that nobody states: error chain-refused: relay-server-tls-secret tls.crt: CN=relay server: no valid chains built: 1 candidate chains with invalid policies | openssl verify -x509_strict -policy_check says more; have the PKI issue it again
a name constraint for addresses: error name-constraints: relay-server-tls-secret tls.crt: CN=relay server: name constraints of its issuers exclude a name: email address "relay@example.org" is not permitted by any constraint | ask the PKI for certificates without name constraints, or for names within them
the server's leaf in place of a root: warning leaf-in-ca: relay-root-tls-secret ca.crt: CN=relay server is not a CA: it is the server's certificate instead of a root, and trust ends when it is renewed | only roots belong in ca.crt: write the root there
a leaf in place of a root: error no-anchor: relay-root-tls-secret ca.crt: it holds no root: none of its certificates is signed by its own key | add the root of the PKI
a leaf in place of a root: warning leaf-in-ca: relay-root-tls-secret ca.crt: CN=another is not a CA | only roots belong in ca.crt
the root's Secret lies in another namespace: warning namespace-differs: relay-root-tls-secret: it is in the namespace agents, and the relay server's Secrets are not | move it to theirs, or check that the pod that reads it runs in agents
a cluster that is not registered: error cluster-unregistered: KubernetesCluster: there are KubernetesCluster objects, but none is named east | apply one of that name on the management cluster
a value of charts of another generation: warning value-ignored: values relay.clientTlsSecret.name: the charts of gloo-mesh-1.x ignore relay.clientTlsSecret.name, which is a value of those of gloo-mesh-2.0-2.2 | write relay.clientCertSecret.name; or name the product with --product
the authority at a wrong place: warning value-ignored: values authority: the charts of gloo-mesh-1.x ignore authority | write relay.authority; or name the product with --product
values that name another Secret: error values-differ: values relay.rootTlsSecret.name: names the Secret root; the one here is relay-root-tls-secret | set the value to what the Secrets have, or name the Secrets with the options of verify
an agent was given no certificate: error secret-missing: relay-client-tls-secret: the Secret is not there | apply the cluster's overlay, or create the Secret under this name
an agent was given another cluster's certificate: error client-name: relay-client-tls-secret tls.crt: its DNS names (west) are not the cluster's name | issue one with the cluster's name as its DNS name, and apply the cluster's overlay
an agent was given a certificate without its CA: error chain-incomplete: relay-client-tls-secret tls.crt: the chain breaks at CN=agent of east: its issuer CN=relay signing CA (key identifier …) is not here | append the issuer's certificate to tls.crt; or issue one with the cluster's name as its DNS name, and apply the cluster's overlay
an agent was given another agent's key: error key-mismatch: relay-client-tls-secret tls.key: the private key does not belong to the certificate CN=agent of east | compare openssl pkey -in KEY -pubout with openssl x509 -in CERT -noout -pubkey, and bring the key of this certificate
an agent's certificate may not be shown by a client: error extended-usage: relay-client-tls-secret tls.crt: CN=agent of east: it has extended key usages without clientAuth | issue it with serverAuth and clientAuth, and its issuers with both or none
an agent's certificate has a week left: warning client-ends-soon: relay-client-tls-secret tls.crt: CN=agent of east: ends on 2026-11-30 | issue the next one, and apply the cluster's overlay
an agent's certificate ended yesterday: error expired: relay-client-tls-secret tls.crt: CN=agent of east: expired on 2026-11-22 | issue the next one; if relayform issued it: relayform renew
the relay server's certificate has a week left, and agents are given theirs: warning server-ends-soon: relay-server-tls-secret tls.crt: CN=relay server: ends on 2026-11-30 | issue the next one
an issuer of an agent chains to another root: error issuer-strays: relay-client-tls-secret tls.crt: CN=agent of east: the chain of its issuer ends at CN=stray root (sha256 …); want one of the roots of pki.certManager.ca: CN=relay root (sha256 …) | name an issuer whose chain ends there; or rotate pki.certManager.ca to the root of this one
the relay server's issuer chains to another root: error issuer-strays: relay-server-tls-secret tls.crt: CN=relay server: the chain of its issuer ends at CN=stray root (sha256 …); want one of the roots of pki.certManager.ca: CN=relay root (sha256 …) | name an issuer whose chain ends there; or rotate pki.certManager.ca to the root of this one
an issuer tells of an intermediate alone: warning issuer-tells-another: relay-client-tls-secret ca.crt: cert-manager wrote what the issuer reports: CN=relay signing CA (sha256 …); relay-root-tls-secret has CN=relay root (sha256 …) | configure the issuer with its CA and the whole chain up to the root; during a rotation ca.crt has one of the two roots, and there is nothing to do
an issuer tells of no CA: warning issuer-tells-another: relay-client-tls-secret ca.crt: it is missing, as the issuer gives cert-manager no CA | configure the issuer with its CA and the whole chain up to the root; during a rotation ca.crt has one of the two roots, and there is nothing to do
cert-manager has issued nothing to an agent: error secret-missing: relay-client-tls-secret: the Secret is not there | kubectl describe certificate relay-client-tls-secret says why cert-manager has issued none; if there is no such Certificate, apply the cluster's overlay
cert-manager has not renewed an agent's certificate: warning client-ends-soon: relay-client-tls-secret tls.crt: CN=agent of east: ends on 2026-11-24 | kubectl describe certificate relay-client-tls-secret says why cert-manager has not renewed it
`
