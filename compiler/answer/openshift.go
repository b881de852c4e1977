package answer

// takesRouteHost reports whether another Route has our host: of two, the older one is admitted.
func takesRouteHost(other, ours Object) bool {
	return sameHost(block(ours["spec"])["host"], block(other["spec"])["host"])
}
