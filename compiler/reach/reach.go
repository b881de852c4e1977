// Package reach finds where agents can dial the relay server, by asking the management cluster. It
// only reads.
package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"relayform/compiler/ingress"
	"relayform/compiler/kubectl"
	"relayform/compiler/plan"
)

// Cluster is the management cluster, as kubectl reaches it.
type Cluster struct {
	Kubectl kubectl.Run
	Context string
}

// Address is what agents dial, and what is worth knowing about it.
type Address struct {
	HostPort string
	Notes    []string
}

// Pending says what the cluster has not given yet.
type Pending struct{ What string }

// Error is what is awaited.
func (p Pending) Error() string { return "pending: " + p.What }

// Find asks once. The error is a Pending where the address is not there yet.
func (c Cluster) Find(ctx context.Context, where ingress.Where) (Address, error) {
	svc, err := c.service(ctx, where)
	if err != nil {
		return Address{}, err
	}
	port, err := svc.port(where)
	if err != nil {
		return Address{}, err
	}
	switch {
	case !where.Node && svc.Spec.Type != loadBalancer:
		return Address{}, fmt.Errorf("%s is of type %s; want LoadBalancer: install the server's chart with the management cluster's values.yaml", svc, svc.Spec.Type)
	case !where.Node, where.Either && svc.Spec.Type == loadBalancer:
		return svc.balanced(port.Port, where)
	case port.NodePort == 0:
		return Address{}, fmt.Errorf("%s is of type %s and has no node port for %d; want type NodePort or LoadBalancer", svc, svc.Spec.Type, port.Port)
	}
	host, notes, err := c.node(ctx)
	if err != nil {
		return Address{}, err
	}
	if svc.Spec.ExternalTrafficPolicy == "Local" {
		notes = append(notes, fmt.Sprintf("%s has externalTrafficPolicy Local: only nodes that run one of its pods answer", svc))
	}
	return dialled(host, port.NodePort, fmt.Sprintf("node port of %s", svc), notes)
}

// dialled is an address that agents can dial. What a cluster says may be anything.
func dialled(host string, port int, source string, notes []string) (Address, error) {
	a := Address{HostPort: net.JoinHostPort(host, strconv.Itoa(port)), Notes: notes}
	if err := plan.CheckAddress(a.HostPort); err != nil {
		return Address{}, fmt.Errorf("%s: %w", source, err)
	}
	return a, nil
}

// Wait is Find, again every so often until the address is there or the context ends; then the error
// is the last Pending.
func (c Cluster) Wait(ctx context.Context, where ingress.Where, every time.Duration, told func(Pending)) (Address, error) {
	var last Pending
	for {
		address, err := c.Find(ctx, where)
		var pending Pending
		switch {
		case ctx.Err() != nil && last.What != "":
			return Address{}, last
		case !errors.As(err, &pending):
			return address, err
		}
		if pending != last {
			told(pending)
		}
		last = pending
		select {
		case <-ctx.Done():
			return Address{}, last
		case <-time.After(every):
		}
	}
}

const loadBalancer = "LoadBalancer"

// service is what is read of a Service.
type service struct {
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		Type                  string
		ExternalTrafficPolicy string
		Selector              map[string]string
		Ports                 []servicePort
	}
	Status struct {
		LoadBalancer struct {
			Ingress []struct{ IP, Hostname string }
		}
	}
}

type servicePort struct {
	Name     string
	Port     int
	NodePort int
}

// String names the Service in a sentence.
func (s service) String() string {
	return fmt.Sprintf("Service %s of namespace %s", s.Metadata.Name, s.Metadata.Namespace)
}

func (c Cluster) get(ctx context.Context, into any, args ...string) (found bool, err error) {
	if found, err = c.Kubectl.In(c.Context).Get(ctx, into, args...); err != nil {
		return false, fmt.Errorf("context %s: %w", c.Context, err)
	}
	return found, nil
}

func (c Cluster) service(ctx context.Context, where ingress.Where) (service, error) {
	var s service
	found, err := c.get(ctx, &s, "--namespace="+where.Namespace, "get", "service", where.Service)
	if err != nil || found {
		return s, err
	}
	what := fmt.Sprintf("there is no Service %s in namespace %s", where.Service, where.Namespace)
	if len(where.Selector) == 0 {
		return s, Pending{what + " yet; apply the management cluster and install the server's chart"}
	}
	var all struct{ Items []service }
	if _, err := c.get(ctx, &all, "get", "services", "--all-namespaces"); err != nil {
		return s, err
	}
	var like []string
	for _, other := range all.Items {
		if leads(other.Spec.Selector, where.Selector) {
			like = append(like, other.Metadata.Namespace+"/"+other.Metadata.Name)
		}
	}
	if len(like) > 0 {
		slices.Sort(like)
		return s, fmt.Errorf("%s; the gateway's pods stand behind %s: name it with --service", what, strings.Join(like, " and "))
	}
	return s, Pending{what + " yet; install Istio's ingress gateway, or name its Service with --service"}
}

// leads reports whether a Service's selector is about the pods with these labels.
func leads(selector, labels map[string]string) bool {
	for k, v := range labels {
		if selector[k] != v {
			return false
		}
	}
	return true
}

// port is the Service's port of that number, else of that name.
func (s service) port(where ingress.Where) (servicePort, error) {
	var have []string
	for _, p := range s.Spec.Ports {
		if p.Port == where.Port {
			return p, nil
		}
		have = append(have, strings.TrimSpace(fmt.Sprintf("%d %s", p.Port, p.Name)))
	}
	for _, p := range s.Spec.Ports {
		if p.Name == where.PortName {
			return p, nil
		}
	}
	return servicePort{}, fmt.Errorf("%s has no port %d and none named %s; it has %s", s, where.Port, where.PortName, strings.Join(have, ", "))
}

// balanced is the address of the Service's load balancer.
func (s service) balanced(port int, where ingress.Where) (Address, error) {
	for _, at := range s.Status.LoadBalancer.Ingress {
		for _, host := range []string{at.IP, at.Hostname} {
			if host == "" {
				continue
			}
			var notes []string
			if n := len(s.Status.LoadBalancer.Ingress); n > 1 {
				notes = append(notes, fmt.Sprintf("the load balancer of %s has %d addresses; this is the first", s, n))
			}
			return dialled(host, port, fmt.Sprintf("load balancer of %s", s), notes)
		}
	}
	what := fmt.Sprintf("%s has no load balancer address yet", s)
	if where.Either {
		what += "; where no load balancer will come (kind, bare metal), take the node port: --node-port"
	}
	return Address{}, Pending{what}
}
