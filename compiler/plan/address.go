package plan

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"relayform/schema/diag"
	"relayform/schema/pattern"
	"relayform/schema/source"
)

var dnsName = pattern.Late(`^[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9])?)*\.?$`)

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// CheckAddress returns an error if agents cannot dial an address, host:port.
func CheckAddress(text string) error {
	if fault := addressFault(text); fault != nil {
		return fault
	}
	return nil
}

// address checks an address that agents dial.
func (r *resolver) address(at []string, text string) {
	if fault := addressFault(text); fault != nil {
		r.fault(at, fault)
	}
}

const reachable = "give the address at which remote clusters reach the management cluster"

// addressFault says what is wrong with a host:port, or is nil.
func addressFault(text string) *diag.Fault {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return diag.BadAddress.Fault("want host:port, got "+text, "put an IPv6 address into brackets, such as [2001:db8::7]:443")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return diag.BadAddress.Fault("want a port from 1 to 65535, got "+port, "")
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil && ip.IsUnspecified():
		return diag.BadAddress.Fault(host+" means every address of a machine; agents cannot dial it", reachable)
	case err == nil && ip.IsLoopback(), strings.EqualFold(strings.TrimSuffix(host, "."), "localhost"):
		return diag.BadAddress.Fault(host+" is each cluster's own machine; agents would dial themselves", reachable)
	case err == nil && ip.Zone() != "":
		return diag.BadAddress.Fault("an address with a zone is valid on one machine only: "+host, "")
	case err == nil && (ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255})):
		return diag.BadAddress.Fault(host+" reaches many machines at once; agents dial one", reachable)
	case err != nil && strings.Contains(host, ":"):
		return diag.BadAddress.Fault(host+" is not an IPv6 address", "")
	case err != nil && (len(host) > maxName || !dnsName().MatchString(host)):
		return diag.BadAddress.Fault("want a DNS name or an address before the port, got "+diag.Quote(host), hostHint(host))
	case err != nil && looksLikeIPv4(host):
		return diag.BadAddress.Fault(host+" is not an IPv4 address; want four numbers from 0 to 255", "")
	}
	return nil
}

// hostHint says what to do about a host that is neither a DNS name nor an IP address.
func hostHint(host string) string {
	if fold := source.Fold(host); fold != host {
		return source.Foreign(host) + "; type it again: " + fold
	}
	if source.Foreign(host) != "" {
		return "write an international name in its ASCII form, which begins with xn--"
	}
	return ""
}

// looksLikeIPv4 reports whether a name consists of digits and periods: no DNS name ends in a numeric label.
func looksLikeIPv4(host string) bool {
	return strings.Trim(host, "0123456789.") == ""
}
