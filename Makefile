CUE         = go run cuelang.org/go/cmd/cue@$(shell go list -m -f '{{.Version}}' cuelang.org/go)
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
LDFLAGS     = -s -w

KUBERNETES  = v1.36.3
OLDEST      = v1.27.16
K8S_VERSION = k8s.io/component-base/version
STAMP       = -s -w -X $(K8S_VERSION).gitVersion=$(1) -X $(K8S_VERSION).gitMajor=1 -X $(K8S_VERSION).gitMinor=$(word 2,$(subst ., ,$(1)))

# Nothing here calls C. Without it programs need no system libraries, are a quarter smaller and link in half the time.
export CGO_ENABLED = 0

.PHONY: build test long race mutate e2e stores engines browser editor metrics crash growth fuzz golden generate lint vulncheck bench quickstart release reproducible pages image
build: ## bin/relayform
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/relayform ./cmd/relayform

# Tests write many small files: these go into memory, if the system has an in-memory file system.
MEMORY = $(shell df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4096 {print "TMPDIR=/dev/shm"}')

test: ## every test, with a sample of the cases if there are hundreds; needs only Go
	$(MEMORY) go run ./fixtures/progress ./...

# The packages that start goroutines, or share state between them.
PARALLEL = compiler/deploy compiler/folder compiler/issue compiler/overlay compiler/policy compiler/project compiler/review compiler/verify schema schema/diag schema/pattern

# In the rest, tests of what compiles, proves, renders, verifies and encrypts in parallel, and of runs at the same time.
ABREAST = Golden|EveryOverlayIsProvedWhereAsked|WhatUsersAddIsTheirs|TheOneAtFaultIsBlamed|EveryFixtureVerifies|Render|OneOfManyCompilesWins|SecondOfTwo|ClustersThatCannotBeAsked|Live|KeyAlgorithmsChange|Ciphertext|OneChangedRemote|ManyAgents

# Tests that make test leaves out, or runs with a sample of their cases.
LONG = EveryHistoryLoads|LimitsBoundMemory|PoliciesEnd|FailingDisk|WhatCountsIsHeld|WhatUsersAddIsTheirs|FoldersMayHaveAnyName|WorkFor(Given|Brought)AgentsGrowsLinearly|NothingPrivateLeaks|Attacks|NoClusterIsCutOff|ManyAuthoritiesStayWithinLimits|AdoptingSurvivesADiskThatFails|TelemetryInARotation|PhasesFollowOneAnother|EveryPhaseBringsTheKeyOfItsCertificate|NoApplyCutsAnAgentOff|LimitsOfAnExternalPKI|OpenSSLAgrees|ReportStandsAlone|DocumentsMatchTheirSchemas|GoAgrees|VerdictIsCUEs|FullDisk|LimitedFiles|SlowTextsEnd|KillsLeaveNothingTorn|RandomLives

long: ## every history of a lockfile, inputs at their limits, every attack; two minutes
	$(MEMORY) RELAYFORM_LONG=1 go test ./schema ./schema/secrecy ./compiler ./compiler/issue ./cmd/relayform -run '^Test($(LONG))$$' -count 1

race: export CGO_ENABLED = 1
race: ## what runs in parallel, with the race detector; needs a C compiler
	$(MEMORY) go test -race -short $(PARALLEL:%=./%)
	$(MEMORY) go test -race -short ./compiler -run '$(ABREAST)'

FUZZTIME ?= 10s
fuzz: ## every fuzzer in turn: no input causes a panic, or takes long
	for name in $$(go test ./compiler -list '^Fuzz' | grep '^Fuzz'); do \
	  go test ./compiler -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x || exit 1; done

KILLS ?= 660
MOVES ?= 6000
crash: ## kill the program KILLS times at random moments; make each disk operation fail in turn; make MOVES random changes to projects
	RELAYFORM_KILLS=$(KILLS) RELAYFORM_MOVES=$(MOVES) go test ./cmd/relayform ./compiler/... -run '^(TestKillsLeaveNothingTorn|TestFullDisk|TestLimitedFiles|TestWithoutPermission|TestFailingDisk|TestRandomLives|TestSettlingSurvivesADiskThatFailsOnce)$$' -count 1 -timeout 60m -v

FLEET ?= 10000
growth: ## count operations, without timing: a fleet of FLEET remotes and one a quarter of its size, with each store in git
	$(MEMORY) RELAYFORM_FLEET=$(FLEET) go test ./compiler -run '^TestWorkOfStoresGrowsLinearly$$' -count 1 -timeout 60m -v

# The packages that keep promises. A package's mutants are tested by its own tests and by those of packages that use it.
KEEPERS = ./compiler ./compiler/adopt ./compiler/gitops ./compiler/readiness ./compiler/issue ./compiler/lockfile ./compiler/keystore ./compiler/project ./compiler/plan ./compiler/delivery ./compiler/lifecycle \
	./compiler/seal ./compiler/sops ./compiler/sealedsecret ./compiler/folder ./compiler/overlay ./compiler/deploy ./compiler/verify ./compiler/pki ./compiler/ingress ./compiler/product ./compiler/helm ./compiler/mutualtls ./compiler/policy ./compiler/graph ./compiler/page ./compiler/document \
	./compiler/review ./cmd/relayform
MUTATE ?=
mutate: ## make one mistake at a time in the code, and list those that no test notices; MUTATE='-n 200' or '-since main~1', as all of them take hours
	$(MEMORY) RELAYFORM_LONG=1 go run ./fixtures/mutate $(MUTATE) $(KEEPERS)

# The real programs, each with its module's folder, its package and, if not the usual ones, its linker flags.
PROGRAMS = control kubectl kubectl-oldest sealed-secrets external-secrets cert-manager source-controller kustomize-controller helm-controller argocd kustomize contour traefik
.PHONY: $(PROGRAMS:%=bin/%)
bin/argocd: SOURCE = fixtures/engines/argocd ./argocd
bin/source-controller bin/kustomize-controller bin/helm-controller: SOURCE = fixtures/engines/flux github.com/fluxcd/$(@F)
bin/control bin/kubectl: SOURCE = fixtures/e2e ./$(@F)
bin/control bin/kubectl: LDFLAGS = $(call STAMP,$(KUBERNETES))
bin/kubectl-oldest: SOURCE = fixtures/e2e/oldest .
bin/kubectl-oldest: LDFLAGS = $(call STAMP,$(OLDEST))
bin/contour: SOURCE = fixtures/planes/contour github.com/projectcontour/contour/cmd/contour
bin/traefik: SOURCE = fixtures/planes/traefik ./proxy
bin/sealed-secrets: SOURCE = fixtures/stores/sealed ./controller
bin/external-secrets: SOURCE = fixtures/stores/external ./fetch
bin/cert-manager: SOURCE = fixtures/issuers/certmanager ./controller
bin/kustomize: SOURCE = fixtures/engines/argocd sigs.k8s.io/kustomize/kustomize/v5
$(PROGRAMS:%=bin/%):
	cd $(firstword $(SOURCE)) && $(MEMORY) go build -trimpath -ldflags '$(LDFLAGS)' -o $(CURDIR)/$@ $(lastword $(SOURCE))

e2e: build ## test with real API servers, Istio, Contour, Traefik, HAProxy and NGINX, handshakes, secret stores, cert-manager, Flux and Argo CD; the first build takes minutes
	$(MAKE) --no-print-directory -j2 $(PROGRAMS:%=bin/%)
	@echo "built bin/relayform, bin/control (etcd and kube-apiserver $(KUBERNETES)), bin/kubectl ($(KUBERNETES)), bin/kubectl-oldest ($(OLDEST)), bin/sealed-secrets, bin/external-secrets, bin/cert-manager, Flux's bin/source-controller, bin/kustomize-controller and bin/helm-controller, bin/argocd, bin/kustomize, bin/contour, bin/traefik"
	cd fixtures/e2e && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 -timeout 30m -parallel 3 -v .

stores: ## test that the real SOPS and Sealed Secrets read what stores write; the first build takes minutes
	for d in fixtures/stores/*/; do (cd $$d && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 ./...) || exit 1; done

engines: ## test what Flux and Argo CD deliver with their own code; the first build takes minutes
	for d in fixtures/engines/*/; do (cd $$d && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 ./...) || exit 1; done

browser: build ## test the report in a real browser, with axe-core from npm; skipped without chromium, with a message
	cd fixtures/browser && $(MEMORY) go test -trimpath -vet=off -count=1 -v .

editor: build ## test the fixtures against the JSON Schema with ajv, which reads patterns as editors do; skipped without npm, with a message
	@command -v npm >/dev/null || { echo "no npm: ajv does not judge the schema"; exit 0; }; \
	mkdir -p bin/editor && cp fixtures/editor/* bin/editor && cd bin/editor && npm install --silent --no-audit --no-fund && ../relayform schema | node agree.js ../../fixtures

metrics: build ## test alert rules and dashboard with Prometheus's own code; the first build takes minutes
	cd fixtures/metrics && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 .

golden: ## update what the fixtures compile to; review every change
	go test ./compiler -run '^(TestGolden|TestHostile|TestCertificatesReport|TestNoClusterIsCutOff|TestStoryOfARotation)$$' -update
	go test ./cmd/relayform -run '^TestDocumentsKeepTheirFields$$' -update

generate: ## generate Go types from the schema
	$(CUE) fmt ./schema && $(CUE) exp gengotypes ./schema && gofmt -w schema

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./... && $(STATICCHECK) ./...

vulncheck: ## check go.sum and, if it can be reached, the vulnerability database
	.ci/vulncheck

BENCH ?= .
BENCHTIME ?= 9x
bench: ## run each task in turn with its baseline: medians and their ratio; cue and kustomize too, if they are installed
	go test ./schema ./compiler ./cmd/relayform -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -timeout 60m

quickstart: build ## the main job, in a new repository in a folder that git ignores here
	rm -rf quickstart && git init -q -b main quickstart && cp fixtures/reference/topology.yaml quickstart/
	cd quickstart && find . -path ./.git -prune -o -type f -print && ../bin/relayform compile
	@echo 'These commands work in the new folder: cd quickstart'

VERSION   ?= v0.0.0
PLATFORMS ?=
release: ## write dist/: archives, the program's components (SBOM), checksums; VERSION=v1.2.3, PLATFORMS='linux/amd64 darwin/arm64'
	.ci/release $(VERSION) $(PLATFORMS)

reproducible: ## build a release twice, in two folders: the bytes are the same
	.ci/reproducible

pages: ## write dist/pages: manual pages, and completions for bash, zsh and fish
	go run -tags pages ./cmd/relayform pages --date $$(git log -1 --format=%cs) dist/pages

image: ## build an image in which the program runs without root; needs docker
	docker build -f .ci/Dockerfile --build-arg VERSION=$(VERSION) -t relayform:$(VERSION) .
