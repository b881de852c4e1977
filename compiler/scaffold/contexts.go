package scaffold

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Context is a context in a kubeconfig, with the name for its cluster in a topology.
type Context struct {
	Cluster
	Current bool
	// Others are further contexts for the same cluster.
	Others []string
}

// Contexts parses the output of `kubectl config view --output json`. Contexts of the same cluster are combined: the current one represents
// it, otherwise the first.
func Contexts(config []byte) ([]Context, error) {
	var c struct {
		Current  string `json:"current-context"`
		Contexts []struct {
			Name    string
			Context struct{ Cluster string }
		}
	}
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	var out []Context
	at := map[string]int{}
	for _, x := range c.Contexts {
		current := x.Name == c.Current
		i, ok := at[x.Context.Cluster]
		switch {
		case !ok || x.Context.Cluster == "":
			at[x.Context.Cluster] = len(out)
			out = append(out, Context{Cluster: Cluster{Context: x.Name}, Current: current})
		case current:
			out[i].Others = append([]string{out[i].Context}, out[i].Others...)
			out[i].Context, out[i].Current = x.Name, true
		default:
			out[i].Others = append(out[i].Others, x.Name)
		}
	}
	taken := map[string]bool{}
	for i := range out {
		name := NameOf(out[i].Context)
		for n := 2; taken[name]; n++ {
			suffix := fmt.Sprintf("-%d", n)
			base := NameOf(out[i].Context)
			name = strings.TrimRight(base[:min(len(base), maxName-len(suffix))], "-") + suffix
		}
		taken[name] = true
		out[i].Name = name
	}
	return out, nil
}

// maxName is the maximum length of a cluster's name.
const maxName = 63

// NameOf derives a cluster's name from its context's: without what tools add to it (kind-NAME, gke_PROJECT_ZONE_NAME, arn:…:cluster/NAME,
// USER@NAME), as a DNS label.
func NameOf(context string) string {
	s := context
	if strings.HasPrefix(s, "gke_") {
		s = s[strings.LastIndexByte(s, '_')+1:]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 && i < len(s)-1 {
		s = s[i+1:]
	}
	if i := strings.LastIndexByte(s, '/'); i >= 0 && i < len(s)-1 {
		s = s[i+1:]
	}
	for _, tool := range []string{"kind-", "k3d-"} {
		s = strings.TrimPrefix(s, tool)
	}
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	name := strings.TrimRight(b.String(), "-")
	if name == "" || name[0] < 'a' {
		name = strings.TrimRight("c-"+name, "-")
	}
	return strings.TrimRight(name[:min(len(name), maxName)], "-")
}
