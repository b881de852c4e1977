package overlay

import (
	"path/filepath"
	"strings"

	"relayform/schema/pattern"
)

// fetched matches the beginning of names that kustomize fetches, in upper or lower case, after an optional prefix git::: a scheme, a user,
// or GitHub's host name (kustomize, IsRemoteFile and NewRepoSpecFromURL). It includes schemes that only later versions may support.
var fetched = pattern.Late(`^(?i:(git::)|[a-z][a-z0-9+.-]*:\S|[a-z][a-z0-9-]*@|github\.com[/:])`)

// Fetches reports whether kustomize would fetch a name.
func Fetches(name string) bool { return fetched().MatchString(name) }

// hosts are the prefixes that older versions of kustomize fetch.
var hosts = []string{"github.com", "gitlab.com", "bitbucket.org", "gh:"}

// Address reports whether any version of kustomize might fetch a name. All of them treat names that begin with ./ or ../ as paths.
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

// Local returns a path in a form that kubectl treats as a file or folder: neither as an option nor as an address to fetch, such as
// github.com/a/b.
func Local(path string) string {
	first, _, _ := strings.Cut(filepath.ToSlash(path), "/")
	if filepath.IsAbs(path) || first == "." || first == ".." || !strings.HasPrefix(first, "-") && !strings.ContainsAny(first, ".:@?") && !Address(filepath.ToSlash(path)) {
		return path
	}
	return "./" + path
}
