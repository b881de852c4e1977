//go:build !linux

package main

import "os"

func forgetPeak() error { return nil }

// peak is unknown on other systems.
func peak(*os.ProcessState) float64 { return 0 }
