#!/bin/bash
# Runs the programs of one suite, shows a line for each, and keeps the counts; or adds all counts up.
#   run-tests.sh [--results DIR] unit|sim|asan|tsan|replay PROGRAM…
#   run-tests.sh [--results DIR] integration|crash|lines|attacked FILE.test.mjs…
#   run-tests.sh [--results DIR] web web/package.json
#   run-tests.sh [--results DIR] report
#   run-tests.sh able          says why there can be no suite `lines` here, if so
set -u
cd "$(dirname "$0")/.." || exit 1
results=build/results
if [ "${1:-}" = --results ]; then
    results=$2
    shift 2
fi
suite=${1:?suite}
shift
mkdir -p "$results/log"

# reasons LOG: the tests that failed there and why; not those that only were not tried after another.
reasons() {
    awk '
        function say() { if (name != "" && why !~ /not tried:/) { print name; if (why != "") print "    " why; if (at != "") print "    " at }
                         name = why = at = ""; wants = 0 }
        /^ *not ok / { say(); name = $0; sub(/^ */, "", name); next }
        /^ *ok / { say(); next }
        wants > 0 && !/^ *code: / { sub(/^ */, ""); if ($0 != "") { why = why (why == "" ? "" : " | ") $0; wants-- } next }
        name != "" && why == "" && /^ *error: / { why = $0; sub(/^ *error: /, "", why); if (why ~ /^[|>]-?$/) { wants = 4; why = "" } next }
        /^ *code: / { wants = 0 }
        name != "" && why == "" && /^ *# / && !/Subtest/ { why = $0; sub(/^ *# /, "", why); next }
        name != "" && at == "" && /tests\/[a-z]+\/[a-z_]+\.(test\.mjs|c):[0-9]+/ { at = $0; sub(/^ */, "", at) }
        END { say() }' "$1" | cut -c1-300 | head -n 40
}

# The same, and what it said last when it named no failure: it crashed, or ran out of time.
said() {
    local found
    found=$(reasons "$1")
    if [ -n "$found" ]; then
        echo "$found"
    else
        tail -n 20 "$1"
    fi
    [ ! -e "$1.err" ] || tail -n 15 "$1.err"
}

