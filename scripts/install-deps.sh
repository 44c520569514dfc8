#!/bin/sh
# Installs the Debian 12 packages somhub needs. Asks nothing.
#   install-deps.sh [run|test]   what it takes to build and serve (run), or also to test, lint and fuzz (test)
#   install-deps.sh --check [run|test]   say what is missing, install nothing; exit 1 when something is
set -eu

RUN="gcc make pkg-config libc6-dev ca-certificates
libwebsockets-dev libuv1-dev libssl-dev libsrtp2-dev libsqlite3-dev libjansson-dev libsodium-dev
libical-dev libcurl4-openssl-dev libqrencode-dev tzdata
libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
gstreamer1.0-libav ffmpeg poppler-utils"
TEST="libcmocka-dev clang clang-format libclang-rt-dev chromium git python3 procps iproute2 nftables util-linux firefox-esr coturn"

# Packet encryption by the processor's own instructions; elsewhere OpenSSL does it.
[ "$(dpkg --print-architecture 2>/dev/null)" != amd64 ] || RUN="$RUN libipsec-mb-dev"

check=no
if [ "${1:-}" = --check ]; then
    check=yes
    shift
fi
case "${1:-run}" in
run) want="$RUN" ;;
test) want="$RUN $TEST" ;;
*)
    echo "usage: install-deps.sh [--check] [run|test]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "install-deps: this is not Debian; install what scripts/install-deps.sh lists by hand, then run make with DEPS=no." >&2
    exit 1
fi

# A Node.js from elsewhere will do, if it is not older than Debian's.
node_ok() {
    command -v npm >/dev/null && command -v node >/dev/null &&
        [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 18 ]
}
node_ok || want="$want nodejs npm"

missing=
for p in $want; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing="$missing $p"
done
if [ -z "$missing" ]; then
    [ $check = no ] || echo "install-deps: all packages are here"
    exit 0
fi
if [ $check = yes ]; then
    echo "install-deps: missing:$missing"
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "install-deps: no right to install packages. As root run: apt-get install$missing" >&2
    exit 1
fi
echo "install-deps: installing$missing"
log=$(mktemp)
# A fresh machine fetches some hundred packages: every five seconds it says how far it is.
said() {
    was=
    while sleep 5 >/dev/null 2>&1; do
        now="$(grep -c '^Get:' "$log" || :) fetched, $(grep -c '^Setting up' "$log" || :) set up"
        [ "$now" = "$was" ] || echo "install-deps: $now"
        was=$now
    done
}
said &
sayer=$!
trap 'kill $sayer 2>/dev/null; rm -f "$log"' EXIT
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -q "$@" >"$log" 2>&1; }
# shellcheck disable=SC2086
if ! { apt update && apt install -y --no-install-recommends $missing; }; then
    tail -n 20 "$log" >&2
    echo "install-deps: apt-get could not install:$missing" >&2
    exit 1
fi
