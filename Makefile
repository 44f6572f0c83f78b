# Everything that a fresh Debian machine with Swift needs is installed by the target that needs it.

.PHONY: train test build compare bench bench-page setup setup-checks lint docs tsan asan soak arm64 model-check kill-test \
  fault-test checkpoint-soak table-soak mapped-check number-soak fuzz fuzz-asan protocol exchange-check checks clean

SWIFT ?= swift
FASCICLE = .build/release/fascicle
PYTHON ?= python3
PEERS = Benchmarks/peers

# What building and training need: topology, gzip, zip archives, digests, and 70,000 real images.
BUILD_PACKAGES = libhwloc-dev zlib1g-dev libzip-dev libssl-dev
# What makes PNG of pictures.
PICTURE_PACKAGES = librsvg2-bin
DATA_PACKAGES = dataset-fashion-mnist
# What the peers need besides: PyTorch compiles, with a C++ compiler.
PEER_PACKAGES = python3 python3-dev python3-venv g++
# What the slower checks need besides.
CHECK_PACKAGES = spin gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user

# Installs those of $(1) that are missing, and says nothing when none is.
define install
	@missing=""; for package in $(1); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  become=""; [ "$$(id -u)" = 0 ] || become=sudo; \
	  $$become apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$become apt-get install -y -qq $$missing >/dev/null; \
	fi
endef

## train: trains a network on Fashion-MNIST, on all the cores this machine really has
train: build
	$(call install,$(DATA_PACKAGES))
	@$(FASCICLE) train configs/fashion-mnist.yaml

## build: the driver, optimised
build: setup
	@$(SWIFT) build -c release --product fascicle

## compare: beside PyTorch, JAX, Keras … on this machine, a page in Benchmarks/results; COMPARE="--help" tells more
compare: build $(PEERS)/.venv/installed
	$(call install,$(DATA_PACKAGES))
	@$(PEERS)/.venv/bin/python $(PEERS)/compare.py $(COMPARE)

# All peers at once; where that fails, one by one, and those that this machine can't have are left out.
$(PEERS)/.venv/installed: $(PEERS)/requirements.txt
	$(call install,$(PEER_PACKAGES))
	@echo "installing the peers into $(@D), some 3 GB"
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --requirement $< || grep '^[a-z]' $< | while read -r package; do \
	  $(@D)/bin/pip install --quiet --constraint $< "$$package" || echo "left out: $$package"; \
	done
	@touch $@

## test: every test of every room, optimised as users run it
test: setup
	@$(SWIFT) test -c release --disable-xctest

## bench: the benchmarks; BENCH='--filter "barrier.*"' chooses some, BENCH=list builds all and lists them
bench: setup
	@cd Benchmarks && $(SWIFT) package benchmark $(BENCH) --grouping metric --no-progress

## bench-page: every activation and optimizer beside what memory and the core could do, a page in Benchmarks/results
bench-page: BENCH = --filter "optimizer .*" --filter ".* (forward|backward)"
bench-page:
	$(call install,python3)
	@mkdir -p .build; tables=.build/bench-page.txt; page=Benchmarks/results/$$(date +%F)-activations-and-optimizers.md; \
	$(MAKE) --no-print-directory bench BENCH='$(BENCH)' > $$tables || { cat $$tables; exit 1; }; \
	$(PYTHON) Benchmarks/page.py < $$tables > .build/bench-page.md && mv .build/bench-page.md $$page \
	  && echo "the page is $$page"

setup:
	$(call install,$(BUILD_PACKAGES) $(PICTURE_PACKAGES))

setup-checks: setup
	$(call install,$(CHECK_PACKAGES))

## lint: the code's format
lint:
	@$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests $(BENCHMARK_SOURCES)
