package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func broken(cluster, err string) Outcome {
	return Outcome{Job: Job{Cluster: cluster, Context: "kind-" + cluster}, State: Failed, Err: errors.New(err)}
}

// refused returns kubectl's output when nothing listens: its log of five attempts, then the error.
func refused(port int) string {
	try := fmt.Sprintf("E1130 01:02:03.123456   %d memcache.go:265] \"Unhandled Error\" err=\"couldn't get current server API group list: Get \\\"https://127.0.0.1:%d/api?timeout=32s\\\": dial tcp 127.0.0.1:%d: connect: connection refused\"\n", port, port, port)
	return "kubectl: " + strings.Repeat(try, 5) + fmt.Sprintf("The connection to the server 127.0.0.1:%d was refused - did you specify the right host or port?", port)
}

// TestFailuresAreGroupedByCause groups three unreachable clusters, each at its own address, and reports the reason once; a different reason
// is separate.
func TestFailuresAreGroupedByCause(t *testing.T) {
	denied := `Error from server (Forbidden): secrets is forbidden: User "ci" cannot create resource`
	causes := Causes([]Outcome{
		broken("a", refused(6443)), {Job: Job{Cluster: "fine"}, State: Done}, broken("b", "kubectl: "+denied), broken("c", refused(6444)), broken("d", refused(6445)),
	})
	if len(causes) != 2 {
		t.Fatalf("%d causes: %v", len(causes), causes)
	}
	clusters := func(c Cause) (all []string) {
		for _, o := range c.Jobs {
			all = append(all, o.Cluster)
		}
		return all
	}
	if got := clusters(causes[0]); !slices.Equal(got, []string{"a", "c", "d"}) {
		t.Errorf("refused: %v", got)
	}
	if want := []string{"The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?"}; !slices.Equal(causes[0].Lines, want) {
		t.Errorf("refused: %q", causes[0].Lines)
	}
	if want := "The connection to the server 127.0.0.1:6444 was refused - did you specify the right host or port?"; causes[0].Jobs[1].Reason() != want {
		t.Errorf("the second cluster's reason: %q", causes[0].Jobs[1].Reason())
	}
	if got := clusters(causes[1]); !slices.Equal(got, []string{"b"}) || causes[1].Lines[0] != "kubectl: "+denied {
		t.Errorf("denied: %v, %q", got, causes[1].Lines)
	}
}

// TestOneTryAfterTheOtherIsToldOnce repeats an error, as kubectl does for each object: the first line begins with its name.
func TestOneTryAfterTheOtherIsToldOnce(t *testing.T) {
	got := Causes([]Outcome{broken("a", "kubectl: was refused\nwas refused\nwas refused")})[0].Lines
	if !slices.Equal(got, []string{"kubectl: was refused"}) {
		t.Errorf("%q", got)
	}
}

// TestNamesOfClustersAreNoCause has two clusters whose errors differ only by their names.
func TestNamesOfClustersAreNoCause(t *testing.T) {
	if got := Causes([]Outcome{broken("a", `context "kind-a" does not exist`), broken("b", `context "kind-b" does not exist`)}); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if got := Causes([]Outcome{broken("a", `secret "x" is wrong`), broken("b", `secret "y" is wrong`)}); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// TestALongErrorIsCutInItsMiddle keeps the beginning and the last line, where kubectl states the result.
func TestALongErrorIsCutInItsMiddle(t *testing.T) {
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	got := Causes([]Outcome{broken("a", strings.Join(lines, "\n"))})[0].Lines
	if len(got) != mostLines || got[0] != "line 0" || got[mostLines-1] != "line 19" {
		t.Errorf("%q", got)
	}
	if got := Causes([]Outcome{broken("a", "E1130 01:02:03.123456   7 a.go:1] lost")})[0].Lines; !slices.Equal(got, []string{"lost"}) {
		t.Errorf("what is only logged: %q", got)
	}
}
