package ingress

import (
	"errors"
	"fmt"
)

// Where is how the relay's address is found once the ingress has one: one type for each way. Package reach queries the cluster, by type.
type Where interface {
	// Command returns a shell command that prints the address, for the runbook. The context is a shell word.
	Command(context string) string
	// With applies a user's choice.
	With(Choice) (Where, error)
}

// Choice is what a user may know better than the topology.
type Choice struct {
	Namespace, Service string // a different Service; empty for the ingress's own
	NodePort           bool   // use a node's address and the node port, even if there is a load balancer
}

// Service is a port of a Service: the port with the given target port, otherwise the one with the number, otherwise the one with the name.
type Service struct {
	Namespace, Name string
	Port            int
	PortName        string
	// Target is the target port, if only that is known.
	Target int
	// Selector selects the pods behind it, if the Service may have a different name.
	Selector map[string]string
	// Missing says what to do if it does not exist; empty if the server's chart creates it.
	Missing string
}

// get returns the command that gets the Service, without the output option.
func (s Service) get(context string) string {
	return fmt.Sprintf("kubectl --context %s --namespace %s get service %s --output ", context, s.Namespace, s.Name)
}

// nodePort returns the output option for the port's node port. A jsonpath comparison with a number fails if another port has a string
// there.
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

// With returns a different Service, or its node port.
func (w LoadBalancer) With(c Choice) (Where, error) {
	if c.NodePort {
		return NodePort{Service: w.with(c)}, nil
	}
	return LoadBalancer{w.with(c)}, nil
}

// NodePort is a node's address with a Service's node port.
type NodePort struct {
	Service
	Fixed int // the port, if the topology sets it; 0 if the cluster chooses it
}

const nodeAddress = "jsonpath='{.items[0].status.addresses[0].address}"

// Command prints the first node's address and the port.
func (w NodePort) Command(context string) string {
	if w.Fixed > 0 {
		return fmt.Sprintf("kubectl --context %s get nodes --output %s:%d'", context, nodeAddress, w.Fixed)
	}
	return fmt.Sprintf("echo \"$(kubectl --context %s get nodes --output %s'):$(%s%s)\"", context, nodeAddress, w.get(context), w.nodePort())
}

// With returns a different Service.
func (w NodePort) With(c Choice) (Where, error) { return NodePort{w.with(c), w.Fixed}, nil }

// EitherPort is the address of a Service's load balancer if it has one, otherwise a node's with the node port.
type EitherPort struct{ Service }

// Command prints what exists in every cluster: a node's address and the node port.
func (w EitherPort) Command(context string) string {
	return NodePort{Service: w.Service}.Command(context)
}

// With returns a different Service, or always its node port.
func (w EitherPort) With(c Choice) (Where, error) {
	if c.NodePort {
		return NodePort{Service: w.with(c)}, nil
	}
	return EitherPort{w.with(c)}, nil
}

// instead returns the Service that a user chose instead of an address in an object's status. The port is the Service's.
func instead(w Where, c Choice, port Service) (Where, error) {
	switch {
	case c.Service != "":
		return EitherPort{port}.With(c)
	case c.NodePort:
		return nil, errors.New("--node-port: this ingress has no Service; also name the Service in front of it, with --service NAMESPACE/NAME")
	}
	return w, nil
}
