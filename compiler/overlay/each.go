package overlay

import "runtime"

// ahead is how many overlays, for each processor, may be rendered before the first of them is
// visited: it bounds what is held in memory.
const ahead = 8

// RenderEach renders overlays side by side, turns each into what is wanted, and visits that in the order
// of the names. What does not build is turned with its error. It ends with the first error that visit
// returns.
func RenderEach[T any](w *Workspace, names []string, turn func(i int, r *Rendered, err error) T, visit func(i int, made T) error) error {
	workers := runtime.GOMAXPROCS(0)
	type job struct {
		i    int
		made chan T
	}
	jobs, inOrder, end := make(chan job), make(chan job, ahead*workers), make(chan struct{})
	defer close(end)
	for range workers {
		go func() {
			for j := range jobs {
				r, err := w.Render(names[j.i])
				j.made <- turn(j.i, r, err)
			}
		}()
	}
	go func() {
		defer close(inOrder)
		defer close(jobs)
		for i := range names {
			j := job{i, make(chan T, 1)}
			for _, to := range []chan job{inOrder, jobs} {
				select {
				case to <- j:
				case <-end:
					return
				}
			}
		}
	}()
	for j := range inOrder {
		if err := visit(j.i, <-j.made); err != nil {
			return err
		}
	}
	return nil
}
