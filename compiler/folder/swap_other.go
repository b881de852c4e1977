//go:build !linux

package folder

func (f *Folder) swap(a, b string) error { return f.swapInTwo(a, b) }
