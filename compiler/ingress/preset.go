package ingress

import (
	"cmp"
	"fmt"
	"strconv"

	"relayform/schema"
	"relayform/schema/diag"
)

const (
	awsPrefix   = "service.beta.kubernetes.io/aws-load-balancer-"
	azurePrefix = "service.beta.kubernetes.io/azure-load-balancer-"
)

// preset is the annotations of one cloud's load balancer.
type preset struct {
	annotations map[string]string
	// said are the annotations that a topology field determines: users may not set different values.
	said map[string]said
}

// said is the value of an annotation that a topology field determines.
type said struct{ field, value string }

// set adds an annotation and the preset's field that determines it; empty for a default, which users may change.
func (p preset) set(key, value, field string) {
	p.annotations[key] = value
	if field != "" {
		p.said[key] = said{field, value}
	}
}

// chosenPreset returns the preset of the one cloud that a topology names.
func chosenPreset(in schema.LoadBalancer, to Target, fault Fault) preset {
	p, first := preset{map[string]string{}, map[string]said{}}, ""
	one := func(name string) bool {
		if first != "" {
			fault([]string{"loadBalancer", name}, diag.OneOf.Fault("want at most one of aws, gke, azure; "+first+" is set already", ""))
			return false
		}
		first = name
		return true
	}
	if in.Aws != nil && one("aws") {
		p.aws(*in.Aws, to, fault)
	}
	if in.Gke != nil && one("gke") {
		p.gke(*in.Gke)
	}
	if in.Azure != nil && one("azure") {
		p.azure(*in.Azure)
	}
	return p
}

// aws sets the annotations of a Network Load Balancer that passes TCP through (AWS Load Balancer Controller, "Service annotations";
// cloud-provider-aws, "The Service Controller").
func (p preset) aws(in schema.AWS, to Target, fault Fault) {
	internal := ""
	if in.Internal {
		internal = "aws.internal"
	}
	if in.Scheme == "nlb" {
		p.set(awsPrefix+"type", "nlb", "aws.scheme")
		if in.Internal {
			p.set(awsPrefix+"internal", "true", internal)
		}
		if in.TargetType == "ip" {
			fault([]string{"loadBalancer", "aws", "targetType"}, diag.Clash.Fault("the cloud provider in the cluster (scheme: nlb) reaches pods by their nodes only", "write instance, or scheme: controller"))
		}
		if in.IdleTimeout != 0 {
			fault([]string{"loadBalancer", "aws", "idleTimeout"}, diag.Clash.Fault("the cloud provider in the cluster (scheme: nlb) sets no idle timeout: it is 350 seconds", "remove it, or write scheme: controller"))
		}
		return
	}
	field := func(name, value string) string {
		if value == "" {
			return ""
		}
		return "aws." + name
	}
	// A different controller reads a different annotation for an internal load balancer, and would expose this one to the internet.
	p.set(awsPrefix+"type", "external", cmp.Or(field("scheme", in.Scheme), internal))
	p.set(awsPrefix+"nlb-target-type", cmp.Or(in.TargetType, "ip"), field("targetType", in.TargetType))
	p.set(awsPrefix+"backend-protocol", "TCP", "")
	if in.Internal {
		p.set(awsPrefix+"scheme", "internal", internal)
		p.said[awsPrefix+"internal"] = said{internal, "true"}
	} else {
		p.set(awsPrefix+"scheme", "internet-facing", "")
	}
	if in.IdleTimeout != 0 {
		p.set(fmt.Sprintf("%slistener-attributes.TCP-%d", awsPrefix, to.Port.Number), fmt.Sprintf("tcp.idle_timeout.seconds=%d", in.IdleTimeout), "aws.idleTimeout")
	}
}

// gke sets the annotations of a passthrough Network Load Balancer (GKE, "Internal load balancing"). An external one needs none.
func (p preset) gke(in schema.Preset) {
	if in.Internal {
		p.set("networking.gke.io/load-balancer-type", "Internal", "gke.internal")
		p.said["cloud.google.com/load-balancer-type"] = said{"gke.internal", "Internal"}
	}
}

// azure sets the annotations of an AKS load balancer (AKS, "Use an internal load balancer"; cloud-provider-azure, "LoadBalancer
// annotations").
func (p preset) azure(in schema.Azure) {
	if in.Internal {
		p.set(azurePrefix+"internal", "true", "azure.internal")
	}
	if in.IdleTimeout != 0 {
		p.set(azurePrefix+"tcp-idle-timeout", strconv.FormatInt(int64(in.IdleTimeout), 10), "azure.idleTimeout")
	}
}
