package answer

// takesRouteHost reports whether another Route has the host of ours: of two the older one is admitted.
func takesRouteHost(other, ours Object) bool {
	return sameHost(block(ours["spec"])["host"], block(other["spec"])["host"])
}
