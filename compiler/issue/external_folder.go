package issue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/custom"
	"relayform/schema"
	"relayform/schema/diag"
)

// clientFile is where the certificate of a cluster's agent comes from.
type clientFile struct {
	at       []string // the field, relative to pki.external
	pair     schema.KeyPair
	inFolder *schema.KeyPair
}

// clientFiles finds the files of each cluster. It returns false if their folder cannot be read, which it reports.
func (a *external) clientFiles(root *os.Root) bool {
	a.files = map[string]clientFile{}
	of := a.plan.External.Clients
	for cluster, pair := range of.Each {
		if pair.Cert != "" { // otherwise reported as missing
			a.files[cluster] = clientFile{at: []string{"clients", cluster}, pair: pair}
		}
	}
	return of.Folder == "" || a.clientFolder(root, string(of.Folder))
}

// Extensions of certificate files in a folder of agents' certificates.
var certificateEnds = []string{".crt", ".pem", ".cer", ".der", ".p7b", ".p12", ".pfx"}

// keyEnds is the extension of key files.
const keyEnds = ".key"

// MaxClientFiles is the maximum number of files in a folder of agents' certificates.
const MaxClientFiles = 4 * schema.MaxIssuedAgents

// clientFolder finds the files in a folder, by cluster name.
func (a *external) clientFolder(root *os.Root, name string) bool {
	at := []string{"clients"}
	entries, err := fs.ReadDir(root.FS(), path.Clean(filepath.ToSlash(name)))
	switch {
	case errors.Is(err, fs.ErrNotExist) && a.world.WithoutFiles:
		return true
	case errors.Is(err, fs.ErrNotExist):
		a.fault(diag.BadFile, at, "no such folder", "")
		return false
	case err != nil:
		a.fault(diag.BadFile, at, custom.Reason(err), "want a folder that has CLUSTER.crt and CLUSTER.key, or CLUSTER.p12, of each cluster")
		return false
	case len(entries) > MaxClientFiles:
		a.fault(diag.LimitExceeded, at, fmt.Sprintf("the folder has %d files; the limit is %d", len(entries), MaxClientFiles), "")
		return false
	}
	keys, strays := map[string]string{}, map[string]bool{}
	for _, e := range entries {
		ends := strings.ToLower(path.Ext(e.Name()))
		cluster := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") || ends != keyEnds && !slices.Contains(certificateEnds, ends) {
			continue
		}
		if why := a.plan.NoAgent(cluster); why != "" {
			if strays[cluster] {
				continue // the key, or the certificate next to it
			}
			strays[cluster] = true
			a.fault(diag.BadFile, at, e.Name()+": "+why, "files in this folder are named after clusters; remove it, or move it elsewhere")
			continue
		}
		file := path.Join(name, e.Name())
		if ends == keyEnds {
			keys[cluster] = file
			continue
		}
		if other, twice := a.files[cluster]; twice {
			a.fault(diag.Clash, at, fmt.Sprintf("%s: a second certificate of %s, beside %s", e.Name(), cluster, path.Base(string(other.pair.Cert))), "keep one of the two")
			continue
		}
		pair := schema.KeyPair{Cert: schema.Path(file)}
		a.files[cluster] = clientFile{at: at, pair: pair}
	}
	for cluster, f := range a.files {
		f.pair.Key = schema.Path(keys[cluster])
		f.inFolder = &f.pair
		a.files[cluster] = f
	}
	return true
}

// clientAt returns the field that names a cluster's certificate and, if it comes from a folder, the file's name.
func (a *external) clientAt(cluster string) (field []string, named string) {
	switch f, ok := a.files[cluster]; {
	case !ok:
		return []string{"clients"}, ""
	case f.inFolder != nil:
		return []string{"clients"}, path.Base(string(f.pair.Cert)) + ": "
	default:
		return append(slices.Clone(f.at), "cert"), ""
	}
}
