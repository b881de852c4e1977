package deploy

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestNothingPrivateIsTold has kubectl quote a key and an identity, in its errors and in differences.
func TestNothingPrivateIsTold(t *testing.T) {
	const told = "spec:\n+  identity: AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n" +
		"+  key: |\n+    -----BEGIN PRIVATE KEY-----\n+    bm90 YSBr\n+    -----END PRIVATE KEY-----\n"
	for _, diff := range []bool{false, true} {
		kubectl := func(_ context.Context, args ...string) ([]byte, error) {
			if strings.Contains(strings.Join(args, " "), "get namespace") {
				return []byte("namespace/gloo-mesh"), nil
			}
			return []byte(told), errors.New(told)
		}
		outcomes := Run(t.Context(), kubectl, [][]Job{{{Cluster: "east", Namespace: "gloo-mesh"}}}, Options{Diff: diff}, func(Outcome) {})
		said := string(outcomes[0].Diff) + outcomes[0].Err.Error() + outcomes[0].Summary()
		if strings.Contains(said, "GFPYY") || strings.Contains(said, "bm90") || !strings.Contains(said, "***") {
			t.Errorf("%s", said)
		}
	}
}
