package compiler

import "strings"

// customization is what users add to one overlay, and the expected result.
type customization struct {
	name   string
	at     string // management, edge, or pinned: a management cluster with a fixed node port
	patch  string
	target string            // the patch's, in flow style
	files  map[string]string // files of the component own, whose kustomization is the file k
	want   string            // words of the one diagnostic, in order; empty if it is accepted
}

const (
	secretHead  = "apiVersion: v1\nkind: Secret\nmetadata: {name: relay-root-tls-secret, namespace: gloo-mesh}\n"
	serverHead  = "apiVersion: v1\nkind: Secret\nmetadata: {name: relay-server-tls-secret, namespace: gloo-mesh}\n"
	tokenHead   = "apiVersion: v1\nkind: Secret\nmetadata: {name: relay-identity-token-secret, namespace: gloo-mesh}\n"
	spaceHead   = "apiVersion: v1\nkind: Namespace\nmetadata: {name: gloo-mesh}\n"
	gatewayHead = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gloo-mesh-ingress, namespace: gloo-mesh}\n"
	routeHead   = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: gloo-mesh-ingress, namespace: gloo-mesh}\n"
	serviceHead = "apiVersion: v1\nkind: Service\nmetadata: {name: gloo-mesh-ingress, namespace: gloo-mesh}\n"

	rootSecret = "{kind: Secret, name: relay-root-tls-secret}"
	gateway    = "{kind: Gateway}"
	route      = "{kind: VirtualService}"
	service    = "{kind: Service}"
)