BENCHMARK_SOURCES = Benchmarks/Package.swift Benchmarks/BenchmarkInstruments $(wildcard Benchmarks/*Benchmarks)

## docs: the documentation of all public rooms; a warning is an error
docs: setup
	@$(SWIFT) package --scratch-path .build-docs generate-documentation --warnings-as-errors \
	  --enable-experimental-combined-documentation $(DOCUMENTED:%=--target %)
DOCUMENTED = Fascicle ONNXExchange ModelExchange TrainingRuntime PerceptronModel GradientOptimizers TrainingData NeuronKernels WorkerTeam HardwareTopology

## tsan: the runtime's tests under ThreadSanitizer
tsan: setup
	@TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp \
	  $(SWIFT) test -c release --disable-xctest --scratch-path .build-tsan --sanitize thread \
	  --filter 'WorkerTeamTests|TrainingRuntimeTests|PublicInterfaceTests'

## fuzz: damaged files for each reader for MINUTES minutes (1) and INPUTS of them at least, other ones each time, memory watched
fuzz: setup
	@$(FUZZING) FUZZ_MEMORY=1 $(SWIFT) test -c release --disable-xctest --no-parallel --filter $(FUZZERS)

## fuzz-asan: the same under AddressSanitizer, whose own memory nobody watches
fuzz-asan: setup
	@$(FUZZING) $(ASAN_QUICKLY) $(SWIFT) test -c release --disable-xctest --no-parallel --scratch-path .build-asan \
	  --sanitize address --filter $(FUZZERS)
FUZZING = FUZZ_SECONDS=$$((60 * $(MINUTES))) FUZZ_INPUTS=$(INPUTS)
# Without the call stacks of all allocations ten times as many inputs go through; of a fault its own place is still told.
ASAN_QUICKLY = ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=8
FUZZERS = 'FuzzTests|NPYTests/fuzz|NPZTests/fuzz|LIBSVMTests/fuzz'
MINUTES ?= 1
INPUTS ?= 0

## table-soak: a table of 2 GB converted to arrays, its speed, and that the memory stays small
table-soak: setup
	@FASCICLE_TABLE_BYTES=2000000000 $(SWIFT) test -c release --disable-xctest --filter TableConversionTests/soak

## mapped-check: a file of 8 GiB trained on in 1 GiB of memory, where control groups may be made
mapped-check: build
	@$(PYTHON) Tests/LargeDataChecks/mapped_check.py $(FASCICLE)

## number-soak: twenty million random decimal numbers against strtof
number-soak: setup
	@FASCICLE_NUMBER_DRAWS=20000000 $(SWIFT) test -c release --disable-xctest --filter DecimalNumberTests

## protocol: the Swift of ONNX's messages, from Sources/ONNXExchange/Protocol/onnx.proto
protocol: setup
	$(call install,protobuf-compiler)
	@$(SWIFT) package resolve
	@$(SWIFT) build --package-path .build/checkouts/swift-protobuf --scratch-path .build-protocol --product protoc-gen-swift
	@protoc --plugin=.build-protocol/debug/protoc-gen-swift --swift_opt=Visibility=Package -I $(PROTOCOL) \
	  --swift_out=$(PROTOCOL) onnx.proto
PROTOCOL = Sources/ONNXExchange/Protocol

## exchange-check: NETWORKS (300) random networks each to and from onnxruntime, safetensors, NumPy, PyTorch, scikit-learn
exchange-check: build $(PEERS)/.venv/installed
	@$(PEERS)/.venv/bin/python Tests/ExchangeChecks/exchange_check.py $(FASCICLE) --networks $(NETWORKS)
NETWORKS ?= 300

## asan: the kernels and the scans over text under AddressSanitizer and UndefinedBehaviorSanitizer
asan: setup
	@Tests/KernelChecks/sanitize.sh

## soak: the elementary functions over every float, some twenty minutes
soak: setup
	@Tests/KernelChecks/soak.sh

## arm64: the kernels and the scans over text cross-compiled and run under emulation
arm64: setup-checks
	@Tests/KernelChecks/arm64.sh

## model-check: the barrier's protocol, exhaustively, and the mistakes that it must catch
model-check: setup-checks
	@Sources/WorkerTeam/Model/check.sh

## kill-test: kill -9 at random moments of runs that go on each time; KILLS=200
kill-test: build
	@Tests/CheckpointChecks/kill_test.sh $(KILLS)
KILLS = 200

## fault-test: each call of the system by which a run keeps its state, refused, cut short or the process's last
fault-test: build setup-checks
	@Tests/CheckpointChecks/fault_test.sh

## checkpoint-soak: 100,000 random corruptions of a checkpoint, each of which must be found
checkpoint-soak: setup
	@FASCICLE_CORRUPTIONS=100000 $(SWIFT) test -c release --disable-xctest --filter CheckpointDamageTests

## checks: all of the slower checks
checks: lint docs asan arm64 model-check tsan

clean:
	rm -rf .build .build-* Benchmarks/.build
