package ingress

import (
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
)

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

// nodePort opens a port on the management cluster's nodes. Where the cluster may choose it, the
// chart's own Service gets the type NodePort. A fixed one the chart has no value for, so a Service
// beside the chart's holds it.
func nodePort(in schema.NodePort, relay Relay) Form {
	form := Form{
		Service: product.Service{Type: "NodePort"},
		Where:   Where{Service: relay.Service, Namespace: relay.Namespace, Port: product.RelayPort, PortName: "grpc", Node: true},
	}
	if in.NodePort == 0 {
		return form
	}
	form.Service.Type = "ClusterIP"
	form.Where.Service, form.Where.NodePort = objectName, int(in.NodePort)
	form.Objects = []manifest.Object{manifest.New("v1", "Service", relay.Namespace, objectName, nil, serviceSpec{
		Type:     "NodePort",
		Selector: map[string]string{"app": relay.Service},
		Ports: []servicePort{{
			Name: "grpc", Port: product.RelayPort, Protocol: "TCP", TargetPort: product.RelayPort, NodePort: int64(in.NodePort),
		}},
	})}
	return form
}