// refused are changes of what relayform is responsible for.
var refused = []customization{
	{name: "root deleted", at: "edge", patch: secretHead + "$patch: delete", want: "removes or renames Secret relay-root-tls-secret"},
	{name: "root emptied", at: "edge", patch: secretHead + "data: {ca.crt: null}", want: "removes data.ca.crt of Secret relay-root-tls-secret; relayform is responsible for it … pki"},
	{name: "root replaced", at: "edge", patch: secretHead + "data: {ca.crt: aGVsbG8=}", want: "changes data.ca.crt of Secret relay-root-tls-secret"},
	{name: "root removed by an operation", at: "edge", patch: "- {op: remove, path: /data/ca.crt}", target: rootSecret, want: "removes data.ca.crt"},
	{name: "root moved", at: "edge", patch: "- {op: move, from: /data/ca.crt, path: /data/ca.pem}", target: rootSecret, want: "removes data.ca.crt"},
	{name: "root covered", at: "edge", patch: secretHead + "stringData: {ca.crt: hello}", want: "adds stringData.ca.crt to Secret relay-root-tls-secret"},
	{name: "data removed", at: "edge", patch: "- {op: remove, path: /data}", target: rootSecret, want: "removes data.ca.crt"},
	{name: "data replaced as a whole", at: "edge", patch: secretHead + "data: {$patch: replace, own: aGVsbG8=}", want: "removes data.ca.crt"},
	{name: "key that a chart would read", at: "edge", patch: secretHead + "data: {tls.crt: aGVsbG8=}", want: "adds data.tls.crt to Secret relay-root-tls-secret"},
	{name: "type", at: "edge", patch: secretHead + "type: kubernetes.io/tls", want: "changes type of Secret relay-root-tls-secret"},
	{name: "no type", at: "edge", patch: "- {op: remove, path: /type}", target: rootSecret, want: "removes type of Secret"},
	{name: "immutable", at: "edge", patch: secretHead + "immutable: true", want: "sets immutable of Secret relay-root-tls-secret"},
	{name: "renamed", at: "edge", patch: "- {op: replace, path: /metadata/name, value: other}", target: rootSecret, want: "removes or renames Secret relay-root-tls-secret"},
	{name: "moved to a namespace", at: "edge", patch: "- {op: replace, path: /metadata/namespace, value: other}", target: rootSecret, want: "changes metadata.namespace of Secret relay-root-tls-secret … the topology sets it in namespace"},
	{name: "namespace taken out", at: "edge", patch: "- {op: remove, path: /metadata/namespace}", target: rootSecret, want: "changes metadata.namespace of Secret"},
	{name: "another kind", at: "edge", patch: "- {op: replace, path: /kind, value: ConfigMap}", target: rootSecret, want: "removes or renames Secret relay-root-tls-secret"},
	{name: "another API version", at: "management", patch: "- {op: replace, path: /apiVersion, value: networking.istio.io/v1alpha3}", target: gateway, want: "changes apiVersion of Gateway gloo-mesh-ingress … management.ingress.istio.apiVersion"},
	{name: "owner", at: "edge", patch: "- {op: add, path: /metadata/ownerReferences, value: [{apiVersion: v1, kind: Node, name: n, uid: u}]}", target: rootSecret, want: "adds metadata.ownerReferences to Secret"},
	{name: "finalizers", at: "edge", patch: "- {op: add, path: /metadata/finalizers, value: [example.com/never]}", target: rootSecret, want: "adds metadata.finalizers to Secret"},
	{name: "label that prune goes by", at: "edge", patch: "- {op: remove, path: /metadata/labels}", target: rootSecret, want: "removes metadata.labels.app.kubernetes.io/managed-by of Secret"},
	{name: "token changed", at: "edge", patch: tokenHead + "data: {token: aGVsbG8=}", want: "changes data.token of Secret relay-identity-token-secret"},
	{name: "token covered", at: "management", patch: tokenHead + "stringData: {token: hello}", want: "adds stringData.token to Secret relay-identity-token-secret"},
	{name: "token is what stands in golden files", at: "edge", patch: tokenHead + "data: {token: cHJpdmF0ZQo=}", want: "changes data.token"},
	{name: "key swapped", at: "management", patch: serverHead + "data: {tls.key: aGVsbG8=}", want: "changes data.tls.key of Secret relay-server-tls-secret"},
	{name: "certificate swapped", at: "management", patch: serverHead + "data: {tls.crt: aGVsbG8=}", want: "changes data.tls.crt of Secret relay-server-tls-secret"},
	{name: "key of another Secret", at: "management", files: map[string]string{"k": "replacements: [{source: {kind: Secret, name: relay-tls-signing-secret, fieldPath: 'data.[tls.key]'}, targets: [{select: {kind: Secret, name: relay-server-tls-secret}, fieldPaths: ['data.[tls.key]']}]}]"}, want: "changes data.tls.key of Secret relay-server-tls-secret"},

	{name: "Namespace deleted", at: "edge", patch: spaceHead + "$patch: delete", want: "removes or renames Namespace gloo-mesh … the topology sets it in namespace"},
	{name: "Namespace renamed", at: "management", patch: "- {op: replace, path: /metadata/name, value: other}", target: "{kind: Namespace}", want: "removes or renames Namespace gloo-mesh"},
	{name: "sidecars", at: "management", patch: "apiVersion: v1\nkind: Namespace\nmetadata: {name: gloo-mesh, labels: {istio-injection: enabled}}", want: "changes metadata.labels.istio-injection of Namespace gloo-mesh"},
	{name: "sidecars, label taken out", at: "edge", patch: "apiVersion: v1\nkind: Namespace\nmetadata: {name: gloo-mesh, labels: {istio-injection: null}}", want: "removes metadata.labels.istio-injection of Namespace"},
	{name: "left out by its annotation", at: "edge", patch: "- {op: add, path: /metadata/annotations, value: {config.kubernetes.io/local-config: 'true'}}", target: rootSecret, want: "removes or renames Secret relay-root-tls-secret"},

	{name: "mode", at: "management", patch: "- {op: replace, path: /spec/servers/0/tls/mode, value: SIMPLE}", target: gateway, want: "changes spec.servers[0].tls.mode of Gateway gloo-mesh-ingress"},
	{name: "credential", at: "management", patch: "- {op: add, path: /spec/servers/0/tls/credentialName, value: x}", target: gateway, want: "adds spec.servers[0].tls.credentialName to Gateway"},
	{name: "no TLS", at: "management", patch: "- {op: remove, path: /spec/servers/0/tls}", target: gateway, want: "removes spec.servers[0].tls of Gateway"},
	{name: "host", at: "management", patch: "- {op: replace, path: /spec/servers/0/hosts/0, value: other.example.com}", target: gateway, want: "changes spec.servers[0].hosts[0] of Gateway gloo-mesh-ingress … management.authority"},
	{name: "every host", at: "management", patch: "- {op: add, path: /spec/servers/0/hosts/-, value: '*'}", target: gateway, want: "changes spec.servers[0].hosts of Gateway"},
	{name: "port", at: "management", patch: "- {op: replace, path: /spec/servers/0/port/number, value: 8443}", target: gateway, want: "changes spec.servers[0].port.number of Gateway gloo-mesh-ingress … management.ingress.istio.port"},
	{name: "protocol", at: "management", patch: "- {op: replace, path: /spec/servers/0/port/protocol, value: HTTP}", target: gateway, want: "changes spec.servers[0].port.protocol"},
	{name: "servers by strategic merge", at: "management", patch: gatewayHead + "spec: {servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE}, hosts: [enterprise-networking.gloo-mesh]}]}", want: "changes spec.servers[0].tls.mode"},
	{name: "no servers", at: "management", patch: gatewayHead + "spec: {servers: []}", want: "spec.servers of Gateway"},
	{name: "no spec", at: "management", patch: "- {op: remove, path: /spec}", target: gateway, want: "removes spec.selector of Gateway gloo-mesh-ingress"},
	{name: "selector", at: "management", patch: gatewayHead + "spec: {selector: {app: other}}", want: "adds spec.selector.app to Gateway gloo-mesh-ingress … management.ingress.istio.selector"},
	{name: "second server for the host", at: "management", patch: "- {op: add, path: /spec/servers/-, value: {port: {number: 443, name: own, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: x}, hosts: ['./enterprise-networking.gloo-mesh']}}", target: gateway, want: "adds spec.servers[1] to Gateway gloo-mesh-ingress, which takes what arrives for the relay"},
	{name: "first server for every host", at: "management", patch: "- {op: add, path: /spec/servers/0, value: {port: {number: 443, name: own, protocol: TLS}, tls: {mode: SIMPLE, credentialName: x}, hosts: ['*']}}", target: gateway, want: "adds spec.servers[0] to Gateway"},
	{name: "HTTP on the port", at: "management", patch: "- {op: add, path: /spec/servers/-, value: {port: {number: 443, name: own, protocol: HTTP}, hosts: [other.example.com]}}", target: gateway, want: "adds spec.servers[1] to Gateway"},
	{name: "port's name taken", at: "management", patch: "- {op: add, path: /spec/servers/-, value: {port: {number: 8443, name: https, protocol: HTTPS}, tls: {mode: PASSTHROUGH}, hosts: [other.example.com]}}", target: gateway, want: "adds spec.servers[1] to Gateway"},
	{name: "Gateway deleted", at: "management", patch: gatewayHead + "$patch: delete", want: "removes or renames Gateway gloo-mesh-ingress"},
	{name: "route's destination", at: "management", patch: "- {op: replace, path: /spec/tls/0/route/0/destination/host, value: other}", target: route, want: "changes spec.tls[0].route[0].destination.host of VirtualService gloo-mesh-ingress"},
	{name: "route's port", at: "management", patch: "- {op: replace, path: /spec/tls/0/route/0/destination/port/number, value: 1}", target: route, want: "changes spec.tls[0].route[0].destination.port.number of VirtualService"},
	{name: "SNI", at: "management", patch: "- {op: replace, path: /spec/tls/0/match/0/sniHosts/0, value: other.example.com}", target: route, want: "changes spec.tls[0].match[0].sniHosts[0] of VirtualService gloo-mesh-ingress … management.authority"},
	{name: "route's weight", at: "management", patch: "- {op: add, path: /spec/tls/0/route/-, value: {weight: 50, destination: {host: other}}}", target: route, want: "changes spec.tls[0].route of VirtualService"},
	{name: "route before it", at: "management", patch: "- {op: add, path: /spec/tls/0, value: {match: [{sniHosts: ['*.gloo-mesh']}], route: [{destination: {host: other}}]}}", target: route, want: "adds spec.tls[0] to VirtualService gloo-mesh-ingress, which takes what arrives for the relay"},
	{name: "route for everything", at: "management", patch: "- {op: add, path: /spec/tls/-, value: {route: [{destination: {host: other}}]}}", target: route, want: "adds spec.tls[1] to VirtualService"},
	{name: "route's gateway", at: "management", patch: "- {op: replace, path: /spec/gateways/0, value: other/gateway}", target: route, want: "changes spec.gateways[0] of VirtualService"},
	{name: "route's host", at: "management", patch: routeHead + "spec: {hosts: [other.example.com]}", want: "changes spec.hosts[0] of VirtualService gloo-mesh-ingress"},
	{name: "route not exported", at: "management", patch: routeHead + "spec: {exportTo: ['.']}", want: "adds spec.exportTo to VirtualService"},

	{name: "node port", at: "pinned", patch: "- {op: replace, path: /spec/ports/0/nodePort, value: 31000}", target: service, want: "changes spec.ports[0].nodePort of Service gloo-mesh-ingress … management.ingress.nodePort.nodePort"},
	{name: "Service's type", at: "pinned", patch: serviceHead + "spec: {type: LoadBalancer}", want: "changes spec.type of Service gloo-mesh-ingress … management.ingress"},
	{name: "Service's selector", at: "pinned", patch: serviceHead + "spec: {selector: {app: other}}", want: "changes spec.selector.app of Service"},
	{name: "Service's target port", at: "pinned", patch: "- {op: replace, path: /spec/ports/0/targetPort, value: 1}", target: service, want: "changes spec.ports[0].targetPort of Service"},
	{name: "second port of the name", at: "pinned", patch: "- {op: add, path: /spec/ports/-, value: {name: grpc, port: 1}}", target: service, want: "adds spec.ports[1] to Service"},
	{name: "headless Service", at: "pinned", patch: serviceHead + "spec: {clusterIP: None}", want: "adds spec.clusterIP to Service"},

	{name: "namespace of a component", at: "edge", files: map[string]string{"k": "namespace: other"}, want: "component … Namespace gloo-mesh … Secret … the topology sets it in namespace"},
	{name: "name prefix", at: "edge", files: map[string]string{"k": "namePrefix: own-"}, want: "removes or renames Secret"},
	{name: "name suffix", at: "management", files: map[string]string{"k": "nameSuffix: -own"}, want: "removes or renames Secret"},
	{name: "labels in selectors", at: "pinned", files: map[string]string{"k": "commonLabels: {team: mesh}"}, want: "adds spec.selector.team to Service gloo-mesh-ingress"},
	{name: "labels with selectors", at: "pinned", files: map[string]string{"k": "labels: [{pairs: {team: mesh}, includeSelectors: true}]"}, want: "adds spec.selector.team to Service"},
	{name: "managed by another", at: "edge", files: map[string]string{"k": "labels: [{pairs: {app.kubernetes.io/managed-by: me}}]"}, want: "changes metadata.labels.app.kubernetes.io/managed-by of Namespace"},
	{name: "managed by kustomize", at: "edge", files: map[string]string{"k": "buildMetadata: [managedByLabel]\nlabels: [{pairs: {app.kubernetes.io/managed-by: kustomize}}]"}, want: "changes metadata.labels.app.kubernetes.io/managed-by of Namespace"},
	{name: "generator that merges", at: "edge", files: map[string]string{"k": "generatorOptions: {disableNameSuffixHash: true}\nsecretGenerator: [{name: relay-root-tls-secret, namespace: gloo-mesh, behavior: merge, literals: [ca.crt=hello]}]"}, want: "changes data.ca.crt of Secret relay-root-tls-secret"},
	{name: "generator that replaces", at: "edge", files: map[string]string{"k": "generatorOptions: {disableNameSuffixHash: true}\nsecretGenerator: [{name: relay-identity-token-secret, namespace: gloo-mesh, behavior: replace, literals: [token=hello]}]"}, want: "changes data.token of Secret relay-identity-token-secret"},
	{name: "generator that makes it immutable", at: "edge", files: map[string]string{"k": "secretGenerator: [{name: relay-root-tls-secret, namespace: gloo-mesh, behavior: merge, literals: [own=hello], options: {disableNameSuffixHash: true, immutable: true}}]"}, want: "immutable of Secret relay-root-tls-secret"},
	{name: "replacement", at: "management", files: map[string]string{"k": "replacements: [{source: {kind: Namespace, fieldPath: metadata.name}, targets: [{select: {kind: Gateway}, fieldPaths: [spec.servers.0.hosts.0]}]}]"}, want: "changes spec.servers[0].hosts[0] of Gateway"},
	{name: "transformer", at: "edge", files: map[string]string{"k": "transformers: [t.yaml]", "t.yaml": "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: t}\nprefix: own-\nfieldSpecs: [{path: metadata/name, kind: Secret}]\n"}, want: "removes or renames Secret"},
	{name: "patch of a component", at: "edge", files: map[string]string{"k": "patches: [{patch: '- {op: remove, path: /data}', target: {kind: Secret, name: relay-root-tls-secret}}]"}, want: "removes data.ca.crt"},
	{name: "another version of the Gateway", at: "management", files: map[string]string{"k": "resources: [g.yaml]", "g.yaml": strings.Replace(gatewayHead, "/v1", "/v1beta1", 1) + "spec: {selector: {a: b}, servers: []}\n"}, want: "adds another Gateway gloo-mesh-ingress"},
	{name: "another Secret without a namespace", at: "edge", files: map[string]string{"k": "resources: [s.yaml]", "s.yaml": "{apiVersion: v1, kind: Secret, metadata: {name: relay-root-tls-secret}, data: {ca.crt: aGVsbG8=}}\n"}, want: "adds another Secret relay-root-tls-secret"},
	{name: "another Namespace", at: "edge", files: map[string]string{"k": "resources: [s.yaml]", "s.yaml": "{apiVersion: v1, kind: Namespace, metadata: {name: gloo-mesh, namespace: own, labels: {istio-injection: enabled}}}\n"}, want: "kustomize: merging resources from 's.yaml': may not add resource with an already registered id: Namespace"},
	{name: "Namespace in a namespace", at: "edge", patch: "- {op: add, path: /metadata/namespace, value: own}", target: "{kind: Namespace}", want: "adds metadata.namespace to Namespace gloo-mesh"},
	{name: "another Secret in a list", at: "edge", files: map[string]string{"k": "resources: [s.yaml]", "s.yaml": "{apiVersion: v1, kind: SecretList, items: [{apiVersion: v1, kind: Secret, metadata: {name: relay-root-tls-secret}, data: {ca.crt: aGVsbG8=}}]}\n"}, want: "adds another Secret relay-root-tls-secret"},
	{name: "Gateway that takes the host", at: "management", files: map[string]string{"k": "resources: [g.yaml]", "g.yaml": strings.Replace(gatewayHead, "gloo-mesh-ingress", "own", 1) + "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: own, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: x}, hosts: ['*.gloo-mesh']}]}\n"}, want: "adds Gateway own, which takes what arrives for Gateway gloo-mesh-ingress"},
	{name: "VirtualService that takes the host", at: "management", files: map[string]string{"k": "resources: [g.yaml]", "g.yaml": strings.Replace(routeHead, "gloo-mesh-ingress", "own", 1) + "spec: {hosts: ['*'], gateways: [gloo-mesh-ingress], tls: [{match: [{port: 443, sniHosts: ['*']}], route: [{destination: {host: other}}]}]}\n"}, want: "adds VirtualService own, which takes what arrives for VirtualService gloo-mesh-ingress"},

	{name: "object that is not there", at: "edge", patch: gatewayHead + "spec: {}", want: "kustomize: the overlay has no Gateway gloo-mesh-ingress in namespace gloo-mesh / "},
	{name: "operation on what is not there", at: "edge", patch: "- {op: remove, path: /data/own}", target: rootSecret, want: "kustomize: error in remove for path: '/data/own'"},
	{name: "no patch", at: "edge", patch: "hello", target: rootSecret, want: "kustomize: want a piece of an object, or a list of operations"},
	{name: "component without its file", at: "edge", files: map[string]string{"k": "patches: [{path: gone.yaml, target: {kind: Secret}}]"}, want: "own/kustomization.yaml:3: gone.yaml: no such file"},
}

