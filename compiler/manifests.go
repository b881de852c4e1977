package compiler

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"relayform/compiler/custom"
	"relayform/compiler/folder"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// From is where manifests are, and what they do not contain.
type From struct {
	Paths      []string           // files, folders, or -; NAME=PATH names the cluster
	Stdin      io.Reader          // read for -
	Names      verify.SecretNames // empty names default to the product's
	Namespace  string             // of the Secrets; empty for any
	Authority  string             // empty: determined by product and namespace
	Product    string             // empty: the default
	Management string             // the management cluster; empty: the one with the relay server's Secrets
}

// VerifyFrom verifies manifests from any source.
func VerifyFrom(from From, env Env, at time.Time) (*verify.Report, error) {
	profile, ok := product.Find(cmp.Or(from.Product, product.Profiles[0].Name))
	if !ok {
		return nil, fmt.Errorf("--product %s: no such product", from.Product)
	}
	from.Names = from.Names.Or(verify.NamesOf(profile.WithTelemetry()))
	if bare := strings.TrimSuffix(from.Authority, "."); bare != from.Authority {
		return nil, fmt.Errorf("--authority %s: it ends in a period, which TLS does not send; want %s", from.Authority, bare)
	}
	m := verify.Material{Names: from.Names, AgentValidity: profile.AgentValidity, Product: profile}
	var read []held
	var unread error
	for _, path := range from.Paths {
		clusters, err := from.read(path)
		unread = errors.Join(unread, err)
		read = append(read, clusters...)
	}
	if unread != nil {
		return nil, unread
	}
	if err := from.gather(&m, read); err != nil {
		return nil, err
	}
	slices.SortStableFunc(m.Clusters, func(a, b verify.Cluster) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(m.Clusters); i++ {
		if m.Clusters[i].Name == m.Clusters[i-1].Name {
			return nil, fmt.Errorf("the cluster %s is there twice; name clusters with --from NAME=PATH", m.Clusters[i].Name)
		}
	}
	if len(m.Clusters) == 0 {
		return nil, fmt.Errorf("%s: none of the Secrets %s is there; name others with --server-secret, --signing-secret, --root-secret, --token-secret", strings.Join(from.Paths, ", "), strings.Join(from.Names.All(), ", "))
	}
	if err := from.roles(&m); err != nil {
		return nil, err
	}
	if withoutRelayCA(m, profile) {
		given := verify.NamesOf(profile.WithoutRelayCA())
		m.Names.Given, m.Names.Signing = true, given.Signing
		if given.Token == "" {
			m.Names.Token = ""
		}
	}
	namespace := cmp.Or(from.relaysNamespace(read), "gloo-mesh")
	m.Authority = cmp.Or(from.Authority, profile.Authority(namespace))
	for _, c := range m.Clusters {
		if c.Management && m.Names.Telemetry != "" && c.Secret(m.Names.Telemetry) != nil {
			m.Gateway = profile.TelemetryName(namespace)
		}
	}
	return verify.Judge(m, at, env.NewKey)
}

// withoutRelayCA reports whether Helm values of the management cluster switch off the relay server's CA, so that agents must be given their
// certificates.
func withoutRelayCA(m verify.Material, p product.Profile) bool {
	for _, c := range m.Clusters {
		for _, v := range c.Values {
			off := c.Management && len(p.OwnClients.Server) > 0
			for _, s := range p.OwnClients.Server {
				off = off && v.Value(s.Path) == s.Value
			}
			if off {
				return true
			}
		}
	}
	return false
}

// roles finds the management cluster; all others run agents. If it is the only one, it counts as an agent's cluster, too, so that there is
// something to connect.
func (from From) roles(m *verify.Material) error {
	var servers []string
	for _, c := range m.Clusters {
		if c.Secret(m.Names.Server) != nil || c.Secret(m.Names.Signing) != nil {
			servers = append(servers, c.Name)
		}
	}
	management := from.Management
	switch {
	case management != "" && !slices.ContainsFunc(m.Clusters, func(c verify.Cluster) bool { return c.Name == management }):
		names := make([]string, len(m.Clusters))
		for i, c := range m.Clusters {
			names[i] = c.Name
		}
		return fmt.Errorf("--management %s: no such cluster among %s%s", management, verify.InWords(names), diag.DidYouMean(management, names))
	case management == "" && len(servers) == 1:
		management = servers[0]
	case management == "" && len(servers) == 0:
		for _, c := range m.Clusters {
			for _, p := range c.Elsewhere {
				if p.Secret == m.Names.Server {
					return fmt.Errorf("no cluster holds the relay server's Secret %s in the namespace %s; %s has one in %s", m.Names.Server, from.Namespace, c.Name, p.Namespace)
				}
			}
		}
		return fmt.Errorf("no cluster holds the relay server's Secret %s; name the management cluster with --management", m.Names.Server)
	case management == "":
		return fmt.Errorf("%s hold the relay server's Secrets; name the management cluster with --management", verify.InWords(servers))
	}
	for i := range m.Clusters {
		c := &m.Clusters[i]
		c.Management = c.Name == management
		c.Agent = !c.Management || len(m.Clusters) == 1 && c.Secret(m.Names.Root) != nil || c.Secret(m.Names.Client) != nil
	}
	return nil
}

// read returns the contents of the clusters at a path.
func (from From) read(path string) ([]held, error) {
	clusters, err := from.clusters(path)
	if err != nil {
		return nil, err
	}
	var all []held
	for _, c := range clusters {
		cluster, err := from.cluster(c.name, c.files)
		if err != nil {
			return nil, err
		}
		all = append(all, cluster...)
	}
	return all, nil
}

// clusterFiles are the files of one cluster.
type clusterFiles struct {
	name  string
	files []file
}

// clusters finds the clusters at a path: a file is one; in a folder, each file and each subfolder is one. A name before the path may
// contain slashes, as kube contexts do, if no file has that path.
func (from From) clusters(path string) ([]clusterFiles, error) {
	name := ""
	if before, after, ok := strings.Cut(path, "="); ok {
		if _, err := os.Lstat(path); err != nil || !strings.ContainsAny(before, `/\`) {
			name, path = before, after
		}
	}
	if path == "-" {
		return []clusterFiles{{cmp.Or(name, "stdin"), []file{{"-", from.stdin}}}}, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file or folder", path)
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		read := func() ([]byte, error) { return folder.ReadFile(path, source.MaxBytes) }
		return []clusterFiles{{cmp.Or(name, stem(path)), []file{{path, read}}}}, nil
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if name != "" {
		files, err := manifests(root, ".")
		if err != nil {
			return nil, err
		}
		return []clusterFiles{{name, files}}, nil
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var all []clusterFiles
	for _, e := range entries {
		if !e.IsDir() && !isManifest(e.Name()) {
			continue
		}
		files, err := manifests(root, e.Name())
		if err != nil {
			return nil, err
		}
		name := e.Name()
		if !e.IsDir() {
			name = stem(name)
		}
		all = append(all, clusterFiles{name, files})
	}
	return all, nil
}

func stem(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

func isManifest(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name))
}

// file is opened only when it is read: a cluster may have any number.
type file struct {
	path string
	read func() ([]byte, error)
}

func (from From) stdin() ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from.Stdin, source.MaxBytes+1))
	if len(text) > source.MaxBytes {
		return nil, &folder.SizeError{Size: int64(len(text)), Limit: source.MaxBytes}
	}
	return text, err
}

// manifests returns the files at or below a path in a folder. Links within the folder are followed.
func manifests(root *os.Root, place string) ([]file, error) {
	var files []file
	err := fs.WalkDir(root.FS(), place, func(name string, d fs.DirEntry, err error) error {
		at := filepath.Join(root.Name(), filepath.FromSlash(name))
		if err != nil {
			return unreadable(at, err)
		}
		if d.IsDir() || name != place && !isManifest(name) {
			return nil
		}
		files = append(files, file{at, func() ([]byte, error) { return readBelow(root.Name(), name) }})
		return nil
	})
	return files, err
}

// readBelow reads a file below a folder, which it opens again, since reading starts after all files have been listed.
func readBelow(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return folder.ReadBelow(root, filepath.FromSlash(name), source.MaxBytes)
}

func unreadable(path string, err error) error {
	var size *folder.SizeError
	switch {
	case errors.As(err, &size):
		return fmt.Errorf("%s: more than 64 MiB", path)
	case custom.Escapes(err):
		return fmt.Errorf("%s: a symbolic link points outside the folder", path)
	}
	return fmt.Errorf("%s: %w", path, folder.Cause(err))
}
