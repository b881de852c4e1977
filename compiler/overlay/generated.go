package overlay

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"path"
	"slices"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/schema/secrecy"
)

var certificateFiles = []string{manifest.RootFile, manifest.ServerFile, manifest.SigningFile, manifest.TelemetryFile}

// generated reports whether relayform wrote a file that the tree no longer contains: judged by its header, or by name and content for
// certificates and cluster names, or by the list of copies next to it for a copy of a user's file. A file with private material never
// counts: it may be the only copy.
func generated(name string, data []byte, copies map[string]string) bool {
	var written bool
	switch cluster, file := path.Split(name); {
	case copies[name] != "":
		written = copies[name] == digest(data)
	case strings.HasSuffix(name, ".csr"):
		csr, err := pki.ParseRequest(data)
		return path.Clean(cluster) == manifest.RequestsFolder && err == nil && csr.CheckSignature() == nil
	case strings.HasSuffix(name, ".crt"):
		return strings.Count(name, "/") == 2 && slices.Contains(certificateFiles, file) && onlyCertificates(data)
	case file == manifest.ClusterFile:
		written = strings.Count(name, "/") == 1 && bytes.Equal(data, manifest.ClusterName(strings.TrimSuffix(cluster, "/")))
	default:
		first, _, _ := bytes.Cut(data, []byte("\n"))
		written = bytes.Contains(first, []byte(manifest.Header))
	}
	return written && len(secrecy.Find(data)) == 0
}

// CopiesFile lists the copies of users' files in a cluster's folder, in the format of sha256sum.
const CopiesFile = "copies.txt"

// Copies returns the content of a list of copies, with names relative to their folder.
func Copies(files []folder.File) []byte {
	var b bytes.Buffer
	b.WriteString("# " + manifest.Header + "\n")
	for _, f := range files {
		b.WriteString(digest(f.Data) + "  " + f.Name + "\n")
	}
	return b.Bytes()
}

// copiesOf returns the digests from a cluster's list of copies, by name relative to the build folder.
func copiesOf(cluster string, there []folder.Entry) map[string]string {
	for _, e := range there {
		if e.Name != CopiesFile || e.Other {
			continue
		}
		copies := map[string]string{}
		for line := range strings.Lines(string(e.Data)) {
			if sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
				copies[path.Join(cluster, name)] = sum
			}
		}
		return copies
	}
	return nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// onlyCertificates reports whether data is PEM certificates only, byte for byte as relayform writes them.
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