# What failed, by name and first reason, where whoever reads only the end sees it.
failures() {
    local count log f
    for count in "$results"/log/*.count; do
        read -r _ f <"$count"
        [ "$f" -gt 0 ] || continue
        log=${count%.count}
        printf 'failed: %s' "$(basename "$log")"
        if [ ! -e "$log" ]; then
            echo ': does not build'
            continue
        fi
        echo
        said "$log" | sed 's/^/    /'
    done
}

report() {
    local passed=0 failed=0 name p f
    echo
    for name in unit sim replay web integration crash lines lint asan attacked tsan; do
        [ -f "$results/$name" ] || continue
        read -r p f <"$results/$name"
        printf '%-12s %5d passed %4d failed\n' "$name" "$p" "$f"
        passed=$((passed + p))
        failed=$((failed + f))
    done
    echo
    if [ -f "$results/lines" ]; then
        node tests/lines/table.mjs
        echo
    elif [ -s "$results/lines.skipped" ]; then
        cat "$results/lines.skipped"
    fi
    [ "$failed" -eq 0 ] || failures
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
if [ "$suite" = report ]; then
    report
    exit
fi

# The number after a TAP summary's word, e.g. "# pass 3".
summary() { sed -n "s/^# $2 \([0-9]*\)\$/\1/p" "$1" | tail -n 1; }

# Namespaces and wires need root; a test that does not get it says so by itself.
as_root() {
    if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then
        sudo -n env "PATH=$PATH:/usr/sbin:/sbin" "KEEP=${KEEP:-}" "$@"
    else
        "$@"
    fi
}

if [ "$suite" = able ]; then
    as_root node tests/lines/able.mjs | tee "$results/lines.skipped"
    [ ! -s "$results/lines.skipped" ] && exit
    rm -f "$results/lines" # of another day
    exit 1
fi

# attacked FILE LOG: a story against programs with ASan; what any of them reports is in FILES LOG.report.PID, and fails it.
# A process keeps 8 MB of what it freed, and shadows; so the story's bounds of memory are wider.
attacked() {
    local found report status=0
    report=$(realpath "$2").report
    rm -f "$report".*
    SOMHUB=$PWD/build/asan/bin/somhub HOSTILE_GROWTH_MB=120 HOSTILE_AGAIN_MB=6 FLOOD_GROWTH_MB=64 \
        ASAN_OPTIONS="log_path=$report:quarantine_size_mb=8:detect_leaks=1:fast_unwind_on_malloc=0" UBSAN_OPTIONS=print_stacktrace=1 \
        LSAN_OPTIONS="suppressions=$PWD/scripts/leaks.supp:print_suppressions=0" \
        timeout -k 10 900 node --test --test-reporter=tap "$1" || status=$?
    found=$(cat "$report".* 2>/dev/null)
    [ -z "$found" ] || { echo "$found" | head -n 60 >&2; status=1; }
    return $status
}

# run_one SUITE PROGRAM LOG: leaves output in LOG (stdout) and LOG.err.
run_one() {
    case "$1" in
    unit | sim) CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 600 "$2" ;;
    asan | tsan) CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 1800 "$2" ;;
    replay) timeout -k 5 300 "$2" "tests/fuzz/corpus/$(basename "$2" | sed s/^fuzz_//)" ;;
    web) timeout -k 5 300 npm --prefix web test --silent ;;
    attacked) attacked "$2" "$3" ;;
    lines) as_root timeout -k 10 1500 node --test --test-reporter=tap "$2" ;;
    *) timeout -k 10 900 node --test --test-reporter=tap "$2" ;;
    esac >"$3" 2>"$3.err" </dev/null
}

# count LOG STATUS: sets p and f of its caller. A program that says nothing countable is one test, by its exit status.
count() {
    case "$suite" in
    web | integration | crash | lines | attacked)
        p=$(summary "$1" pass) f=$(summary "$1" fail)
        f=$((${f:-0} + $(summary "$1" cancelled | grep . || echo 0)))
        ;;
    *)
        p=$(grep -c '^ok ' "$1") f=$(grep -c '^not ok ' "$1")
        [ "$((p + f))" -gt 0 ] || [ "$2" -ne 0 ] || p=1
        ;;
    esac
    p=${p:-0}
    [ "$2" -eq 0 ] || [ "$f" -gt 0 ] || f=1
}

# Runs one program, says its line, and leaves "passed failed" beside its log. Several may run at once.
job() {
    local program=$1 name log status start ms p=0 f=1
    name=$(basename "$program")
    log=$results/log/$suite-$name
    if [ ! -e "$program" ]; then
        rm -f "$log"
        printf '%-12s %-32s    0 passed   1 failed, does not build\n' "$suite" "$name"
    else
        start=$(date +%s%N)
        run_one "$suite" "$program" "$log"
        status=$?
        count "$log" $status
        ms=$((($(date +%s%N) - start) / 1000000))
        {
            printf '%-12s %-32s %4d passed %3d failed %7d ms\n' "$suite" "$name" "$p" "$f" "$ms"
            sed -n 's/^ok .* # SKIP \(.*\)/    SKIPPED: \1/p' "$log" | sort -u
            if [ "$f" -gt 0 ]; then
                [ $status -eq 124 ] && echo "    timed out"
                said "$log" | sed 's/^/    /'
            fi
        } >"$log.say"
        cat "$log.say"
    fi
    echo "$p $f" >"$log.count"
}

# Browsers and benches of time want the machine for themselves.
case "$suite" in
web | integration | crash | lines | attacked) jobs=1 ;;
*) jobs=${JOBS:-$(nproc)} ;;
esac
running=0
for program in "$@"; do
    if [ $running -ge "$jobs" ]; then
        wait -n
        running=$((running - 1))
    fi
    job "$program" &
    running=$((running + 1))
done
wait

total_p=0 total_f=0
for program in "$@"; do
    read -r p f <"$results/log/$suite-$(basename "$program").count" || p=0 f=1
    total_p=$((total_p + p))
    total_f=$((total_f + f))
done
echo "$total_p $total_f" >"$results/$suite"
[ "$total_f" -eq 0 ]
