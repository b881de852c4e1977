package lockfile

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"relayform/compiler/pki"
)

// Delimiters of a block (RFC 7468), and the end of the first line of a private key's.
const (
	blockBegins = "-----BEGIN CERTIFICATE-----\n"
	blockEnds   = "-----END CERTIFICATE-----\n"
	keyBegins   = "PRIVATE KEY-----"
)

// readPEM parses certificates exactly as relayform writes them, byte for byte: nothing before, between or after the blocks, and only
// certificates.
func readPEM(text string) ([]*x509.Certificate, error) {
	switch {
	case strings.Contains(text, keyBegins):
		return nil, errors.New("a private key is among the certificates; keep it in a separate file")
	case !strings.Contains(text, strings.TrimSpace(blockBegins)):
		return nil, errors.New("no certificate in it; want PEM blocks BEGIN CERTIFICATE")
	case !strings.HasPrefix(text, blockBegins):
		return nil, errors.New("there is something before the first certificate; want only PEM blocks BEGIN CERTIFICATE")
	}
	var certs []*x509.Certificate
	for rest := text; rest != ""; {
		if !strings.HasPrefix(rest, blockBegins) {
			return nil, fmt.Errorf("there is something after certificate %d; want only PEM blocks BEGIN CERTIFICATE", len(certs))
		}
		if len(certs) > pki.MaxChain {
			return nil, fmt.Errorf("more than %d certificates; no chain is longer", pki.MaxChain+1)
		}
		end := strings.Index(rest, blockEnds)
		if end < 0 {
			return nil, fmt.Errorf("certificate %d: its block has no end; want a line END CERTIFICATE", len(certs)+1)
		}
		end += len(blockEnds)
		c, err := readBlock(rest[:end])
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(certs)+1, err)
		}
		certs, rest = append(certs, c), rest[end:]
	}
	return certs, nil
}

// readBlock parses one block. Of the many ways to encode a certificate in PEM it accepts only one: otherwise reviewers could see a
// difference where nothing changed.
func readBlock(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil:
		return nil, errors.New("its block is damaged")
	case len(block.Headers) > 0:
		return nil, errors.New("its block has headers; want only the certificate")
	case string(pem.EncodeToMemory(block)) != text:
		return nil, errors.New("its block is not in the form that relayform writes: lines of 64 characters, and nothing else")
	}
	return x509.ParseCertificate(block.Bytes)
}
