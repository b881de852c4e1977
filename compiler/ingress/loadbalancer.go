package ingress

import (
	"fmt"
	"maps"
	"slices"

	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

var loadBalancerForm = Form{
	Name:    "loadBalancer",
	Note:    "the relay server's Service; aws, gke or azure add the cloud's annotations",
	resolve: resolve(func(in schema.Ingress) *schema.LoadBalancer { return in.LoadBalancer }, loadBalancer),
}

// loadBalancer exposes the relay server's own Service. Users' annotations take precedence over a preset's, except those that contradict the
// topology or would not pass TLS through.
func loadBalancer(in schema.LoadBalancer, to Target, fault Fault) Chosen {
	limited(in.Annotations, fault)
	chosen := chosenPreset(in, to, fault)
	annotations := maps.Clone(chosen.annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	for _, key := range slices.Sorted(maps.Keys(in.Annotations)) {
		at := []string{"loadBalancer", "annotations", key}
		value := in.Annotations[key]
		if refused := intrusion(key, in.Annotations); refused != nil {
			fault(at, refused)
			continue
		}
		if said, ok := chosen.said[key]; ok && said.value != value {
			fault(at, diag.Clash.Fault(said.field+" wants "+diag.Shorten(said.value)+" here", "remove the annotation, or change "+said.field))
			continue
		}
		annotations[key] = value
	}
	return Chosen{
		Service: product.Service{Type: "LoadBalancer", Annotations: annotations},
		Where:   LoadBalancer{to.service()},
	}
}

// MaxAnnotations is the maximum size, in bytes, of an object's annotations (k8s.io/apimachinery, validation.TotalAnnotationSizeLimitB).
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
