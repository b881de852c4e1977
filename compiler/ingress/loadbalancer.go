package ingress

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

var loadBalancerForm = Form{
	Name:    "loadBalancer",
	Note:    "the relay server's own Service; aws, gke or azure set a cloud's annotations",
	resolve: resolve(func(in schema.Ingress) *schema.LoadBalancer { return in.LoadBalancer }, loadBalancer),
}

// preset is the annotations of one cloud's load balancer, inside and outside its private network.
type preset struct {
	name               string
	internal, external map[string]string
}

// The presets. AWS Load Balancer Controller: "Service annotations"; GKE: "Internal load balancing";
// AKS: "Use an internal load balancer".
var (
	aws = preset{name: "aws", internal: nlb("internal"), external: nlb("internet-facing")}
	gke = preset{name: "gke", internal: map[string]string{"networking.gke.io/load-balancer-type": "Internal"}}

	azure = preset{name: "azure", internal: map[string]string{"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}}
)

func nlb(scheme string) map[string]string {
	return map[string]string{
		"service.beta.kubernetes.io/aws-load-balancer-type":             "external",
		"service.beta.kubernetes.io/aws-load-balancer-nlb-target-type":  "ip",
		"service.beta.kubernetes.io/aws-load-balancer-scheme":           scheme,
		"service.beta.kubernetes.io/aws-load-balancer-backend-protocol": "TCP",
	}
}

// endsTLS are annotations that make a load balancer end TLS, which the relay's mutual TLS does not
// survive.
var endsTLS = []string{
	"service.beta.kubernetes.io/aws-load-balancer-ssl-cert",
	"service.beta.kubernetes.io/aws-load-balancer-ssl-ports",
}

// loadBalancer exposes the relay server's own Service.
func loadBalancer(in schema.LoadBalancer, relay Relay, fault Fault) Chosen {
	limited(in.Annotations, fault)
	annotations := map[string]string{}
	first := ""
	for _, choice := range []struct {
		chosen *schema.Preset
		preset
	}{{in.Aws, aws}, {in.Gke, gke}, {in.Azure, azure}} {
		if choice.chosen == nil {
			continue
		}
		if first != "" {
			fault([]string{"loadBalancer", choice.name}, diag.OneOf.Fault("want at most one of aws, gke, azure; "+first+" is there already", ""))
			continue
		}
		first = choice.name
		if choice.chosen.Internal {
			maps.Copy(annotations, choice.internal)
		} else {
			maps.Copy(annotations, choice.external)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(in.Annotations)) {
		at := []string{"loadBalancer", "annotations", key}
		if slices.Contains(endsTLS, key) {
			fault(at, diag.TLSEndsEarly.Fault("the load balancer would end TLS, and the relay's mutual TLS with it", "remove the annotation: TLS must reach the relay server untouched"))
			continue
		}
		if want, ok := annotations[key]; ok && want != in.Annotations[key] {
			fault(at, diag.Clash.Fault("the preset "+first+" sets this annotation to "+want, "remove the annotation, or the preset"))
			continue
		}
		annotations[key] = in.Annotations[key]
	}
	if v := annotations["service.beta.kubernetes.io/aws-load-balancer-backend-protocol"]; v != "" && !strings.EqualFold(v, "tcp") {
		fault([]string{"loadBalancer", "annotations", "service.beta.kubernetes.io/aws-load-balancer-backend-protocol"}, diag.TLSEndsEarly.Fault("want TCP: with "+v+" the load balancer would speak to the relay itself", ""))
	}
	return Chosen{
		Service: product.Service{Type: "LoadBalancer", Annotations: annotations},
		Where:   LoadBalancer{relay.service()},
	}
}

// MaxAnnotations is the size, in bytes, of an object's annotations (k8s.io/apimachinery,
// validation.TotalAnnotationSizeLimitB).
const MaxAnnotations = 256 << 10

// limited refuses more annotations than an object may have.
func limited(annotations map[string]string, fault Fault) {
	size := 0
	for k, v := range annotations {
		size += len(k) + len(v)
	}
	if size > MaxAnnotations {
		fault([]string{"loadBalancer", "annotations"}, diag.LimitExceeded.Fault(fmt.Sprintf("the annotations have %d bytes; Kubernetes' limit is %d (256 KiB)", size, MaxAnnotations), ""))
	}
}
