package overlay

import "runtime"

// ahead is how many overlays per CPU may be rendered before the first is visited; this bounds memory use.
const ahead = 8

// RenderEach renders overlays in parallel, converts each with turn, and calls visit in the order of the names. An overlay that does not
// build is passed to turn with its error. RenderEach returns the first error from visit.
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
