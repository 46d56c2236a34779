# make test     all tests, with private servers of what is installed        (testenv/)
# make check    the same, and staticcheck
# make bench    the figures, at most 30 minutes; make bench-help lists its parts   (bench/)
# make build    the program, one static file
# make demo     everything on loopback, with sample people and mail

GO      ?= go
TOOLS   := $(CURDIR)/.tools
STATICCHECK_VERSION := v0.8.2

.PHONY: build test check staticcheck bench bench-help demo clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o planpost ./cmd/planpost

test:
	GO='$(GO)' testenv/run testenv/test

check: staticcheck test

# Taken from the PATH, else installed once into a folder of our own.
staticcheck:
	@tool=$$(command -v staticcheck || echo '$(TOOLS)/staticcheck'); \
	if [ ! -x "$$tool" ] && ! GOBIN='$(TOOLS)' $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION); then \
		echo "missing: staticcheck is neither installed nor to be had (not checked)"; exit 0; \
	fi; \
	"$$tool" ./...

bench: build
	bench/all.sh

# make bench-ingress, bench-ingress-postgres, bench-latency ...
bench-%: build
	bench/all.sh $*

bench-help:
	@bench/all.sh help

demo:
	$(GO) run ./cmd/planpost demo

clean:
	rm -rf planpost .tools coverage.out
