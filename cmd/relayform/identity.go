package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

func (f *files) registerIdentity(c *cobra.Command) {
	c.Flags().StringVar(&f.identity, "identity", "", "a file of age identities that open an encrypted key store (default: RELAYFORM_IDENTITY, a file or an identity itself)")
	_ = c.MarkFlagFilename("identity")
}

// maxIdentities is the maximum size, in bytes, of a file of age identities.
const maxIdentities = 1 << 20

// environment returns the outside world, with the given identities.
func (f *files) environment() (compiler.Env, error) {
	env, given := environment(), f.identity
	if given == "" {
		given = os.Getenv("RELAYFORM_IDENTITY")
	}
	if given == "" {
		return env, nil
	}
	if seal.IsIdentity(given) { // its value is an identity itself
		env.Identities = []byte(given)
		return env, nil
	}
	var err error
	env.Identities, err = readIdentities(given)
	switch {
	case err == nil:
	case f.identity == "": // without the path: it may be a secret, put there by mistake
		err = fmt.Errorf("RELAYFORM_IDENTITY: %w; want a file of age identities", folder.Cause(err))
	default:
		err = fmt.Errorf("%s: %w", given, folder.Cause(err))
	}
	return env, err
}

// readIdentities reads a file, or a pipe from the shell: <(age --decrypt identity.age). A named pipe is refused, as reading it would block.
func readIdentities(path string) ([]byte, error) {
	if dir := filepath.Dir(path); path != "/dev/stdin" && dir != "/dev/fd" && dir != "/proc/self/fd" {
		return folder.ReadFile(path, maxIdentities)
	}
	pipe, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer pipe.Close()
	text, err := io.ReadAll(io.LimitReader(pipe, maxIdentities+1))
	if err == nil && len(text) > maxIdentities {
		err = &folder.SizeError{Size: int64(len(text)), Limit: maxIdentities}
	}
	return text, err
}
