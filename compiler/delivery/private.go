package delivery

import (
	"bytes"
	"path"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
)

// PrivateFile is a file in the key store with which a component adds a private value to a Secret: the Secret with its value on one line.
// What kustomize generates has line breaks, which an API server drops: every apply would seem to change it.
type PrivateFile struct {
	Value     string // the file with the value, relative to the key store
	Namespace string
	Secret    string
	Key       string // of the value in the Secret
	Whole     bool   // it is the whole Secret; otherwise a patch of the Secret with the public part
}

// privateComment is the first line of a private file, after "# ".
const privateComment = "Written by relayform from the private file of the same name. Never commit it."

// Name returns its path relative to the key store, which is derived from the value's file.
func (f PrivateFile) Name() string {
	return strings.TrimSuffix(f.Value, path.Ext(f.Value)) + PrivateSuffix
}

// PrivateSuffix is the suffix of a component's private file.
const PrivateSuffix = ".yaml"

// says returns the description of the file in its component.
func (f PrivateFile) says() string {
	return path.Base(f.Name()) + ": " + f.Key + " of the Secret " + f.Namespace + "/" + f.Secret
}

// holding returns the file with its value.
func (f PrivateFile) holding(value []byte) (folder.File, error) {
	data := map[string][]byte{f.Key: value}
	o := manifest.Opaque(f.Namespace, f.Secret, data)
	if !f.Whole {
		o = manifest.Object{APIVersion: "v1", Kind: "Secret", Metadata: manifest.Metadata{Name: f.Secret, Namespace: f.Namespace}, Data: manifest.Encoded(data)}
	}
	yaml, err := manifest.Marshal(o)
	return folder.File{Name: f.Name(), Data: append([]byte("# "+privateComment+"\n"), yaml...)}, err
}

// Holding returns private files with their values; value returns the content of a file by its name.
func Holding(private []PrivateFile, value func(name string) ([]byte, error)) ([]folder.File, error) {
	files := make([]folder.File, len(private))
	for i, f := range private {
		v, err := value(f.Value)
		if err != nil {
			return nil, err
		}
		if files[i], err = f.holding(v); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// ValueIn returns the value in a component's private file, given its text; false if relayform did not write it.
func ValueIn(text []byte) ([]byte, bool) {
	if !bytes.HasPrefix(text, []byte("# "+privateComment+"\n")) {
		return nil, false
	}
	secrets, err := manifest.ReadSecrets(text)
	if err != nil || len(secrets) != 1 || len(secrets[0].Data) != 1 {
		return nil, false
	}
	for _, value := range secrets[0].Data {
		return value, true
	}
	return nil, false
}

// privateFile adds the value of a private file to a Secret. A token is the whole data of its Secret.
func privateFile(namespace, secret, key, value string) PrivateFile {
	return PrivateFile{Value: value, Secret: secret, Key: key, Whole: path.Dir(value) == lockfile.TokenFolder, Namespace: namespace}
}
