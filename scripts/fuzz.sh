#!/bin/sh
# Runs fuzz targets one after another, FUZZ_SECONDS each, from the kept corpus; new finds stay in the build folder.
#   fuzz.sh BUILD-FOLDER fuzz_x…
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift
failed=0
for t in "$@"; do
    kept=tests/fuzz/corpus/${t#fuzz_}
    finds=$folder/finds/$t
    mkdir -p "$finds"
    # A dictionary helps text formats past their keywords.
    dict=tests/fuzz/dict/${t#fuzz_}.dict
    start=$(date +%s)
    if "$folder/$t" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=8192 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$folder/" ${dict:+$([ -f "$dict" ] && echo "-dict=$dict")} "$finds" "$kept" >"$folder/$t.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$t.log")
        echo "fuzz $t: $runs inputs in $(($(date +%s) - start)) s, none crashed"
    else
        failed=$((failed + 1))
        tail -n 40 "$folder/$t.log"
        echo "fuzz $t: FAILED, see $folder/$t.log"
    fi
done
echo "$#  targets, $failed failed" | tr -s ' '
[ $failed -eq 0 ]
