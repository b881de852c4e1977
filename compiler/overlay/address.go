package overlay

import (
	"path/filepath"
	"strings"

	"relayform/schema/pattern"
)

// fetched begins what kustomize takes for an address, in whatever case, once its prefix git:: is gone: a
// scheme, a user, or GitHub's name (kustomize, IsRemoteFile and NewRepoSpecFromURL). Schemes other
// than its own are here for versions to come.
var fetched = pattern.Late(`^(?i:(git::)|[a-z][a-z0-9+.-]*:\S|[a-z][a-z0-9-]*@|github\.com[/:])`)

// Fetches reports whether kustomize would fetch what a name stands for.
func Fetches(name string) bool { return fetched().MatchString(name) }

// hosts are those whose repositories older versions of kustomize fetch by name.
var hosts = []string{"github.com", "gitlab.com", "bitbucket.org", "gh:"}

// Address reports whether a name is one that kustomize, of whatever version, might take for an address
// to fetch from. What begins with ./ or ../ is a path to all of them.
func Address(name string) bool {
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
		return false
	}
	for _, mark := range []string{"://", "git::", "?ref=", "?version=", "?timeout=", "?submodules="} {
		if strings.Contains(strings.ToLower(name), mark) {
			return true
		}
	}
	first, _, more := strings.Cut(name, "/")
	for _, host := range hosts {
		if more && strings.EqualFold(first, host) {
			return true
		}
	}
	return Fetches(name) || strings.ContainsAny(first, ":@")
}

// Local is a path that kubectl takes for a file or folder: neither for an option nor for an address to
// fetch from, as github.com/a/b would be.
func Local(path string) string {
	first, _, _ := strings.Cut(filepath.ToSlash(path), "/")
	if filepath.IsAbs(path) || first == "." || first == ".." || !strings.HasPrefix(first, "-") && !strings.ContainsAny(first, ".:@?") && !Address(filepath.ToSlash(path)) {
		return path
	}
	return "./" + path
}
