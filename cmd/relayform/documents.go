package main

import (
	"fmt"
	"reflect"
	"slices"

	"relayform/compiler/document"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// documents are what commands write as JSON and YAML, by the names for schema --of.
var documents = []struct {
	name, title string
	of          reflect.Type
}{
	{"diagnostics", "The faults that relayform vet finds.", reflect.TypeFor[vetDocument]()},
	{"compile", "What relayform compile did.", reflect.TypeFor[compileDocument]()},
	{"check", "What relayform compile --check found.", reflect.TypeFor[checkDocument]()},
	{"adopt", "What relayform adopt found and wrote.", reflect.TypeFor[adoptDocument]()},
	{"verify", "What relayform verify found.", reflect.TypeFor[verifyDocument]()},
	{"review", "What relayform review found; also with compile --check --against.", reflect.TypeFor[reviewDocument]()},
	{"certs", "The certificates that relayform certs lists.", reflect.TypeFor[certsDocument]()},
	{"apply", "What relayform apply did.", reflect.TypeFor[applyDocument]()},
	{"address", "What relayform address found.", reflect.TypeFor[foundAddress]()},
	{"unlock", "What relayform unlock wrote or removed.", reflect.TypeFor[unlocking]()},
	{"push", "What relayform push did.", reflect.TypeFor[pushing]()},
	{"renew", "What relayform renew did.", reflect.TypeFor[renewDocument]()},
	{"gc", "What relayform gc removed.", reflect.TypeFor[collection]()},
	{"version", "The version that relayform version prints.", reflect.TypeFor[versionDocument]()},
	{"explain", "The codes that relayform explain explains.", reflect.TypeFor[explainDocument]()},
}

// documentWords are the possible values of string types.
var documentWords = document.Words{
	reflect.TypeFor[verify.Severity](): {verify.Error, verify.Warning, verify.Note},
	reflect.TypeFor[compileOutcome]():  {didCompile, unchanged, waitsFor, didRefuse},
	reflect.TypeFor[checkOutcome]():    {isCurrent, isStale, isWaiting, isRefused},
	reflect.TypeFor[renewOutcome]():    {didRenew, wouldRenew, nothingDue, renewRefused},
	reflect.TypeFor[applyOutcome]():    {didApply, didCheck, asCompiled, isDifferent, isUndone, applyRefused},
	reflect.TypeFor[jobState]():        {jobStates[0], jobStates[1], jobStates[2], jobStates[3], jobStates[4]},
	reflect.TypeFor[making]():          {isIssued, isImported, isRequested, isWithdrawn, isRotated},
	reflect.TypeFor[adoptOutcome]():    {didAdopt, wouldAdopt, adoptRefused},
	reflect.TypeFor[unlockOutcome]():   {didUnlock, didLock, unlockRefused},
	reflect.TypeFor[pushState]():       {isWritten, isThere},
}

// documentNames returns the names of all documents.
func documentNames() []string {
	names := make([]string, len(documents))
	for i, d := range documents {
		names[i] = d.name
	}
	return names
}

// documentSchema returns the JSON Schema of a document.
func documentSchema(name string) (string, error) {
	names := documentNames()
	i := slices.Index(names, name)
	if i < 0 {
		return "", fmt.Errorf("--of %s: want %s%s", name, inWords(names), diag.DidYouMean(name, names))
	}
	return document.Schema(documents[i].of, "relayform "+name, documents[i].title, documentWords)
}
