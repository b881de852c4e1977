package ingress

import (
	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
)

var nodePortForm = Form{
	Name:  "nodePort",
	Note:  "a port on the management cluster's nodes",
	Kinds: []manifest.Kind{{Group: "", Name: "Service", Resource: "services"}},
	Own: []answer.Own{
		{Kind: "Service", Part: "spec.type", Field: "management.ingress"},
		{Kind: "Service", Part: "nodePort", Field: "management.ingress.nodePort.nodePort"},
	},
	resolve: resolve(func(in schema.Ingress) *schema.NodePort { return in.NodePort }, nodePort),
}

type serviceSpec struct {
	Type     string            `json:"type"`
	Selector map[string]string `json:"selector"`
	Ports    []servicePort     `json:"ports"`
}

type servicePort struct {
	Name       string `json:"name"`
	Port       int    `json:"port"`
	Protocol   string `json:"protocol"`
	TargetPort int    `json:"targetPort"`
	NodePort   int64  `json:"nodePort"`
}

// nodePort opens a port on the management cluster's nodes. If the cluster may choose it, the chart's own Service gets type NodePort. The
// chart has no value for a fixed port, so an additional Service has it.
func nodePort(in schema.NodePort, to Target, _ Fault) Chosen {
	if in.NodePort == 0 {
		return Chosen{Service: product.Service{Type: "NodePort"}, Where: NodePort{Service: to.service()}}
	}
	service := to.service()
	service.Name = to.Name
	return Chosen{
		Service: product.Service{Type: "ClusterIP"},
		Where:   NodePort{Service: service, Fixed: int(in.NodePort)},
		Objects: []manifest.Object{manifest.New("v1", "Service", to.Namespace, to.Name, nil, serviceSpec{
			Type:     "NodePort",
			Selector: to.Pods,
			Ports: []servicePort{{
				Name: to.Port.Name, Port: to.Port.Number, Protocol: "TCP", TargetPort: to.Port.Number, NodePort: int64(in.NodePort),
			}},
		})},
	}
}
