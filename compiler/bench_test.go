package compiler

import "testing"

// BenchmarkEmit compiles the reference topology in memory, with certificates issued before; BenchmarkProve adds kustomize's build of each
// overlay.
func BenchmarkEmit(b *testing.B) {
	c := compileFixture(b, fixtures(b)["reference"])
	for b.Loop() {
		if _, err := c.emit(c.plan, c.lock); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProve builds the overlays.
func BenchmarkProve(b *testing.B) {
	c := compileFixture(b, fixtures(b)["reference"])
	for b.Loop() {
		if err := c.prove(c.plan, c.lock, c.tree); err != nil {
			b.Fatal(err)
		}
	}
}
