package verify

import (
	"relayform/schema/diag"
)

// The codes of handshakes, and of what was seen on clusters and on the wire.
const (
	HandshakeFailed diag.Code = "handshake-failed"
	DriftDifferent  diag.Code = "drift-different"
	DriftOlder      diag.Code = "drift-older"
	DriftBytes      diag.Code = "drift-bytes"
	DialNoTLS       diag.Code = "dial-no-tls"
	DialForeign     diag.Code = "dial-foreign"
	DialOther       diag.Code = "dial-other"
	DialNoHTTP2     diag.Code = "dial-no-http2"
)

var seenExplanations = []Explanation{
	{HandshakeFailed, TLS, "a TLS handshake fails", "The handshake was carried out in memory with the bytes that the two sides hold, and none of the other checks explains its failure. The message is the TLS library's own."},
	{DriftDifferent, Drift, "a cluster holds something else than the lockfile says", "Somebody, or another tool, changed the Secret, or the overlay of another topology was applied. Apply the cluster's overlay again, or find out who else writes there."},
	{DriftOlder, Drift, "a cluster holds an older certificate of this mesh", "The lockfile has a newer one: the cluster was left out when it was applied. Apply its overlay."},
	{DriftBytes, Drift, "the same certificates as in the lockfile, in other bytes", "Nothing breaks. Something rewrote the Secret, and the next difference will be harder to see."},
	{DialNoTLS, TLS, "the address does not answer with TLS", "The connection was made, and no TLS handshake came about. Where the other side closes at once, the ingress has no route for the server name (SNI) that agents send, which is the authority; where it answers in plain text, the port is another service's."},
	{DialForeign, TLS, "TLS ends before the relay server", "The address presents somebody else's certificate: a load balancer or an ingress ends TLS there. Mutual TLS between agent and relay server cannot pass it. Configure it to pass TLS through."},
	{DialOther, TLS, "the relay server presents another certificate than the lockfile's", "It is of this mesh, so agents accept it. The overlay was not applied since the certificate was replaced, or the relay server has not read it yet."},
	{DialNoHTTP2, TLS, "the server does not choose HTTP/2", "The relay speaks gRPC, and newer gRPC clients insist on h2 in ALPN. Something between may have taken it out, or the port is not the relay server's."},
}
