package main

import (
	"bytes"
	"io"

	"sigs.k8s.io/yaml"
)

// writeYAML writes as YAML what is written as JSON.
func writeYAML(w io.Writer, writeJSON func(io.Writer) error) error {
	var document bytes.Buffer
	if err := writeJSON(&document); err != nil {
		return err
	}
	text, err := yaml.JSONToYAML(document.Bytes())
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
