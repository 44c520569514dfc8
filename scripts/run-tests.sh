#!/bin/bash
# Runs the programs of one suite, shows a line for each, and keeps the counts; or adds all counts up.
#   run-tests.sh [--results DIR] unit|sim|asan|tsan|replay PROGRAM…
#   run-tests.sh [--results DIR] integration|crash|lines FILE.test.mjs…
#   run-tests.sh [--results DIR] web web/package.json
#   run-tests.sh [--results DIR] report
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

report() {
    local passed=0 failed=0 name p f
    echo
    for name in unit sim replay web integration crash lines lint asan tsan; do
        [ -f "$results/$name" ] || continue
        read -r p f <"$results/$name"
        printf '%-12s %5d passed %4d failed\n' "$name" "$p" "$f"
        passed=$((passed + p))
        failed=$((failed + f))
    done
    echo
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
        sudo -n env "PATH=$PATH:/usr/sbin:/sbin" "$@"
    else
        "$@"
    fi
}

# run_one SUITE PROGRAM LOG: leaves output in LOG (stdout) and LOG.err.
run_one() {
    case "$1" in
    unit | sim) CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 600 "$2" ;;
    asan | tsan) CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 1800 "$2" ;;
    replay) timeout -k 5 300 "$2" "tests/fuzz/corpus/$(basename "$2" | sed s/^fuzz_//)" ;;
    web) timeout -k 5 300 npm --prefix web test --silent ;;
    lines) as_root timeout -k 10 900 node --test --test-reporter=tap "$2" ;;
    *) timeout -k 10 900 node --test --test-reporter=tap "$2" ;;
    esac >"$3" 2>"$3.err" </dev/null
}

# count LOG STATUS: sets p and f of its caller. A program that says nothing countable is one test, by its exit status.
count() {
    case "$suite" in
    web | integration | crash | lines)
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
        printf '%-12s %-32s does not build\n' "$suite" "$name"
    else
        start=$(date +%s%N)
        run_one "$suite" "$program" "$log"
        status=$?
        count "$log" $status
        ms=$((($(date +%s%N) - start) / 1000000))
        {
            printf '%-12s %-32s %4d passed %3d failed %7d ms\n' "$suite" "$name" "$p" "$f" "$ms"
            if [ "$f" -gt 0 ]; then
                [ $status -eq 124 ] && echo "    timed out"
                tail -n 60 "$log" "$log.err" | sed 's/^/    /'
            fi
        } >"$log.say"
        cat "$log.say"
    fi
    echo "$p $f" >"$log.count"
}

# Browsers and benches of time want the machine for themselves.
case "$suite" in
web | integration | crash | lines) jobs=1 ;;
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
