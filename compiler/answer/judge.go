package answer

// judge is how objects of one kind are compared with relayform's output.
type judge struct {
	// spec compares the specs of an object to which something may be added; nil if only labels and annotations may be.
	spec func(c *comparison, ours, made map[string]any)
	// takes reports whether another object of the kind takes our traffic; nil if none can.
	takes func(other, ours Object) bool
}

// judges is indexed by group and kind.
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

// takes reports whether another object takes our traffic; both are of the same kind.
func takes(i id, other, ours Object) bool {
	judge := judges[[2]string{i.group, i.kind}].takes
	return judge != nil && judge(other, ours)
}
