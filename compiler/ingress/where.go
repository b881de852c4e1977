package ingress

import (
	"errors"
	"fmt"
)

// Where is how the address of the relay is found once the ingress has an address: one type for each way. Package
// reach asks the cluster, by type.
type Where interface {
	// Command prints the address: a line of the shell, for the runbook. The context is a word of the shell.
	Command(context string) string
	// With is the way after a user's choice.
	With(Choice) (Where, error)
}

// Choice is what a user may know better than the topology.
type Choice struct {
	Namespace, Service string // another Service; empty for the ingress's own
	NodePort           bool   // a node's address and the node port, even where there is a load balancer
}

// Service is a port of a Service: the one that leads to the target, where there is one; else that of the number,
// where there is one; else that of the name.
type Service struct {
	Namespace, Name string
	Port            int
	PortName        string
	// Target is the port of the pods that the Service's port leads to, where that alone is known.
	Target int
	// Selector is of the pods behind it, where the Service may have another name.
	Selector map[string]string
	// Missing is what to do where it is not there; empty where it comes with the server's chart.
	Missing string
}

// get is the command that asks for the Service, up to its output.
func (s Service) get(context string) string {
	return fmt.Sprintf("kubectl --context %s --namespace %s get service %s --output ", context, s.Namespace, s.Name)
}

// nodePort is the output that is the port's node port. jsonpath finds no number where another port has a word in its place.
func (s Service) nodePort() string {
	if s.Target > 0 {
		return fmt.Sprintf(`go-template='{{range .spec.ports}}{{if eq (print .targetPort) "%d"}}{{.nodePort}}{{end}}{{end}}'`, s.Target)
	}
	return fmt.Sprintf("jsonpath='{.spec.ports[?(@.name==%q)].nodePort}'", s.PortName)
}

func (s Service) with(c Choice) Service {
	if c.Service != "" {
		s.Namespace, s.Name, s.Selector, s.Missing = c.Namespace, c.Service, nil, ""
	}
	return s
}

// LoadBalancer is the address of a Service's load balancer.
type LoadBalancer struct{ Service }

// Command prints the load balancer's address.
func (w LoadBalancer) Command(context string) string {
	return fmt.Sprintf("%sjsonpath='{.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}:%d'", w.get(context), w.Port)
}

// With takes another Service, or its node port.
func (w LoadBalancer) With(c Choice) (Where, error) {
	if c.NodePort {
		return NodePort{Service: w.with(c)}, nil
	}
	return LoadBalancer{w.with(c)}, nil
}

// NodePort is a node's address with a Service's node port.
type NodePort struct {
	Service
	Fixed int // the port, where the topology says it; 0 where the cluster chooses it
}

const nodeAddress = "jsonpath='{.items[0].status.addresses[0].address}"

// Command prints the first node's address and the port.
func (w NodePort) Command(context string) string {
	if w.Fixed > 0 {
		return fmt.Sprintf("kubectl --context %s get nodes --output %s:%d'", context, nodeAddress, w.Fixed)
	}
	return fmt.Sprintf("echo \"$(kubectl --context %s get nodes --output %s'):$(%s%s)\"", context, nodeAddress, w.get(context), w.nodePort())
}

// With takes another Service.
func (w NodePort) With(c Choice) (Where, error) { return NodePort{w.with(c), w.Fixed}, nil }

// EitherPort is the address of a Service's load balancer where it has one, else a node's with the node port.
type EitherPort struct{ Service }

// Command prints what there is everywhere: a node's address and the node port.
func (w EitherPort) Command(context string) string {
	return NodePort{Service: w.Service}.Command(context)
}

// With takes another Service, or its node port in any case.
func (w EitherPort) With(c Choice) (Where, error) {
	if c.NodePort {
		return NodePort{Service: w.with(c)}, nil
	}
	return EitherPort{w.with(c)}, nil
}

// instead is the Service of a user's choice in place of an address that an object's status has. The port
// is that of the Service.
func instead(w Where, c Choice, port Service) (Where, error) {
	switch {
	case c.Service != "":
		return EitherPort{port}.With(c)
	case c.NodePort:
		return nil, errors.New("--node-port: the address of this ingress is no Service's; name the Service in front of it, too, with --service NAMESPACE/NAME")
	}
	return w, nil
}
