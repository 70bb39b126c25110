# Every target installs what it misses (scripts/setup); tools are cached outside the checkout.
# cargo-clippy and cargo-fmt by their own names: cargo would prefer rustup's to Debian's.

RUN := scripts/run

.PHONY: serve dev test npm recipes bench transcripts fmt lint build test-format test-native test-page test-browser

serve: build ## builds the page as it ships and serves it
	$(RUN) node scripts/serve.mjs dist

dev: ## serves the page and rebuilds it on change
	scripts/setup page
	$(RUN) trunk serve --dist target/dev-page

build: ## builds the page as it ships into dist/
	scripts/setup page
	scripts/page

test: test-format lint test-native test-page test-browser ## everything CI runs

test-format:
	scripts/setup rust
	$(RUN) cargo-fmt --check

lint:
	scripts/setup rust
	$(RUN) cargo-clippy clippy --locked --all-targets -- -D warnings
	$(RUN) cargo-clippy clippy --locked --target wasm32-unknown-unknown -- -D warnings

test-native:
	scripts/setup rust python
	$(RUN) cargo test --locked

test-page: build

test-browser: test-page recipes
	scripts/setup browser
	$(RUN) npx --no-install playwright test

npm: build ## packs the page and the element for npm, unpublished
	$(RUN) node scripts/npm.mjs dist

recipes: build ## builds a site with each recipe of docs/recipes.md, for the tests
	scripts/setup recipes
	$(RUN) node tests/recipes/build.mjs dist

bench: build ## prints sizes and speeds
	scripts/setup browser
	$(RUN) cargo run --locked --quiet --release -- bench
	$(RUN) node scripts/bench.mjs

transcripts: ## replays tests/transcripts and prints how much comes out equal
	scripts/setup rust python
	$(RUN) scripts/transcripts

fmt:
	scripts/setup rust
	$(RUN) cargo-fmt
