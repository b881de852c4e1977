package overlay

import (
	"bytes"
	"encoding/pem"
	"path"
	"slices"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/schema/secrecy"
)

var certificateFiles = []string{manifest.RootFile, manifest.ServerFile, manifest.SigningFile}

// generated reports whether relayform wrote a file that the tree no longer has: by its first line, or as a
// certificate by its name and as it holds nothing else. What holds private material is not as relayform
// wrote it: it may be the only copy.
func generated(name string, data []byte) bool {
	if strings.HasSuffix(name, ".crt") {
		return slices.Contains(certificateFiles, path.Base(name)) && strings.Count(name, "/") == 2 && onlyCertificates(data)
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	return bytes.Contains(first, []byte(manifest.Header)) && len(secrecy.Find(data)) == 0
}

// onlyCertificates reports whether data is the PEM of certificates, byte by byte as relayform writes it.
func onlyCertificates(data []byte) bool {
	var written []byte
	for block := range pki.Blocks(data) {
		if block.Type != "CERTIFICATE" {
			return false
		}
		written = append(written, pem.EncodeToMemory(block)...)
	}
	return len(data) > 0 && bytes.Equal(written, data)
}
