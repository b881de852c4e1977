package review

import (
	"embed"
	"sync"

	"relayform/schema/diag"
)

// Codes of findings. A code never changes its meaning.
const (
	RootReplaced      diag.Code = "root-replaced"
	PhaseSkipped      diag.Code = "phase-skipped"
	ServerRefused     diag.Code = "server-refused"
	AgentsRefused     diag.Code = "agents-refused"
	TokenReplaced     diag.Code = "token-replaced"
	RelayMoved        diag.Code = "relay-moved"
	AddressChanged    diag.Code = "address-changed"
	Unreachable       diag.Code = "relay-unreachable"
	ClusterRenamed    diag.Code = "cluster-renamed"
	LockfileRewritten diag.Code = "lockfile-rewritten"
	BuildUnexplained  diag.Code = "build-unexplained"
	NotCompiled       diag.Code = "not-compiled"
	KeyInClear        diag.Code = "key-in-clear"
)

//go:embed codes
var codes embed.FS

// Explanations explains every code of a report.
var Explanations = sync.OnceValue(func() diag.Explanations { return diag.ReadExplanations(codes) })
