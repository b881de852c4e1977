package reach

import (
	"context"
	"fmt"
	"strings"

	"relayform/compiler/ingress"
)

// gatewayObject is the relevant part of a Gateway of the Gateway API.
type gatewayObject struct {
	Spec struct {
		Listeners []struct {
			Name, Protocol string
			Port           int
			TLS            struct{ Mode string }
		}
	}
	Status struct {
		Addresses  []struct{ Value string }
		Conditions []condition
	}
}

// gateway returns the first address of a Gateway, with the port of its listener.
func (c Cluster) gateway(ctx context.Context, w ingress.GatewayStatus) (Address, error) {
	var g gatewayObject
	name := fmt.Sprintf("Gateway %s of namespace %s", w.Name, w.Namespace)
	found, err := c.get(ctx, &g, "--namespace="+w.Namespace, "get", w.Kind().String(), w.Name)
	switch {
	case err != nil:
		return Address{}, err
	case !found && w.Attached:
		return Address{}, Pending{"there is no " + name + " yet; create it, or correct " + w.Field}
	case !found:
		return Address{}, Pending{"there is no " + name + " yet; apply the management cluster"}
	}
	port, err := g.port(name, w)
	if err != nil {
		return Address{}, err
	}
	for _, at := range g.Status.Addresses {
		if at.Value == "" {
			continue
		}
		var notes []string
		if n := len(g.Status.Addresses); n > 1 {
			notes = append(notes, fmt.Sprintf("%s has %d addresses; this is the first", name, n))
		}
		return dialled(at.Value, port, name, notes)
	}
	why := ""
	for _, kind := range []string{"Accepted", "Programmed"} {
		if said := of(g.Status.Conditions, kind); said.Status == "False" {
			why = fmt.Sprintf("; %s is False, %s", kind, said.because())
			break
		}
	}
	return Address{}, Pending{name + " has no address yet" + why}
}

// port returns the port of the listener, which must pass TLS through.
func (g gatewayObject) port(name string, w ingress.GatewayStatus) (int, error) {
	var have []string
	var ends error
	for _, l := range g.Spec.Listeners {
		have = append(have, fmt.Sprintf("%d %s", l.Port, l.Name))
		switch {
		case w.Listener != "" && l.Name != w.Listener, w.Listener == "" && l.Port != w.Port:
		case l.Protocol == "TLS" && l.TLS.Mode == "Passthrough":
			return l.Port, nil
		case ends == nil:
			ends = fmt.Errorf("listener %s of %s has protocol %s and TLS mode %q; want protocol TLS and mode Passthrough: TLS must end at the relay server", l.Name, name, l.Protocol, l.TLS.Mode)
		}
	}
	if ends != nil {
		return 0, ends
	}
	want := fmt.Sprintf("on port %d", w.Port)
	if w.Listener != "" {
		want = w.Listener
	}
	return 0, fmt.Errorf("%s has no listener %s; it has %s", name, want, strings.Join(have, ", "))
}
