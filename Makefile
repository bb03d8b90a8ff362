# `make demo` shows Candor's whole job on a fictional circle; `make test` runs every test. Both skip what is done already.

PREFIX ?= $(HOME)/.local
PACKAGES = cmake pkg-config g++ libasound2-dev python3-pip
TEST_PACKAGES = pulseaudio pulseaudio-utils libasound2-plugins strace

.PHONY: help demo build test lint bench-vault install packages

help:
	@echo "make demo          build, fetch the models (1.4 GB), and see a circle's brief come about"
	@echo "make test          lint and run every test, with small models (0.3 GB)"
	@echo "make bench-vault   measure a vault of ten years of weekly meetings (6 GB of room for a while)"
	@echo "make install       put candor and candor-fetch into $(PREFIX)/bin"

demo: packages build
	target/release/candor-fetch --set default
	target/release/candor demo

# Two builds: the main binary is never built with the network code that candor-fetch has.
build:
	cargo build --release --bin candor
	cargo build --release --features fetch --bin candor-fetch

# Everything with one set of features, so that nothing is compiled twice; no code but candor-fetch depends on it. The last
# line printed is the count of the integration tests.
test: PACKAGES += $(TEST_PACKAGES)
test: packages lint
	cargo test --features fetch --no-run
	target/debug/candor-fetch --set test
	cargo test --features fetch --doc
	cargo test --features fetch --lib --bins --test '*'

lint:
	cargo fmt --check
	cargo clippy --features fetch --all-targets -- -D warnings

bench-vault: packages
	cargo run --release --features fetch --example ten_years

install: packages build
	install -d $(PREFIX)/bin
	install -m 755 target/release/candor target/release/candor-fetch $(PREFIX)/bin

# Debian and Ubuntu: installs what is missing when it may; elsewhere, or when it may not, says what is needed and goes on if
# the tools are there.
packages:
	@command -v cargo > /dev/null || { echo "Rust is needed: see https://rustup.rs" >&2; exit 1; }
	@missing=$$(for p in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$p 2> /dev/null | grep -q 'ok installed' || echo $$p; done); \
	[ -n "$$missing" ] || exit 0; \
	missing=$$(echo $$missing); \
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo="sudo -n"; fi; \
	if command -v apt-get > /dev/null && $$sudo true 2> /dev/null; then \
	    echo "Installing $$missing."; \
	    $$sudo apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -qq -y --no-install-recommends $$missing; \
	elif command -v brew > /dev/null; then \
	    echo "Needed, if it is not there yet: brew install cmake pkg-config python"; \
	else \
	    echo "Needed, under Debian's names: $$missing"; \
	fi; \
	for tool in cmake c++ python3; do \
	    command -v $$tool > /dev/null || { echo "$$tool is missing: install what is named above." >&2; exit 1; }; \
	done
