package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/ingress"
	"relayform/compiler/project"
	"relayform/compiler/reach"
	"relayform/schema/pattern"
)

// askAgain is how long to wait before a cluster is asked again for an address that does not exist yet.
const askAgain = 2 * time.Second

// label matches the name of a namespace or Service (RFC 1123 label).
var label = pattern.Late(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// The fields of the topology with addresses to dial.
const (
	relayField     = "management.relayAddress"
	telemetryField = "management.telemetry.address"
)

// dialled is a field of the topology with an address to dial, and how to find and write that address.
type dialled struct {
	field, known string
	ingress      ingress.Chosen
	set          func(project.Project, compiler.Env, string) (changed bool, err error)
}

func newAddress() *cobra.Command {
	var at files
	var k program
	var service string
	var nodePort, write, telemetry bool
	var output chosen
	all := addressForms()
	var wait time.Duration
	c := &cobra.Command{
		Use:   "address [FILE]",
		Short: "Ask the management cluster where agents can dial the relay",
		Long: `Address prints the relay's host:port as the management cluster reports it: from the load balancer,
from a node and its node port, or from the status of a Gateway or Route. It only reads from the
cluster. With --telemetry it prints the address of the telemetry gateway. Exit code 1: the cluster
has no address yet.`,
		RunE: func(c *cobra.Command, args []string) error {
			project := at.project()
			plan, err := compiler.Vet(project, environment())
			if err != nil {
				return err
			}
			choice := ingress.Choice{NodePort: nodePort}
			if service != "" {
				namespace, name, ok := strings.Cut(service, "/")
				if !ok || !label().MatchString(namespace) || !label().MatchString(name) {
					return fmt.Errorf("--service %s: want NAMESPACE/NAME", service)
				}
				choice.Namespace, choice.Service = namespace, name
			}
			of := dialled{relayField, plan.RelayAddress, plan.Ingress, compiler.SetRelayAddress}
			if telemetry && plan.Telemetry == nil {
				return errors.New("--telemetry: the topology has no telemetry gateway; management.telemetry asks for one")
			} else if telemetry {
				of = dialled{telemetryField, plan.Telemetry.Address, plan.Telemetry.Ingress, compiler.SetTelemetryAddress}
			}
			where, err := of.ingress.Where.With(choice)
			if err != nil {
				return err
			}
			if err := k.check(c.Context()); err != nil {
				return err
			}
			stderr := c.ErrOrStderr()
			cluster := reach.Cluster{Kubectl: k.run, Context: plan.Management.Context}
			ctx, cancel := c.Context(), context.CancelFunc(func() {})
			if wait > 0 {
				ctx, cancel = context.WithTimeout(ctx, wait)
			}
			defer cancel()
			find := cluster.Find
			if wait > 0 {
				find = func(ctx context.Context, where ingress.Where) (reach.Address, error) {
					return cluster.Wait(ctx, where, askAgain, func(p reach.Pending) { say(stderr, "relayform: %v", p) })
				}
			}
			address, err := find(ctx, where)
			found := foundAddress{command: c, project: project, Notes: address.Notes, Address: address.HostPort, Field: of.field, Known: of.known}
			var pending reach.Pending
			if errors.As(err, &pending) {
				found.Pending = pending.What
				return errors.Join(all.write(c.OutOrStdout(), &output, found), errShort)
			}
			if err != nil {
				return err
			}
			if write {
				found.Written, err = of.set(project, environment(), address.HostPort)
				found.write = err == nil
			}
			return errors.Join(all.write(c.OutOrStdout(), &output, found), err)
		},
	}
	at.register(c)
	all.register(c, &output, func() answer {
		if telemetry {
			return &foundAddress{Field: telemetryField}
		}
		return &foundAddress{Field: relayField}
	})
	k.register(c)
	c.Flags().BoolVar(&write, "write", false, "write the address into the topology as management.relayAddress, or management.telemetry.address")
	c.Flags().BoolVar(&telemetry, "telemetry", false, "ask for the address of the telemetry gateway")
	c.Flags().DurationVar(&wait, "wait", 0, "how long to wait for the address, such as 5m")
	c.Flags().BoolVar(&nodePort, "node-port", false, "use a node's address and the node port, even if there is a load balancer")
	c.Flags().StringVar(&service, "service", "", "ask this Service, NAMESPACE/NAME (default: the ingress's Service)")
	return c
}
