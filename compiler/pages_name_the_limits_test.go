package compiler

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/certfile"
	"relayform/compiler/custom"
	"relayform/compiler/ingress"
	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pbe"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/policy"
	"relayform/compiler/sealedsecret"
	"relayform/compiler/verify"
	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// TestPagesNameTheLimits compares the limits in the pages, and in the explanations of codes, with the code's.
func TestPagesNameTheLimits(t *testing.T) {
	rows := []string{
		fmt.Sprintf("| the topology, the lockfile, manifests, what kubectl prints | %s; %s lines, values and entries |", size(source.MaxBytes), count(source.MaxItems)),
		fmt.Sprintf("| nesting, a key | %d levels; %s bytes |", source.MaxDepth, count(source.MaxKey)),
		fmt.Sprintf("| a topology; a lockfile | %s clusters; %s certificates, %s of them roots |", count(schema.MaxClusters), count(lockfile.MaxEntries), count(lockfile.MaxRoots)),
		fmt.Sprintf("| agents whose certificates relayform issues, or an external PKI has issued | %s |", count(schema.MaxIssuedAgents)),
		fmt.Sprintf("| names of the relay server | %d authorities, `management.authority` among them; %d of `management.dnsNames` |", plan.MaxAuthorities, plan.MaxDNSNames),
		fmt.Sprintf("| a patch, a kustomization | %s; %s lines, values and entries, no aliases; %s for a text of a target |", size(custom.MaxPatch), count(source.MaxEntries), size(custom.MaxSelector)),
		fmt.Sprintf("| a cluster's components | %d folders, %s objects and %s, each counted as often as it is named |", custom.MaxFolders, count(custom.MaxObjects), size(custom.MaxContent)),
		fmt.Sprintf("| what a cluster's patches and components may make | %s by copies and by values that go into every object; %s steps of merging and patching; 10 seconds and 1 GiB of memory to build the overlay |", size(custom.MaxGrowth), count(custom.MaxSteps)),
		"| those of all clusters | 256 MiB of patches in the overlays; 500 million steps |",
		fmt.Sprintf("| annotations; a Secret (both Kubernetes' own) | %s; %s |", size(ingress.MaxAnnotations), size(manifest.MaxSecret)),
		fmt.Sprintf("| the files of an external PKI | %s each, %d in all |", size(certfile.MaxFile), certfile.MaxFiles),
		fmt.Sprintf("| those of its agents' certificates | as many for each cluster; %s in a folder; %s rounds of key derivation more for each |", count(issue.MaxClientFiles), count(issue.RoundsEach)),
		fmt.Sprintf("| their certificates | %s each, %s in all; %s of roots as PEM |", size(pki.MaxCertificate), count(pki.MaxCertificates), size(issue.MaxAnchors)),
		fmt.Sprintf("| their private keys | %s each, %d in a file |", size(pki.MaxKey), certfile.MaxKeys),
		fmt.Sprintf("| opening what is encrypted in them | %s rounds of key derivation in all; %s for scrypt; %d levels of nesting |", count(pbe.MaxRounds), size(pbe.MaxScrypt*128), certfile.MaxNesting),
		fmt.Sprintf("| the certificate of a Sealed Secrets controller | %s; RSA of %d to %d bits |", size(sealedsecret.MaxFile), sealedsecret.MinBits, sealedsecret.MaxBits),
		fmt.Sprintf("| a chain | %d intermediates; %d signatures that are checked to find it |", pki.MaxChain, pki.MaxChecks),
		fmt.Sprintf("| remotes that one engine reaches, with `deliver` in hub mode | %s |", count(plan.HubLimit)),
		fmt.Sprintf("| a policy; policies of a topology | %s, %d levels of brackets, %.0f seconds of a processor, %d GiB of memory; %d, and %.0f seconds for all |",
			size(policy.MaxFile), policy.MaxDepth, policy.MaxTime.Seconds(), policy.MaxMemory>>30, plan.MaxPolicies, policy.MaxWait.Seconds()),
		fmt.Sprintf("| faults | the first %d of an input are reported |", diag.MaxFaults),
	}
	_, section, _ := strings.Cut(string(read(t, "../cmd/relayform/help/limits.md")), "# Limits\n")
	_, table, _ := strings.Cut(section, "|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	table = strings.TrimSuffix(table, "\n")
	if table != strings.Join(rows, "\n") {
		t.Errorf("the limits are\n%s\nwant\n%s", table, strings.Join(rows, "\n"))
	}
	e, _ := diag.Inputs().Of(diag.LimitExceeded)
	for _, number := range []string{
		size(source.MaxBytes), fmt.Sprintf("%d levels", source.MaxDepth), fmt.Sprintf("%d bytes", source.MaxKey), count(source.MaxItems), count(schema.MaxClusters) + " clusters", size(custom.MaxPatch), size(ingress.MaxAnnotations),
		fmt.Sprintf("%d files of %s each, with %s certificates", certfile.MaxFiles, size(certfile.MaxFile), count(pki.MaxCertificates)), count(pbe.MaxRounds) + " rounds", fmt.Sprintf("The first %d faults", diag.MaxFaults),
	} {
		if !strings.Contains(e.Paragraph(), number) {
			t.Errorf("explain limit-exceeded does not say %s", number)
		}
	}
}

// TestPagesNameWhatIsRefusedBeyondGo compares the pages' table with the code's.
func TestPagesNameWhatIsRefusedBeyondGo(t *testing.T) {
	_, section, _ := strings.Cut(string(read(t, "../cmd/relayform/help/pki.md")), "| refused beyond Go | |\n|---|---|\n")
	table, _, _ := strings.Cut(section, "\n\n")
	var rows []string
	for _, r := range verify.Beyond {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", r.Code, r.Reason))
		if _, ok := verify.Explanations().Of(r.Code); !ok {
			t.Errorf("%s is not explained", r.Code)
		}
	}
	if table != strings.Join(rows, "\n") {
		t.Errorf("the page says\n%s\nwant\n%s", table, strings.Join(rows, "\n"))
	}
}

// count formats a number with thousands separators.
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}

// size formats a number of bytes in the largest unit that divides it.
func size(n int) string {
	if n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}
