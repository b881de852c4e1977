package main

import (
	"bytes"
	"io"

	"relayform/compiler/manifest"
)

// writeYAML writes as YAML what is written as JSON.
func writeYAML(w io.Writer, writeJSON func(io.Writer) error) error {
	var document bytes.Buffer
	if err := writeJSON(&document); err != nil {
		return err
	}
	text, err := manifest.FromJSON(document.Bytes())
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
