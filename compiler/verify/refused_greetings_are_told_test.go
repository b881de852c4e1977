package verify_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"

	"relayform/compiler/verify"
)

// TestRefusedGreetingIsTold dials a TLS server that refuses: the alert is reported, so that users do not look for a certificate fault in
// the mesh.
func TestRefusedGreetingIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(net.Conn)
		want   string
	}{
		"an alert": {func(conn net.Conn) {
			config := &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("no") }}
			_ = tls.Server(conn, config).Handshake()
		}, "it refuses the ClientHello: "},
		"no TLS": {func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1<<12))
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		}, "it answers, but not with TLS"},
		"the end": {func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<12)) }, "it closes the connection at the ClientHello"},
	} {
		near, far := net.Pipe()
		go func() {
			c.answer(far)
			_ = far.Close()
		}()
		seen, err := verify.Dial(context.Background(), near, "203.0.113.7:443", authority, noon)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || seen == nil || seen.Address != "203.0.113.7:443" || seen.Name != authority {
			t.Errorf("%s: %+v, %v; want %s", name, seen, err, c.want)
		}
		_ = near.Close()
	}
}
