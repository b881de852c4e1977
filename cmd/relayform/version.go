package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set at build time: -ldflags "-X main.version=v1.2.3".
var version = ""

func newVersion() *cobra.Command {
	var output chosen
	built := func() *versionDocument {
		return &versionDocument{Version: versionOf(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	}
	all := formsOf(func(_ *versionDocument, w io.Writer) error {
		_, err := io.WriteString(w, versionLine())
		return err
	}, func(d *versionDocument) answer { return d })
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return all.write(c.OutOrStdout(), &output, built())
		},
	}
	all.register(c, &output, func() answer { return built() })
	return c
}

// versionDocument is the program's version, and what it was built with and for.
type versionDocument struct {
	Version  string `json:"version" jsonschema:"The version that was set at build time, or else the module's, or else the commit."`
	Go       string `json:"go" jsonschema:"The version of Go that built it."`
	Platform string `json:"platform" jsonschema:"The operating system and architecture, such as linux/amd64."`
	faults
}

// versionLine returns the version in words.
func versionLine() string {
	return fmt.Sprintf("relayform %s %s %s/%s\n", versionOf(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versionOf returns the version that was set at build time, or else the module's version, or else the commit.
func versionOf() string {
	info, ok := debug.ReadBuildInfo()
	switch {
	case version != "":
		return version
	case !ok:
		return "unknown"
	case info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "devel"
}
