CUE         = go run cuelang.org/go/cmd/cue@$(shell go list -m -f '{{.Version}}' cuelang.org/go)
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
LDFLAGS     = -s -w

KUBERNETES  = v1.36.3
OLDEST      = v1.27.16
K8S_VERSION = k8s.io/component-base/version
STAMP       = -s -w -X $(K8S_VERSION).gitVersion=$(1) -X $(K8S_VERSION).gitMajor=1 -X $(K8S_VERSION).gitMinor=$(word 2,$(subst ., ,$(1)))

.PHONY: build test long race mutate e2e stores engines browser editor metrics crash growth fuzz golden generate lint vulncheck bench quickstart release reproducible pages image
build: ## bin/relayform; without C it needs no library of the system's, and is a quarter smaller
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/relayform ./cmd/relayform

# Tests write many small files: they go into memory where the system has a place for that.
MEMORY = $(shell df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4096 {print "TMPDIR=/dev/shm"}')

test: ## every test, a sample of cases where they are hundreds; needs Go only
	$(MEMORY) go run ./fixtures/progress ./...

# What compiles, proves, renders, verifies and encrypts side by side, and runs that meet one another.
ABREAST = Golden|EveryOverlayIsProvedWhereAsked|WhatUsersAddIsTheirs|TheOneAtFaultIsBlamed|EveryFixtureVerifies|Render|OneOfManyCompilesWins|SecondOfTwo|ClustersThatCannotBeAsked|Live|KeyAlgorithmsChange|Ciphertext|OneChangedRemote|ManyAgents

# What make test leaves out, or tries a sample of.
LONG = EveryHistoryLoads|LimitsBoundMemory|PoliciesEnd|FailingDisk|WhatCountsIsHeld|WhatUsersAddIsTheirs|FoldersMayHaveAnyName|WorkFor(Given|Brought)AgentsGrowsLinearly|NothingPrivateLeaks|Attacks|NoClusterIsCutOff|ManyAuthoritiesStayWithinLimits|AdoptingSurvivesADiskThatFails|TelemetryInARotation|PhasesFollowOneAnother|EveryPhaseBringsTheKeyOfItsCertificate|NoApplyCutsAnAgentOff|LimitsOfAnExternalPKI|OpenSSLAgrees|ReportStandsAlone

long: ## every history of a lockfile, inputs at their limits, each way in for an attacker; two minutes
	$(MEMORY) RELAYFORM_LONG=1 go test ./compiler ./cmd/relayform -run '^Test($(LONG))$$' -count 1

race: ## what runs side by side, under the race detector; needs a C compiler
	$(MEMORY) go test -race -short $$(go list ./compiler/... | grep -v '/compiler$$')
	$(MEMORY) go test -race -short ./compiler -run '$(ABREAST)'

FUZZTIME ?= 10s
fuzz: ## no input makes it panic, or take long: every fuzzer in turn
	for name in $$(go test ./compiler -list '^Fuzz' | grep '^Fuzz'); do \
	  go test ./compiler -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x || exit 1; done

KILLS ?= 660
MOVES ?= 6000
crash: ## end the program KILLS times, at random moments; fail each change of the disk in turn; MOVES random moves on projects
	RELAYFORM_KILLS=$(KILLS) RELAYFORM_MOVES=$(MOVES) go test ./cmd/relayform ./compiler/... -run '^(TestKillsLeaveNothingTorn|TestFullDisk|TestLimitedFiles|TestWithoutPermission|TestFailingDisk|TestRandomLives|TestSettlingSurvivesADiskThatFailsOnce)$$' -count 1 -timeout 60m -v

FLEET ?= 10000
growth: ## work counted, not timed: a fleet of FLEET remotes and one of a tenth, with each store in git
	$(MEMORY) RELAYFORM_FLEET=$(FLEET) go test ./compiler -run '^TestWorkOfStoresGrowsLinearly$$' -count 1 -timeout 60m -v

# The packages that keep promises; each folder's own tests, and those that build on it, judge its mutants.
KEEPERS = ./compiler ./compiler/adopt ./compiler/gitops ./compiler/readiness ./compiler/issue ./compiler/lockfile ./compiler/keystore ./compiler/project ./compiler/plan ./compiler/delivery ./compiler/lifecycle \
	./compiler/seal ./compiler/sops ./compiler/sealedsecret ./compiler/folder ./compiler/overlay ./compiler/deploy ./compiler/verify ./compiler/pki ./compiler/ingress ./compiler/product ./compiler/helm ./compiler/mutualtls ./compiler/policy ./compiler/graph ./compiler/page ./compiler/document \
	./compiler/review ./cmd/relayform
MUTATE ?=
mutate: ## makes one mistake at a time, and says which no test notices; MUTATE='-n 200', '-since main~1'; all of them take hours
	$(MEMORY) RELAYFORM_LONG=1 go run ./fixtures/mutate $(MUTATE) $(KEEPERS)

# The real programs, each with the folder of its module, its package and, where it is not the usual one, its linker's flags.
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

e2e: build ## real API servers, Istio, Contour, Traefik, HAProxy and NGINX, handshakes, secret stores, cert-manager, Flux and Argo CD; the first build takes minutes
	$(MAKE) --no-print-directory -j2 $(PROGRAMS:%=bin/%)
	@echo "built bin/relayform, bin/control (etcd and kube-apiserver $(KUBERNETES)), bin/kubectl ($(KUBERNETES)), bin/kubectl-oldest ($(OLDEST)), bin/sealed-secrets, bin/external-secrets, bin/cert-manager, Flux's bin/source-controller, bin/kustomize-controller and bin/helm-controller, bin/argocd, bin/kustomize, bin/contour, bin/traefik"
	cd fixtures/e2e && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 -timeout 30m -parallel 3 -v .

stores: ## the real SOPS and Sealed Secrets read what stores write; the first build takes minutes
	for d in fixtures/stores/*/; do (cd $$d && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 ./...) || exit 1; done

engines: ## Flux's and Argo CD's own code judges what they deliver; the first build takes minutes
	for d in fixtures/engines/*/; do (cd $$d && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 ./...) || exit 1; done

browser: build ## the report in a real browser, with axe-core from npm; without chromium it says so, and skips
	cd fixtures/browser && $(MEMORY) go test -trimpath -vet=off -count=1 -v .

editor: build ## ajv, which reads patterns as editors do, holds the fixtures against the JSON Schema; without npm it says so, and skips
	@command -v npm >/dev/null || { echo "no npm: ajv does not judge the schema"; exit 0; }; \
	mkdir -p bin/editor && cp fixtures/editor/* bin/editor && cd bin/editor && npm install --silent --no-audit --no-fund && ../relayform schema | node agree.js ../../fixtures

metrics: build ## Prometheus's own code judges alert rules and dashboard; the first build takes minutes
	cd fixtures/metrics && $(MEMORY) go test -trimpath -vet=off -ldflags '-s -w' -count=1 .

golden: ## what the fixtures compile to; a change is a reviewed change
	go test ./compiler -run '^(TestGolden|TestHostile|TestCertificatesReport|TestNoClusterIsCutOff|TestStoryOfARotation)$$' -update
	go test ./cmd/relayform -run '^TestDocumentsKeepTheirFields$$' -update

generate: ## Go types from the schema
	$(CUE) fmt ./schema && $(CUE) exp gengotypes ./schema && gofmt -w schema

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./... && $(STATICCHECK) ./...

vulncheck: ## go.sum and, where it can be reached, the database of vulnerabilities
	.ci/vulncheck

BENCH ?= .
BENCHTIME ?= 9x
bench: ## each task in turn with its baseline: medians and their ratio; cue and kustomize too, where they are installed
	go test ./schema ./compiler ./cmd/relayform -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -timeout 60m

quickstart: build ## the main job, in a repository of its own that git ignores here
	rm -rf quickstart && git init -q -b main quickstart && cp fixtures/reference/topology.yaml quickstart/
	cd quickstart && find . -path ./.git -prune -o -type f -print && ../bin/relayform compile
	@echo 'These commands work in the new folder: cd quickstart'

VERSION   ?= v0.0.0
PLATFORMS ?=
release: ## dist/: archives, what the program is made of, checksums; VERSION=v1.2.3, PLATFORMS='linux/amd64 darwin/arm64'
	.ci/release $(VERSION) $(PLATFORMS)

reproducible: ## one release twice, in two folders: the same bytes
	.ci/reproducible

pages: ## dist/pages: manual pages, and completions for bash, zsh and fish
	go run -tags pages ./cmd/relayform pages --date $$(git log -1 --format=%cs) dist/pages

image: ## the program in an image without root; needs a builder of images
	docker build -f .ci/Dockerfile --build-arg VERSION=$(VERSION) -t relayform:$(VERSION) .
