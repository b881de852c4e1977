package reach

import (
	"context"
	"fmt"

	"relayform/compiler/ingress"
	"relayform/schema/diag"
)

// route is the relevant part of a Route.
type route struct {
	Status struct {
		Ingress []struct {
			RouterName, RouterCanonicalHostname string
			Conditions                          []condition
		}
	}
}

// condition is a condition in an object's status.
type condition struct{ Type, Status, Reason, Message string }

// because returns a condition's cause.
func (c condition) because() string {
	if c.Message == "" {
		return c.Reason
	}
	return c.Reason + ": " + diag.Shorten(c.Message)
}

// of returns the condition with a type, or the zero value.
func of(conditions []condition, kind string) condition {
	for _, c := range conditions {
		if c.Type == kind {
			return c
		}
	}
	return condition{}
}

// router returns the canonical name of a router that has admitted the Route.
func (c Cluster) router(ctx context.Context, w ingress.Router) (Address, error) {
	var r route
	name := fmt.Sprintf("Route %s of namespace %s", w.Name, w.Namespace)
	found, err := c.get(ctx, &r, "--namespace="+w.Namespace, "get", w.Kind().String(), w.Name)
	if err != nil {
		return Address{}, err
	}
	if !found {
		return Address{}, Pending{"there is no " + name + " yet; apply the management cluster"}
	}
	var hosts []string
	var refused, nameless error
	for _, at := range r.Status.Ingress {
		switch admitted := of(at.Conditions, "Admitted"); {
		case admitted.Status == "False":
			refused = fmt.Errorf("the router %s does not admit %s: %s", at.RouterName, name, admitted.because())
		case admitted.Status != "True":
		case at.RouterCanonicalHostname == "":
			nameless = fmt.Errorf("the router %s has admitted %s, and has no canonical host name; name its Service with --service, such as openshift-ingress/router-%s", at.RouterName, name, at.RouterName)
		default:
			hosts = append(hosts, at.RouterCanonicalHostname)
		}
	}
	switch {
	case len(hosts) > 1:
		return dialled(hosts[0], ingress.RouterPort, name, []string{fmt.Sprintf("%d routers have admitted %s; this is the first", len(hosts), name)})
	case len(hosts) == 1:
		return dialled(hosts[0], ingress.RouterPort, name, nil)
	case refused != nil:
		return Address{}, refused
	case nameless != nil:
		return Address{}, nameless
	}
	return Address{}, Pending{"no router has admitted " + name + " yet"}
}
