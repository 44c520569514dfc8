# Everything is built by this one file; `make help` lists what can be asked of it.
# Libraries: base < media < server. `somhub` is server/main.c over them, `somhub-pipe` is media/pipeline over base.
# A variant (plain, asan, tsan, fuzz) has its objects, archives and tests under its own root, by the same rules.

B ?= build
PREFIX ?= /usr/local
DESTDIR ?=
DATA ?= var
DEPS ?= yes
FUZZ_SECONDS ?= 20
BENCH ?= sfu
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
CLANG ?= clang
CCACHE := $(shell command -v ccache)
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

PKGS := libwebsockets libuv libssl libcrypto libsrtp2 sqlite3 jansson libsodium zlib libical libcurl libqrencode
GST_PKGS := gstreamer-1.0 gstreamer-app-1.0 gstreamer-audio-1.0 gstreamer-video-1.0
pkg = $(shell pkg-config $(1) $(2) 2>/dev/null)
as_system = $(patsubst -I%,-isystem %,$(1))
SYS := $(call as_system,$(call pkg,--cflags,$(PKGS)))
GST_SYS := $(call as_system,$(call pkg,--cflags,$(GST_PKGS)))
# Debian has intel-ipsec-mb for x86-64 only, and no pkg-config file of it (media/base/gcm_mb.c).
LIBS := $(call pkg,--libs,$(PKGS)) $(if $(wildcard /usr/include/intel-ipsec-mb.h),-lIPSec_MB) -lm -lpthread
PIPE_LIBS := $(call pkg,--libs,$(GST_PKGS) jansson libcrypto libsodium) -lm -lpthread
TEST_LIBS := -lcmocka $(LIBS)
PIPE_TEST_LIBS := -lcmocka $(PIPE_LIBS) $(LIBS)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Werror
CFLAGS_ALL := -std=gnu11 -D_GNU_SOURCE -I. -g -fvisibility=hidden -fno-omit-frame-pointer $(WARN)
# What gcc can prove changes under instrumentation; its guesses about lengths are judged in the plain build only.
SAN := -fno-sanitize-recover=all
SAN_GCC := $(SAN) -Wno-format-truncation -Wno-stringop-overflow -Wno-stringop-truncation -Wno-maybe-uninitialized
CC_plain := $(CC) -O2
CC_asan := $(CC) -O1 -fsanitize=address,undefined $(SAN_GCC)
CC_tsan := $(CC) -O1 -fsanitize=thread $(SAN_GCC)
CC_fuzz := $(CLANG) -O1 -fsanitize=fuzzer-no-link,address,undefined $(SAN)
ROOT_plain := $(B)
ROOT_asan := $(B)/asan
ROOT_tsan := $(B)/tsan
ROOT_fuzz := $(B)/fuzz

