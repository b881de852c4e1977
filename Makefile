CUE         = go run cuelang.org/go/cmd/cue@$(shell go list -m -f '{{.Version}}' cuelang.org/go)
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
LDFLAGS     = -s -w

.PHONY: build test crash fuzz golden generate lint bench quickstart
build: ## bin/relayform
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/relayform ./cmd/relayform

test: ## every test; needs Go only
	go test ./...

FUZZTIME ?= 10s
fuzz: ## no input makes parsing or resolving panic
	go test ./compiler -run '^$$' -fuzz '^FuzzTopology$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./compiler -run '^$$' -fuzz '^FuzzLock$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 1x

crash: ## kill the program 330 times, at random moments, and fail each change of the disk in turn
	RELAYFORM_KILLS=330 go test ./cmd/relayform ./compiler -run '^(TestKillsLeaveNothingTorn|TestFailingDisk)$$' -count 1 -v

golden: ## what the fixtures compile to; a change is a reviewed change
	go test ./compiler -run '^(TestGolden|TestHostile|TestCertificatesReport|TestNoClusterIsCutOff|TestStoryOfARotation)$$' -update

generate: ## Go types from the schema
	$(CUE) fmt ./schema && $(CUE) exp gengotypes ./schema && gofmt -w schema

lint:
	test -z "$$(gofmt -l .)" && go vet ./... && $(STATICCHECK) ./...

bench:
	go test ./... -run '^$$' -bench . -benchmem

quickstart: build ## the main job, into a fresh folder that git ignores
	rm -rf quickstart && mkdir quickstart && cp fixtures/reference/topology.yaml quickstart/
	cd quickstart && ../bin/relayform compile && find . -type f | sort
