//go:build !pages

package main

import "github.com/spf13/cobra"

func newPages() *cobra.Command { return nil }