base_SRC := $(wildcard media/base/*.c)
media_SRC := $(base_SRC) $(wildcard media/*.c media/net/*.c media/rtc/*.c)
server_SRC := $(filter-out server/main.c,$(sort $(shell find server -name '*.c')))
pipeline_SRC := $(filter-out %/main.c,$(sort $(shell find media/pipeline -name '*.c' 2>/dev/null)))
UNIT_SRC := $(wildcard tests/unit/test_*.c)
SIM_SRC := $(wildcard tests/sim/sim_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c)
LINES_SRC := $(wildcard tests/lines/*.c)
# What several tests share, e.g. the network of the simulations.
test_SRC := $(filter-out $(UNIT_SRC) $(SIM_SRC) $(BENCH_SRC),$(wildcard tests/unit/*.c tests/sim/*.c tests/bench/*.c))
ALL_SRC := $(sort $(media_SRC) $(server_SRC) server/main.c $(pipeline_SRC) media/pipeline/main.c $(test_SRC) \
	$(UNIT_SRC) $(SIM_SRC) $(FUZZ_SRC) $(BENCH_SRC) $(LINES_SRC) $(wildcard tests/fuzz/*.c))

# Every product is written beside its name and then renamed: builds running side by side never read halves.
objs = $(patsubst %.c,$(1)/obj/%.o,$(2))
gst_flags = $(if $(or $(filter media/pipeline/%,$(1)),$(findstring _pipe_,$(1))),$(GST_SYS))
compile = @mkdir -p $(@D); echo "CC $(if $(filter plain,$(1)),,$(1) )$<"; $(CCACHE) $(CC_$(1)) $(CFLAGS_ALL) $(SYS) \
	$(call gst_flags,$<) -MMD -MP -MT $@ -MF $(@:.o=.d) -c $< -o $@.$$$$ && mv $@.$$$$ $@
archive = @rm -f $@.$$$$; ar rcs $@.$$$$ $(filter %.o,$^) && mv $@.$$$$ $@
link = @mkdir -p $(@D); echo "LD $@"; $(CC_$(1)) $(3) -o $@.$$$$ $(filter %.o,$^) -Wl,--start-group \
	$(filter %.a,$^) -Wl,--end-group $(2) && mv $@.$$$$ $@

# $(call archive_rules,variant,root,name): the stamp holds the list, so a deleted source rebuilds the archive.
define archive_rules
$(2)/lib$(3).a: $(call objs,$(2),$($(3)_SRC)) $(2)/lib$(3).stamp
	$$(archive)
$(2)/lib$(3).stamp: FORCE
	@mkdir -p $$(@D); echo '$($(3)_SRC)' | cmp -s - $$@ || echo '$($(3)_SRC)' > $$@
endef
# $(call variant_rules,variant,root)
define variant_rules
$(2)/obj/%.o: %.c
	$$(call compile,$(1))
$(2)/somhub: $(call objs,$(2),server/main.c) $(2)/libserver.a $(2)/libmedia.a
	$$(call link,$(1),$(LIBS))
$(2)/somhub-pipe: $(call objs,$(2),media/pipeline/main.c) $(2)/libpipeline.a $(2)/libbase.a
	$$(call link,$(1),$(PIPE_LIBS))
$(2)/unit/test_pipe_%: $(2)/obj/tests/unit/test_pipe_%.o $(2)/libpipeline.a $(2)/libtest.a $(2)/libserver.a $(2)/libmedia.a
	$$(call link,$(1),$(PIPE_TEST_LIBS))
$(2)/unit/%: $(2)/obj/tests/unit/%.o $(2)/libtest.a $(2)/libserver.a $(2)/libmedia.a
	$$(call link,$(1),$(TEST_LIBS))
$(2)/sim/sim_pipe_%: $(2)/obj/tests/sim/sim_pipe_%.o $(2)/libpipeline.a $(2)/libtest.a $(2)/libserver.a $(2)/libmedia.a
	$$(call link,$(1),$(PIPE_TEST_LIBS))
$(2)/sim/%: $(2)/obj/tests/sim/%.o $(2)/libtest.a $(2)/libserver.a $(2)/libmedia.a
	$$(call link,$(1),$(TEST_LIBS))
-include $(patsubst %.c,$(2)/obj/%.d,$(ALL_SRC))
endef
VARIANTS := plain asan tsan fuzz
$(foreach v,$(VARIANTS),$(eval $(call variant_rules,$(v),$(ROOT_$(v)))) \
	$(foreach l,base media server pipeline test,$(eval $(call archive_rules,$(v),$(ROOT_$(v)),$(l)))))

# Fuzzers run in clang's libFuzzer; the corpus they leave is replayed by gcc with ASan in `make test`.
F := $(ROOT_fuzz)
A := $(ROOT_asan)
$(F)/fuzz_pipe_%: $(F)/obj/tests/fuzz/fuzz_pipe_%.o $(F)/libpipeline.a $(F)/libtest.a $(F)/libserver.a $(F)/libmedia.a
	$(call link,fuzz,$(PIPE_TEST_LIBS),-fsanitize=fuzzer)
$(F)/fuzz_%: $(F)/obj/tests/fuzz/fuzz_%.o $(F)/libtest.a $(F)/libserver.a $(F)/libmedia.a
	$(call link,fuzz,$(TEST_LIBS),-fsanitize=fuzzer)
$(B)/replay/fuzz_pipe_%: $(A)/obj/tests/fuzz/fuzz_pipe_%.o $(A)/obj/tests/fuzz/replay.o $(A)/libpipeline.a \
		$(A)/libtest.a $(A)/libserver.a $(A)/libmedia.a
	$(call link,asan,$(PIPE_TEST_LIBS))
$(B)/replay/fuzz_%: $(A)/obj/tests/fuzz/fuzz_%.o $(A)/obj/tests/fuzz/replay.o $(A)/libtest.a $(A)/libserver.a $(A)/libmedia.a
	$(call link,asan,$(TEST_LIBS))
$(B)/bench/bench_pipe_%: $(B)/obj/tests/bench/bench_pipe_%.o $(B)/libpipeline.a $(B)/libtest.a $(B)/libserver.a $(B)/libmedia.a
	$(call link,plain,$(PIPE_TEST_LIBS))
$(B)/bench/bench_%: $(B)/obj/tests/bench/bench_%.o $(B)/libtest.a $(B)/libserver.a $(B)/libmedia.a
	$(call link,plain,$(LIBS))
$(B)/lines/%: $(B)/obj/tests/lines/%.o
	$(call link,plain,)

BIN := $(B)/somhub $(if $(wildcard media/pipeline/main.c),$(B)/somhub-pipe)
UNIT := $(patsubst tests/unit/%.c,unit/%,$(UNIT_SRC))
SIM := $(patsubst tests/sim/%.c,sim/%,$(SIM_SRC))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(FUZZ_SRC))
REPLAY := $(addprefix $(B)/replay/,$(FUZZ))

# For the outer targets that install first: what pkg-config says is known only afterwards, so a make of its own builds.
INNER := $(MAKE) --no-print-directory $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(shell nproc))
.PHONY: all help web deps test-deps check-deps run test test-unit test-sim test-replay test-web test-integration test-crash \
	test-lines test-lines-able test-attacked lint format asan tsan fuzz bench clean install FORCE
all: deps ## programs and web client
	@$(INNER) $(BIN) web

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | sort | while IFS="$$(printf '\t')" read -r t d; do \
		printf '  make %-18s %s\n' "$$t" "$$d"; done

# DEPS=no: packages are cared for elsewhere.
deps: $(if $(filter no,$(DEPS)),,$(B)/.deps-run)
test-deps: $(if $(filter no,$(DEPS)),,$(B)/.deps-test)
$(B)/.deps-%: scripts/install-deps.sh
	@scripts/install-deps.sh $* && mkdir -p $(@D) && touch $@
check-deps: ## say which Debian packages are missing, install nothing
	@scripts/install-deps.sh --check test

WEB_SRC := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
web: $(if $(wildcard web/package.json),web/dist/index.html) ## the web client into web/dist
	@:
web/node_modules/.stamp: web/package-lock.json
	@echo "npm ci: web"; cd web && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.stamp
web/dist/index.html: $(WEB_SRC) web/node_modules/.stamp
	@echo "vite build"; cd web && npm run --silent build && touch dist/index.html
tests/integration/node_modules/.stamp: tests/integration/package-lock.json
	@echo "npm ci: tests/integration"; cd tests/integration && npm ci --no-audit --no-fund --loglevel=error && \
		touch node_modules/.stamp
BROWSER_DEPS := $(if $(wildcard tests/integration/package.json),tests/integration/node_modules/.stamp)

run: all ## install, build, serve http://127.0.0.1:8080 with data in DATA=var
	@mkdir -p $(DATA) && exec $(B)/somhub serve --config config/dev.ini --data $(DATA)

# Each suite leaves its counts in $(B)/results; `report` adds them up and fails when any failed or none ran.
SUITES := unit sim replay web integration crash
RUN := scripts/run-tests.sh --results $(B)/results
test: test-deps ## install, build and run every suite; ends with the sums
	@rm -rf $(B)/results
	@for s in $(SUITES); do $(INNER) test-$$s || true; done; $(RUN) report
test-unit: ## unit tests
	@$(INNER) -k $(addprefix $(B)/,$(UNIT)) || true
	@$(RUN) unit $(addprefix $(B)/,$(UNIT))
test-sim: ## simulations in virtual time
	@$(INNER) -k $(addprefix $(B)/,$(SIM)) || true
	@$(RUN) sim $(addprefix $(B)/,$(SIM))
test-replay: ## the kept fuzz corpora, with ASan
	@$(INNER) -k $(REPLAY) || true
	@$(RUN) replay $(REPLAY)
test-web: $(if $(wildcard web/package.json),web/node_modules/.stamp) ## tests of the web client without a browser
	@$(RUN) web $(wildcard web/package.json)
test-integration: $(BIN) $(B)/bench/bench_pipe_lesson $(B)/bench/bench_flood $(B)/bench/bench_signal web $(BROWSER_DEPS) ## stories in Chromium against real programs
	@$(RUN) integration $(wildcard tests/integration/*.test.mjs)
test-crash: $(BIN) $(B)/bench/bench_publish $(B)/bench/bench_pipe_lesson web $(BROWSER_DEPS) ## kill -9 at each step of a recording
	@$(RUN) crash $(wildcard tests/crash/*.test.mjs)
test-lines: $(BIN) $(B)/lines/netline web $(BROWSER_DEPS) ## browsers behind lossy, thin and cut lines (needs root or sudo)
	@rm -f $(B)/lines.json
	@$(RUN) lines $(wildcard tests/lines/*.test.mjs)
test-lines-able: $(B)/lines/netline ## says why there can be no such lines here, if so
	@$(RUN) able

lint: test-deps ## rules of the house over C and web sources
	@scripts/lint.py
	@if [ -f web/package.json ]; then $(INNER) web && npm --prefix web run --silent lint; fi
format: ## lay out all C sources
	@git ls-files '*.c' '*.h' | xargs clang-format -i
asan: test-deps ## unit tests, simulations and an attacked server with ASan and UBSan
	@$(INNER) -k $(addprefix $(A)/,$(UNIT) $(SIM)) || true
	@$(RUN) asan $(addprefix $(A)/,$(UNIT) $(SIM)); a=$$?; $(INNER) test-attacked && exit $$a
# Programs look for config/ beside their folder.
$(A)/bin/somhub: $(A)/somhub $(A)/somhub-pipe
	@mkdir -p $(@D); ln -sfn $(CURDIR)/config $(A)/config; ln -f $^ $(@D)
test-attacked: $(A)/bin/somhub $(B)/bench/bench_flood web $(BROWSER_DEPS) ## the stories of attacks, against programs with ASan and UBSan
	@$(RUN) attacked tests/integration/hostile.test.mjs tests/integration/hostile_tls.test.mjs tests/integration/flood.test.mjs
tsan: test-deps ## unit tests with TSan
	@$(INNER) -k $(addprefix $(ROOT_tsan)/,$(UNIT)) || true
	@$(RUN) tsan $(addprefix $(ROOT_tsan)/,$(UNIT))
fuzz: test-deps ## each fuzz target for FUZZ_SECONDS=20; FUZZ_ONLY=fuzz_x for one
	@$(INNER) $(addprefix $(F)/,$(or $(FUZZ_ONLY),$(FUZZ)))
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz.sh $(F) $(or $(FUZZ_ONLY),$(FUZZ))
BENCHES := sfu floor cost cores join soak record signal
ifneq ($(filter bench,$(MAKECMDGOALS)),)
$(if $(and $(filter 1,$(words $(BENCH))),$(filter $(BENCHES),$(BENCH))),,$(error there is no bench "$(BENCH)": BENCH is one of $(BENCHES)))
endif
bench: all ## BENCH=sfu|floor|cost|cores|join|soak|record|signal into build/bench/<name>.json
	@$(INNER) $(B)/bench/bench_$(or $(patsubst record:%,%,$(filter record:%,$(BENCH):publish)),$(patsubst cores:%,%,$(filter cores:%,$(BENCH):sfu)),$(BENCH))
	@mkdir -p $(B)/bench && node tests/bench/run.mjs $(BENCH) $(B)

install: all ## PREFIX=/usr/local DESTDIR=
	install -D -t $(DESTDIR)$(PREFIX)/bin $(BIN)
	mkdir -p $(DESTDIR)$(PREFIX)/share/somhub $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)/etc/somhub
	rm -rf $(DESTDIR)$(PREFIX)/share/somhub/web $(DESTDIR)$(PREFIX)/share/somhub/formats
	cp -r web/dist $(DESTDIR)$(PREFIX)/share/somhub/web
	cp -r config/formats $(DESTDIR)$(PREFIX)/share/somhub/formats
	sed 's|/usr/local/bin|$(PREFIX)/bin|' config/somhub.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/somhub.service
	[ -e $(DESTDIR)/etc/somhub/somhub.ini ] || $(B)/somhub config >$(DESTDIR)/etc/somhub/somhub.ini
clean: ## remove what was built
	rm -rf $(B) web/dist
