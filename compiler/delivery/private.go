package delivery

import (
	"bytes"
	"path"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
)

// PrivateFile is a file of the key store by which a component brings a private value to a Secret: the Secret with its value in
// one line. What kustomize generates has line breaks in it, and an API server drops them: every apply would seem to change it.
type PrivateFile struct {
	Value     string // the file that holds the value, below the key store
	Namespace string
	Secret    string
	Key       string // of the value in the Secret
	Whole     bool   // all that the Secret holds; else a patch of the Secret with the public half
}

// privateComment begins a private file, after "# ".
const privateComment = "Written by relayform from the private file of the same name. Never commit it."

// Name is its path below the key store: it is named by its value, as the file that holds that is.
func (f PrivateFile) Name() string {
	return strings.TrimSuffix(f.Value, path.Ext(f.Value)) + PrivateSuffix
}

// PrivateSuffix ends the name of a private file of a component.
const PrivateSuffix = ".yaml"

// says is the file in words, as its component has them.
func (f PrivateFile) says() string {
	return path.Base(f.Name()) + ": " + f.Key + " of the Secret " + f.Namespace + "/" + f.Secret
}

// holding is the file with its value.
func (f PrivateFile) holding(value []byte) (folder.File, error) {
	data := map[string][]byte{f.Key: value}
	o := manifest.Opaque(f.Namespace, f.Secret, data)
	if !f.Whole {
		o = manifest.Object{APIVersion: "v1", Kind: "Secret", Metadata: manifest.Metadata{Name: f.Secret, Namespace: f.Namespace}, Data: manifest.Encoded(data)}
	}
	yaml, err := manifest.Marshal(o)
	return folder.File{Name: f.Name(), Data: append([]byte("# "+privateComment+"\n"), yaml...)}, err
}

// Holding are private files with their values, which value gives by the name of the file that has each.
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

// ValueIn is the value that a private file of a component holds, by its text; false where relayform did not write it.
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

// privateFile is what brings the value of a private file to a Secret. A token is all that its Secret holds.
func privateFile(namespace, secret, key, value string) PrivateFile {
	return PrivateFile{Value: value, Secret: secret, Key: key, Whole: path.Dir(value) == lockfile.TokenFolder, Namespace: namespace}
}
