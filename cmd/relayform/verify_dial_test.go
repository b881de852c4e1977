package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

const relayAuthority = "enterprise-networking.gloo-mesh"

// serve runs a TLS server with a certificate until the test ends, and returns its address.
func serve(t *testing.T, certificate tls.Certificate, protocols ...string) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: protocols, ClientAuth: tls.RequestClientCert})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(io.Discard, c)
			}()
		}
	}()
	return l.Addr().String()
}

// relayServer serves the certificate that the relay server of a topology would.
func relayServer(t *testing.T, file string, protocols ...string) string {
	t.Helper()
	out, _ := relayform(t, exitDone, "render", "mgmt", "--file", file)
	secrets, err := manifest.ReadSecrets([]byte(out))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if s.Name == product.Profiles[0].Secret(pki.Server) {
			c, err := tls.X509KeyPair(s.Data["tls.crt"], s.Data["tls.key"])
			if err != nil {
				t.Fatal(err)
			}
			return serve(t, c, protocols...)
		}
	}
	t.Fatal("no server Secret")
	return ""
}

// ingressCertificate returns a certificate that someone else's ingress would present.
func ingressCertificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "ingress.example.com"}, DNSNames: []string{"ingress.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := pki.MarshalKey(crypto.Signer(key))
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), private...)
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		t.Fatal(err)
	}
	return pair, text
}

func TestDialSaysWhoAnswers(t *testing.T) {
	_, file := compiled(t)
	own := relayServer(t, file, "h2")
	out, _ := relayform(t, exitDone, "verify", "--dial="+own, file)
	contains(t, out, "TLS passes through to the relay server", `ALPN "h2"`, "asks for a client certificate", relayAuthority, "days left")

	out, _ = relayform(t, exitDone, "verify", "--dial="+relayServer(t, file), file)
	contains(t, out, "[dial-no-http2]")

	foreign, _ := ingressCertificate(t)
	out, _ = relayform(t, exitShort, "verify", "--dial="+serve(t, foreign, "h2"), file)
	contains(t, out, "it presents CN=ingress.example.com", "TLS ends at the ingress [dial-foreign]", "TLS ends before the relay server")

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "  name: mgmt\n", "  name: mgmt\n  clusterDomain: mesh.local\n", 1)
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	relayform(t, exitDone, "compile", file)
	out, _ = relayform(t, exitDone, "verify", "--dial="+own, file)
	contains(t, out, "[dial-other]")
}

func TestDialWithoutAnAnswer(t *testing.T) {
	_, file := compiled(t)
	_, errs := relayform(t, exitError, "verify", "--dial", file)
	contains(t, errs, "management.relayAddress is not set; name the address")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			c.Close()
		}
	}()
	out, _ := relayform(t, exitShort, "verify", "--dial="+l.Addr().String(), file)
	contains(t, out, "it answers, but not with TLS [dial-no-tls]")
	l.Close()
	_, errs = relayform(t, exitError, "verify", "--dial="+l.Addr().String(), file)
	contains(t, errs, "connection refused")
}

// TestDialThroughHAProxy puts a real proxy that routes by server name in front of the relay server: first it passes TLS through, then it
// terminates TLS.
func TestDialThroughHAProxy(t *testing.T) {
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		haproxy = "/usr/sbin/haproxy"
	}
	if _, err := os.Stat(haproxy); err != nil {
		t.Skip("haproxy is not here; it is to stand before the relay server (apt-get install haproxy)")
	}
	dir, file := compiled(t)
	relay := relayServer(t, file, "h2")
	_, certificate := ingressCertificate(t)
	pair := filepath.Join(dir, "ingress.pem")
	if err := os.WriteFile(pair, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	through, ends := freePort(t), freePort(t)
	config := fmt.Sprintf(`defaults
  mode tcp
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend through
  bind %s
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_hello_type 1 }
  use_backend relay if { req.ssl_sni -i %s }
frontend ends
  bind %s ssl crt %s alpn h2
  default_backend again
backend relay
  server relay %s
backend again
  server relay %s ssl verify none
`, through, relayAuthority, ends, pair, relay, relay)
	path := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	proxy := exec.Command(haproxy, "-db", "-f", path)
	proxy.Stdout, proxy.Stderr = &said, &said
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = proxy.Process.Kill()
		_ = proxy.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	for _, address := range []string{through, ends} {
		await(t, address)
	}

	out, _ := relayform(t, exitDone, "verify", "--dial="+through, file)
	contains(t, out, "TLS passes through to the relay server", `ALPN "h2"`)

	out, _ = relayform(t, exitShort, "verify", "--dial="+ends, file)
	contains(t, out, "TLS ends at the ingress [dial-foreign]", "asks for no client certificate")

	// Another authority means another server name, for which the proxy has no route.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "  name: mgmt\n", "  name: mgmt\n  authority: relay.example.com\n", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	relayform(t, exitDone, "compile", file)
	out, _ = relayform(t, exitShort, "verify", "--dial="+through, file)
	contains(t, out, "there is no route for this server name [dial-no-tls]")
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await waits until an address accepts connections.
func await(t *testing.T, address string) {
	t.Helper()
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s takes no connections", address)
}
