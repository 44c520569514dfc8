#!/bin/sh
# Runs fuzz targets, as many at once as there are cores, FUZZ_SECONDS each, from the kept corpus; new finds stay in the
# build folder. FUZZ_SEED makes a run repeat itself; without it each draws anew.
#   fuzz.sh BUILD-FOLDER fuzz_x…
set -eu
cd "$(dirname "$0")/.."

one() { # BUILD-FOLDER fuzz_x
    folder=$1 t=$2
    kept=tests/fuzz/corpus/${t#fuzz_}
    finds=$folder/finds/$t
    mkdir -p "$finds"
    # A dictionary helps text formats past their keywords.
    dict=tests/fuzz/dict/${t#fuzz_}.dict
    start=$(date +%s)
    if "$folder/$t" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=8192 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -seed="${FUZZ_SEED:-0}" \
        -artifact_prefix="$folder/" ${dict:+$([ -f "$dict" ] && echo "-dict=$dict")} "$finds" "$kept" >"$folder/$t.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$t.log")
        echo "fuzz $t: $runs inputs in $(($(date +%s) - start)) s, none crashed"
    else
        tail -n 40 "$folder/$t.log"
        echo "fuzz $t: FAILED, see $folder/$t.log"
        return 1
    fi
}

if [ "$1" = --one ]; then
    one "$2" "$3"
    exit
fi
folder=$1
shift
if printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 scripts/fuzz.sh --one "$folder"; then
    echo "$# targets, none failed"
else
    echo "$# targets, some failed"
    exit 1
fi
