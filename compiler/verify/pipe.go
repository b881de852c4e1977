package verify

import (
	"bytes"
	"io"
	"net"
	"sync"
	"time"
)

// wire is one direction of an in-memory connection. Unlike net.Pipe it is buffered: when a TLS endpoint refuses, both sides write at once,
// and neither may wait for the other to read.
type wire struct {
	mu     sync.Mutex
	more   *sync.Cond
	bytes  bytes.Buffer
	closed bool
}

func newWire() *wire {
	w := &wire{}
	w.more = sync.NewCond(&w.mu)
	return w
}

func (w *wire) Read(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.bytes.Len() == 0 && !w.closed {
		w.more.Wait()
	}
	return w.bytes.Read(b) // io.EOF if closed and empty
}

func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, io.ErrClosedPipe
	}
	w.more.Broadcast()
	return w.bytes.Write(b)
}

func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.more.Broadcast()
}

// end is one end of an in-memory connection; closing it closes both directions.
type end struct{ in, out *wire }

func pipe() (near, far net.Conn) {
	a, b := newWire(), newWire()
	return end{a, b}, end{b, a}
}

func (e end) Read(b []byte) (int, error)  { return e.in.Read(b) }
func (e end) Write(b []byte) (int, error) { return e.out.Write(b) }

func (e end) Close() error {
	e.in.close()
	e.out.close()
	return nil
}

func (end) LocalAddr() net.Addr              { return &net.UnixAddr{Name: "memory"} }
func (end) RemoteAddr() net.Addr             { return &net.UnixAddr{Name: "memory"} }
func (end) SetDeadline(time.Time) error      { return nil }
func (end) SetReadDeadline(time.Time) error  { return nil }
func (end) SetWriteDeadline(time.Time) error { return nil }
