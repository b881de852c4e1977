package answer

// judge is how objects of one kind are held against what relayform emits.
type judge struct {
	// spec compares the specs of an object that may gain something there; nil where nothing may be added but
	// labels and annotations.
	spec func(c *comparison, ours, made map[string]any)
	// takes reports whether another object of the kind takes what arrives for ours; nil where none can.
	takes func(other, ours Object) bool
}

// judges are those of each kind that has one, by group and kind.
var judges = map[[2]string]judge{
	{gatewayAPIGroup, "Gateway"}:       {spec: (*comparison).gatewayOfAPI},
	{gatewayAPIGroup, "TLSRoute"}:      {(*comparison).tlsRouteOfAPI, takesHostname},
	{"", "Service"}:                    {spec: (*comparison).service},
	{istioGroup, "Gateway"}:            {(*comparison).gateway, takesGateway},
	{istioGroup, "VirtualService"}:     {(*comparison).virtualService, takesVirtualService},
	{"gateway.solo.io", "Gateway"}:     {(*comparison).glooGateway, takesBindPort},
	{"projectcontour.io", "HTTPProxy"}: {(*comparison).httpProxy, takesFQDN},
	{"traefik.io", "IngressRouteTCP"}:  {(*comparison).routeTCP, takesRouteTCP},
	{"route.openshift.io", "Route"}:    {takes: takesRouteHost},
}

// takes reports whether another object takes what arrives for ours, which is of the same kind.
func takes(i id, other, ours Object) bool {
	judge := judges[[2]string{i.group, i.kind}].takes
	return judge != nil && judge(other, ours)
}