// allowed do not change what relayform is responsible for.
var allowed = []customization{
	{name: "labels", at: "management", patch: "- {op: add, path: /metadata/labels/team, value: mesh}", target: "{name: '.*'}"},
	{name: "annotations", at: "edge", patch: "- {op: add, path: /metadata/annotations, value: {example.com/owner: mesh}}", target: "{name: '.*'}"},
	{name: "labels of the Namespace", at: "edge", patch: "apiVersion: v1\nkind: Namespace\nmetadata: {name: gloo-mesh, labels: {pod-security.kubernetes.io/enforce: baseline, istio.io/rev: stable}}"},
	{name: "annotation of the token", at: "edge", patch: strings.Replace(tokenHead, "gloo-mesh}", "gloo-mesh, annotations: {a: b}}", 1)},
	{name: "the same again", at: "management", patch: gatewayHead + "spec: {selector: {istio: ingressgateway}}"},
	{name: "type again", at: "edge", patch: secretHead + "type: Opaque\nimmutable: false"},
	{name: "key of its own", at: "edge", patch: secretHead + "data: {own: aGVsbG8=}"},
	{name: "text of its own", at: "edge", patch: secretHead + "stringData: {own: hello}"},
	{name: "another port", at: "management", patch: "- {op: add, path: /spec/servers/-, value: {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}}", target: gateway},
	{name: "another host", at: "management", patch: "- {op: add, path: /spec/servers/0, value: {port: {number: 443, name: own, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: x}, hosts: ['*.example.com', other/app.gloo-mesh]}}", target: gateway},
	{name: "another route", at: "management", patch: "- {op: add, path: /spec/hosts/-, value: own.example.com}\n- {op: add, path: /spec/tls/0, value: {match: [{port: 443, sniHosts: [own.example.com]}], route: [{destination: {host: own}}]}}\n- {op: add, path: /spec/gateways/-, value: mesh}", target: route},
	{name: "another port of the Service", at: "pinned", patch: "- {op: add, path: /spec/ports/-, value: {name: own, port: 1, nodePort: 31001}}", target: service},
	{name: "how packets travel", at: "pinned", patch: serviceHead + "spec: {externalTrafficPolicy: Local, ipFamilyPolicy: PreferDualStack}"},
	{name: "objects", at: "management", files: map[string]string{"k": "resources: [o.yaml]", "o.yaml": "{apiVersion: v1, kind: Secret, metadata: {name: own, namespace: gloo-mesh}, data: {ca.crt: aGVsbG8=}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: relay-root-tls-secret, namespace: gloo-mesh}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: other}}\n"}},
	{name: "Secret of the name elsewhere", at: "edge", files: map[string]string{"k": "resources: [o.yaml]", "o.yaml": "{apiVersion: v1, kind: Secret, metadata: {name: relay-root-tls-secret, namespace: other}}\n"}},
	{name: "Gateway of its own", at: "management", files: map[string]string{"k": "resources: [g.yaml]", "g.yaml": strings.Replace(gatewayHead, "gloo-mesh-ingress", "own", 1) + "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: x}, hosts: ['*.example.com']}]}\n"}},
	{name: "Gateway on other pods", at: "management", files: map[string]string{"k": "resources: [g.yaml]", "g.yaml": strings.Replace(gatewayHead, "gloo-mesh-ingress", "own", 1) + "spec: {selector: {istio: other}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: x}, hosts: ['*']}]}\n"}},
	{name: "common labels and annotations", at: "management", files: map[string]string{"k": "commonLabels: {team: mesh}\ncommonAnnotations: {a: b}\nnamespace: gloo-mesh"}},
	{name: "generators", at: "edge", files: map[string]string{"k": "configMapGenerator: [{name: own, literals: [a=b]}]\nsecretGenerator: [{name: own, literals: [a=b]}]"}},
	{name: "generator that merges a key of its own", at: "edge", files: map[string]string{"k": "secretGenerator: [{name: relay-root-tls-secret, namespace: gloo-mesh, behavior: merge, literals: [own=hello]}]"}},
	{name: "images and replicas of its own", at: "edge", files: map[string]string{"k": "resources: [d.yaml]\nimages: [{name: a, newTag: b}]\nreplicas: [{name: own, count: 2}]", "d.yaml": "{apiVersion: apps/v1, kind: Deployment, metadata: {name: own, namespace: gloo-mesh}, spec: {template: {spec: {containers: [{name: a, image: a}]}}}}\n"}},
	{name: "there and back", at: "edge", patch: "- {op: replace, path: /type, value: x}\n- {op: replace, path: /type, value: Opaque}", target: rootSecret},
}
