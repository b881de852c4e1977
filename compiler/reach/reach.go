// Package reach finds the address at which agents can dial the relay server, by querying the management cluster. It only reads.
package reach

import (
	"cmp"
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

// Cluster is the management cluster, accessed with kubectl.
type Cluster struct {
	Kubectl kubectl.Run
	Context string
}

// Address is what agents dial, with notes about it.
type Address struct {
	HostPort string
	Notes    []string
}

// Pending says what the cluster has not assigned yet.
type Pending struct{ What string }

// Error returns what is missing.
func (p Pending) Error() string { return "pending: " + p.What }

// Find queries once. The error is a Pending while the address is missing.
func (c Cluster) Find(ctx context.Context, where ingress.Where) (Address, error) {
	switch w := where.(type) {
	case ingress.LoadBalancer:
		svc, port, err := c.service(ctx, w.Service)
		if err == nil && svc.Spec.Type != loadBalancer {
			err = fmt.Errorf("%s is of type %s; want LoadBalancer: install the server's chart with the management cluster's values.yaml", svc, svc.Spec.Type)
		}
		if err != nil {
			return Address{}, err
		}
		return svc.balanced(port.Port, "")
	case ingress.NodePort:
		return c.nodePort(ctx, w.Service)
	case ingress.EitherPort:
		svc, port, err := c.service(ctx, w.Service)
		if err == nil && svc.Spec.Type == loadBalancer {
			return svc.balanced(port.Port, "; if the cluster has no load balancers (kind, bare metal), use the node port: --node-port")
		}
		if err != nil {
			return Address{}, err
		}
		return c.onNode(ctx, svc, port)
	case ingress.GatewayStatus:
		return c.gateway(ctx, w)
	case ingress.Router:
		return c.router(ctx, w)
	}
	return Address{}, fmt.Errorf("package reach does not know how to find the address of %T", where)
}

// nodePort returns a node's address with the Service's node port.
func (c Cluster) nodePort(ctx context.Context, where ingress.Service) (Address, error) {
	svc, port, err := c.service(ctx, where)
	if err != nil {
		return Address{}, err
	}
	return c.onNode(ctx, svc, port)
}

func (c Cluster) onNode(ctx context.Context, svc service, port servicePort) (Address, error) {
	if port.NodePort == 0 {
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

// dialled returns an address that agents can dial, after checking what the cluster returned.
func dialled(host string, port int, source string, notes []string) (Address, error) {
	a := Address{HostPort: net.JoinHostPort(host, strconv.Itoa(port)), Notes: notes}
	if err := plan.CheckAddress(a.HostPort); err != nil {
		return Address{}, fmt.Errorf("%s: %w", source, err)
	}
	return a, nil
}

// Wait repeats Find until there is an address or the context ends; then the error is the last Pending.
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

// service is the relevant part of a Service.
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
	Name       string
	Port       int
	NodePort   int
	TargetPort any // a number, or the name of a container port
}

// leads reports whether the port's target port is the given one.
func (p servicePort) leads(target int) bool {
	if p.TargetPort == nil {
		return p.Port == target
	}
	return fmt.Sprint(p.TargetPort) == strconv.Itoa(target)
}

// String identifies the Service in a sentence.
func (s service) String() string {
	return fmt.Sprintf("Service %s of namespace %s", s.Metadata.Name, s.Metadata.Namespace)
}

func (c Cluster) get(ctx context.Context, into any, args ...string) (found bool, err error) {
	if found, err = c.Kubectl.In(c.Context).Get(ctx, into, args...); err != nil {
		return false, fmt.Errorf("context %s: %w", c.Context, err)
	}
	return found, nil
}

// service returns a Service and its port.
func (c Cluster) service(ctx context.Context, where ingress.Service) (service, servicePort, error) {
	svc, err := c.find(ctx, where)
	if err != nil {
		return svc, servicePort{}, err
	}
	port, err := svc.port(where)
	return svc, port, err
}

func (c Cluster) find(ctx context.Context, where ingress.Service) (service, error) {
	var s service
	found, err := c.get(ctx, &s, "--namespace="+where.Namespace, "get", "service", where.Name)
	if err != nil || found {
		return s, err
	}
	what := fmt.Sprintf("there is no Service %s in namespace %s", where.Name, where.Namespace)
	todo := cmp.Or(where.Missing, "apply the management cluster and install the server's chart")
	if len(where.Selector) == 0 {
		return s, Pending{what + " yet; " + todo}
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
		return s, fmt.Errorf("%s; the gateway's pods are behind %s: name it with --service", what, strings.Join(like, " and "))
	}
	return s, Pending{what + " yet; " + todo}
}

// leads reports whether a Service's selector matches the labels of pods.
func leads(selector, labels map[string]string) bool {
	for k, v := range labels {
		if selector[k] != v {
			return false
		}
	}
	return true
}

// port returns the Service's port with the target port, or the number, or else the name.
func (s service) port(where ingress.Service) (servicePort, error) {
	var have []string
	for _, p := range s.Spec.Ports {
		if where.Target > 0 && p.leads(where.Target) || where.Port > 0 && p.Port == where.Port {
			return p, nil
		}
		have = append(have, strings.TrimSpace(fmt.Sprintf("%d %s", p.Port, p.Name)))
	}
	for _, p := range s.Spec.Ports {
		if where.Target == 0 && p.Name == where.PortName {
			return p, nil
		}
	}
	if where.Target > 0 {
		return servicePort{}, fmt.Errorf("%s has no port that targets port %d of its pods; it has %s", s, where.Target, strings.Join(have, ", "))
	}
	if where.Port == 0 {
		return servicePort{}, fmt.Errorf("%s has no port named %s; it has %s", s, where.PortName, strings.Join(have, ", "))
	}
	return servicePort{}, fmt.Errorf("%s has no port %d and none named %s; it has %s", s, where.Port, where.PortName, strings.Join(have, ", "))
}

// balanced returns the address of the Service's load balancer. Otherwise says what to do if there will be none.
func (s service) balanced(port int, otherwise string) (Address, error) {
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
	return Address{}, Pending{fmt.Sprintf("%s has no load balancer address yet%s", s, otherwise)}
}
