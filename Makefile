# The front door. `make help` lists what there is.

.DEFAULT_GOAL := help
.PHONY: help run build cluster cluster-stop chaos test test-cluster bench fuzz format check-format tidy asan tsan setup setup-cluster setup-test clean

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
MINUTES ?= 7
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
# What a sanitizer finds is told with names, and tools/tsan.supp is matched by name.
export ASAN_SYMBOLIZER_PATH := /usr/lib/llvm-19/bin/llvm-symbolizer
export TSAN_OPTIONS := suppressions=$(CURDIR)/tools/tsan.supp external_symbolizer_path=$(ASAN_SYMBOLIZER_PATH)

# $(call compile,preset,targets)
define compile
@echo "build: $(1)"
@cmake --preset $(1) > build/$(1).configure.log 2>&1 || { cat build/$(1).configure.log; exit 1; }
@ninja -C build/$(1) -j $(JOBS) --quiet $(2)
endef

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: build  ## Build what is missing and serve on http://127.0.0.1:7400, data in ./data
	@build/release/tidings serve --data data --web build/web --demo on

build: setup  ## Build the program, build/release/tidings, and its web app, build/web
	$(call compile,release,tidings)
	@tools/web

cluster: build setup-cluster  ## Build and run a whole cluster on this machine, on http://127.0.0.1:7400
	@tools/cluster start

cluster-stop:  ## End that cluster; what it stored stays
	@tools/cluster stop

chaos: build setup-cluster setup-test  ## Break a cluster under load for MINUTES (7), by SEED, and judge every guarantee
	@build/venv/bin/python tests/chaos/run.py --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

test: setup-test  ## Build and run every test but those that start a cluster
	$(call compile,release,)
	@tools/web
	@cd build/release && ctest --output-on-failure --timeout 600 -LE cluster

test-cluster: setup-cluster setup-test  ## Build, and run the tests of the API and a few faults on a cluster, or ONLY one of these
	$(call compile,release,)
	@tools/web
	@cd build/release && ctest --output-on-failure -L cluster $(if $(ONLY),-R '^$(ONLY)$$')

bench: setup-test  ## Measure, print a table, write docs/benchmarks.md
	$(call compile,release,)
	@bench/run

fuzz: setup-test  ## Run each fuzz target for FUZZ_SECONDS (60)
	$(call compile,asan,fuzz_targets)
	@tools/fuzz $(FUZZ_SECONDS)

asan: setup-test  ## Unit and contract tests under AddressSanitizer and UBSan
	$(call compile,asan,unit_tests)
	@cd build/asan && ctest -j $(JOBS) --output-on-failure --timeout 600 -L unit

tsan: setup-test  ## Unit and contract tests under ThreadSanitizer
	$(call compile,tsan,unit_tests)
	@cd build/tsan && ctest -j $(JOBS) --output-on-failure --timeout 600 -L unit

tidy: setup-test  ## clang-tidy over src
	$(call compile,tidy,driver_build)
	@tools/tidy

format: setup-test  ## Lay all C++ out as .clang-format says
	@git ls-files '*.h' '*.cpp' | xargs clang-format-19 -i

check-format: setup-test  ## Fail when `make format` would change something
	@git ls-files '*.h' '*.cpp' | xargs clang-format-19 --dry-run --Werror

setup:
	@mkdir -p build
	@tools/setup

setup-cluster:
	@mkdir -p build
	@tools/setup cluster

setup-test:
	@mkdir -p build
	@tools/setup test

clean:  ## Remove what was built
	@rm -rf build
