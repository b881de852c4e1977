package overlay

import (
	"runtime"
	"sync"
)

// ahead is how many overlays, for each processor, may be rendered before the first of them is
// visited: it bounds what is held in memory.
const ahead = 8

// RenderEach renders overlays side by side and visits them in order, each with its error if it does
// not build. It ends with the first error that visit returns.
func (w *Workspace) RenderEach(names []string, visit func(i int, r *Rendered, err error) error) error {
	window := ahead * runtime.GOMAXPROCS(0)
	for start := 0; start < len(names); start += window {
		batch := names[start:min(start+window, len(names))]
		rendered, errs := make([]*Rendered, len(batch)), make([]error, len(batch))
		next := make(chan int)
		var workers sync.WaitGroup
		for range min(runtime.GOMAXPROCS(0), len(batch)) {
			workers.Go(func() {
				for i := range next {
					rendered[i], errs[i] = w.Render(batch[i])
				}
			})
		}
		for i := range batch {
			next <- i
		}
		close(next)
		workers.Wait()
		for i := range batch {
			if err := visit(start+i, rendered[i], errs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
