package secrecy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// public returns things, as bytes, that resemble private keys but are public.
func public() map[string][]byte {
	r, e := must(rsa.GenerateKey(rand.Reader, 2048)), must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "PRIVATE KEY"}, DNSNames: []string{"a.example"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCRLSign | x509.KeyUsageCertSign, SubjectKeyId: []byte{1, 2},
	}
	out := map[string][]byte{}
	out["certificate of RSA"] = must(x509.CreateCertificate(rand.Reader, &template, &template, r.Public(), r))
	out["certificate of ECDSA"] = must(x509.CreateCertificate(rand.Reader, &template, &template, e.Public(), e))
	out["request"] = must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: template.Subject}, r))
	parsed := must(x509.ParseCertificate(out["certificate of RSA"]))
	out["revocation list"] = must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Unix(0, 0), NextUpdate: time.Unix(1, 0)}, parsed, r))
	out["public key of RSA"] = must(x509.MarshalPKIXPublicKey(r.Public()))
	out["public key of ECDSA"] = must(x509.MarshalPKIXPublicKey(e.Public()))
	out["public key of RSA, PKCS 1"] = x509.MarshalPKCS1PublicKey(&r.PublicKey)
	out["signature"] = must(ecdsa.SignASN1(rand.Reader, e, noise(32)))
	out["parameters of DH"] = must(asn1.Marshal([]*big.Int{r.N, big.NewInt(2)}))
	out["PKCS 7"] = must(asn1.Marshal(struct {
		ID      asn1.ObjectIdentifier
		Content struct {
			Version int
			Digests []asn1.RawValue `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}{ID: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}}))
	out["SNMP"] = must(asn1.Marshal(struct {
		Version   int
		Community []byte
	}{1, []byte("public")}))
	out["noise"] = noise(64 << 10)
	return out
}

// TestHonestTextIsLeftAlone puts public values into the same garments as private material.
func TestHonestTextIsLeftAlone(t *testing.T) {
	for name, der := range public() {
		for _, text := range [][]byte{der, armour("CERTIFICATE", der), armour("PUBLIC KEY", der)} {
			for _, g := range garments {
				if !g.binary && bytes.ContainsFunc(text, func(r rune) bool { return r > 0x7e }) {
					continue
				}
				if places := Find([]byte(g.dress(text)), digest(token)); len(places) > 0 {
					t.Errorf("%s, %s: %v", name, g.name, places)
				}
			}
		}
	}
	for _, text := range []string{
		"want a PEM block BEGIN PRIVATE KEY",
		"look for PRIVATE KEY----- in it",
		"-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\\n-----END PRIVATE KEY-----",
		"secrets: {local: {encryptTo: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]}}",
		"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
		"age-plugin-yubikey, age-plugin-tpm, age-plugin-fido2-hmac and age-plugin-se open it",
		"secretRef: {name: age-secret-key-production}",
		"an age identity begins with AGE-SECRET-KEY-1…",
		"-----BEGIN AGE ENCRYPTED FILE-----\n" + wrap(base64.StdEncoding.EncodeToString(append([]byte("age-encryption.org/v1\n-> X25519 "), noise(900)...)), 64) + "\n-----END AGE ENCRYPTED FILE-----\n",
		"-----BEGIN PGP MESSAGE-----\n\n" + wrap(base64.StdEncoding.EncodeToString(noise(900)), 64) + "\n-----END PGP MESSAGE-----\n",
		"tls.key: ENC[AES256_GCM,data:" + base64.StdEncoding.EncodeToString(noise(1700)) + ",iv:" + base64.StdEncoding.EncodeToString(noise(32)) + ",tag:" + base64.StdEncoding.EncodeToString(noise(16)) + ",type:str]",
		"encryptedData: {tls.key: AgB" + base64.StdEncoding.EncodeToString(noise(2400)) + "}",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + base64.StdEncoding.EncodeToString(noise(32)) + " me@example",
		"PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 3\n" + wrap(base64.StdEncoding.EncodeToString(noise(144)), 64),
		`{"kty":"RSA","e":"AQAB","n":"` + base64.RawURLEncoding.EncodeToString(noise(256)) + `"}`,
		"spki: " + hex.EncodeToString(noise(32)) + "\nsha256: " + digest(token) + "\n",
		"sha256 Fingerprint=" + strings.TrimSuffix(strings.Repeat("AB:", 32), ":"),
		"Modulus:\n    00:" + strings.Repeat("c1:", 255) + "\nExponent: 65537 (0x10001)",
		"checksum/config: " + hex.EncodeToString(noise(64)),
		"eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString(noise(200)) + "." + base64.RawURLEncoding.EncodeToString(noise(256)),
		"annotations: {x: \"" + base64.StdEncoding.EncodeToString(noise(48<<10)) + "\"}",
		"priv: false\nprivate: true\nprivateExponent: none\n",
		"pattern: '^-----BEGIN [A-Z ]*PRIVATE KEY-----$'",
		"relay-server-tls-secret tls.key relay-tls-signing-secret relay-identity-token-secret token",
		`{"kubectyl": {"k": "` + base64.StdEncoding.EncodeToString(noise(300)) + `kty"}}`,
		"Subject: CN=AGE-SECRET, O=KEY",
		base64.StdEncoding.EncodeToString([]byte(strings.Repeat("plain words and nothing else, ", 50))),
		base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(noise(3000)))),
		"", "\n", "-", "=", "\\", `"`, "\\x",
	} {
		if places := Find([]byte(text), digest(token)); len(places) > 0 {
			t.Errorf("%v in %.300q", places, text)
		}
	}
}

// TestWhatIsCommittedIsLeftAlone searches every public file that this project commits.
func TestWhatIsCommittedIsLeftAlone(t *testing.T) {
	n := 0
	for _, dir := range []string{"../../golden", "../../fixtures"} {
		if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			private := strings.HasSuffix(path, ".key") || strings.HasSuffix(path, ".p12") || strings.HasSuffix(path, ".token") || strings.HasSuffix(path, "identity.txt") || strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".txtar")
			for _, own := range []string{"adopt/", "import/", "imported/pki", "manual/", "/keys/"} { // folders with keys for tests
				private = private || strings.Contains(filepath.ToSlash(path), own)
			}
			if err != nil || !d.Type().IsRegular() || private || strings.Contains(path, "private") || strings.Contains(path, "-key") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			n++
			if places := Find(text, digest(token)); len(places) > 0 {
				t.Errorf("%s:%d: %s", path, places[0].Line, places[0].Kind)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n < 500 {
		t.Errorf("only %d files", n)
	}
}

// TestCredentialsInAddressesAreHidden prints addresses: credentials are hidden, and nothing else.
func TestCredentialsInAddressesAreHidden(t *testing.T) {
	for text, want := range map[string]string{
		"got \"https://user:pass@git.example.com/a.git\"":  "got \"https://***@git.example.com/a.git\"",
		"HTTPS://token1234567890@git.example.com/a.git":    "HTTPS://***@git.example.com/a.git",
		"ssh://git:word@git.example.com/a.git":             "ssh://git:***@git.example.com/a.git",
		"ssh://git@git.example.com/a.git":                  "ssh://git@git.example.com/a.git",
		"git@git.example.com:team/a.git":                   "git@git.example.com:team/a.git",
		"https://git.example.com/a@b and me@example.com":   "https://git.example.com/a@b and me@example.com",
		"see https://example.com/path, or ask me@mail.org": "see https://example.com/path, or ask me@mail.org",
	} {
		if got := Mask(text); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}
