#!/usr/bin/env python3
"""The rules of the house over the C sources: layers, where third-party headers may appear, sizes, forbidden words.

Prints one line per breach, `path:line: what`, and exits 1 when there is any. Uses the standard library only.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Rank of a folder or file prefix: a source may include what ranks lower, or its own layer. First match holds.
LAYERS = [
    ("media/base/", 0),
    ("media/media.h", 1),  # the facade's words: enums and plain values, for the cores behind it as well
    ("media/sdp.h", 2),
    ("media/pipeline/", 1),  # narrowed below: base only
    ("media/net/", 1),
    ("media/rtc/", 2),
    ("media/", 3),
    ("server/rooms/", 4),  # narrowed below: base and itself only
    ("server/store/", 4),
    ("server/calendar/", 4),
    ("server/catalogue/", 5),
    ("server/jobs/", 6),
    ("server/mail/", 6),
    ("server/pipes/", 6),
    ("server/signaling/", 7),
    ("server/http/", 7),
    ("server/effects", 8),
    ("server/app/", 9),
    ("server/cli/", 9),
    ("server/main.c", 10),
]
NARROW = {
    "media/pipeline/": ("media/base/", "media/pipeline/"),
    "server/rooms/": ("media/base/", "media/media.h", "server/rooms/"),
}
# Within a folder, what its sources must not touch.
BANNED = {
    "server/rooms/": ("media/base/json.h", "media/base/clock.h", "media/base/log.h", "time.h", "stdio.h", "unistd.h"),
    "media/rtc/": ("media/base/clock.h", "media/base/json.h"),
}
BANNED_EXCEPT = {"media/rtc/worker.c"}  # the thread: it reads the clock once a turn

THIRD_PARTY = [
    (r"libwebsockets|lws", ("server/signaling/", "server/http/", "server/app/")),
    (r"uv\.h|uv/", ("server/signaling/", "server/http/", "server/app/", "server/pipes/")),
    (r"sqlite3", ("server/store/",)),
    (r"srtp2/|srtp\.h", ("media/rtc/secure.", "tests/unit/test_seal")),
    (r"intel-ipsec-mb", ("media/base/gcm_mb.", "media/base/ctrmac_mb.")),
    (r"openssl/", ("media/rtc/dtls.", "media/base/")),
    (r"gst/|glib|gio/", ("media/pipeline/",)),
    (r"jansson", ("media/base/json.c",)),
    (r"libical", ("server/calendar/",)),
    (r"curl/", ("server/mail/",)),
    (r"qrencode", ("server/http/qr.",)),
    (r"sodium", ("server/http/", "server/catalogue/", "media/base/")),
]

FUNCTION_MAX, FLAT_SWITCH_MAX, SOURCE_MAX, HEADER_MAX = 120, 160, 800, 160
FLAT_SWITCH = "/* lint: flat switch */"
MARKS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)[>"]')
ALLOCATOR = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|strdup|strndup|asprintf)\s*\(")
SLEEP = re.compile(r"(?<![\w.>])(sleep|usleep|nanosleep)\s*\(")

found = []


def say(path, line, what):
    found.append(f"{path}:{line}: {what}")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
                         cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return sorted({p for p in out.split("\0") if p and (ROOT / p).is_file()})


def rank(path):
    return next((r for prefix, r in LAYERS if path.startswith(prefix)), None)


def check_layer(path, line, included):
    mine, theirs = rank(path), rank(included)
    if mine is None or theirs is None:
        return
    folder = next((f for f in NARROW if path.startswith(f)), None)
    if folder in NARROW and not included.startswith(NARROW[folder]):
        say(path, line, f"{folder} may include only {' and '.join(NARROW[folder])}, not {included}")
    elif theirs > mine:
        say(path, line, f"includes {included} of a higher layer")


def check_include(path, line, quoted, name):
    if quoted:
        if not (ROOT / name).is_file():
            say(path, line, f'"{name}" is not a path from the root of the repository')
        check_layer(path, line, name)
    for pattern, allowed in THIRD_PARTY:
        if not quoted and re.match(pattern, name) and not path.startswith((*allowed, "tests/")):
            say(path, line, f"<{name}> belongs to {', '.join(allowed)}")
    for folder, names in BANNED.items():
        if path.startswith(folder) and name in names and path not in BANNED_EXCEPT:
            say(path, line, f"{folder} must not use {name}")


def check_functions(path, lines):
    """Layout is clang-format's, so a function is a line at column 0 ending in an opening brace, up to a lone `}`."""
    start = None
    for i, text in enumerate(lines, 1):
        if start is None:
            if text.endswith("{") and text[:1] not in (" ", "\t", "}", "#", "") and "=" not in text \
                    and not re.match(r"(struct|enum|union|extern)\b[^(]*\{$", text):
                start = i
        elif text.startswith("}"):
            flat = any(FLAT_SWITCH in t for t in lines[start - 1:i])
            limit = FLAT_SWITCH_MAX if flat else FUNCTION_MAX
            if i - start + 1 > limit:
                say(path, start, f"function of {i - start + 1} lines, at most {limit}")
            start = None


def check_c(path):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    limit = HEADER_MAX if path.endswith(".h") else SOURCE_MAX
    if len(lines) > limit:
        say(path, len(lines), f"file of {len(lines)} lines, at most {limit}")
    for i, text in enumerate(lines, 1):
        include = INCLUDE.match(text)
        if include:
            check_include(path, i, include[1] == '"', include[2])
        if re.match(r"\s*typedef\s+(struct|union|enum)\b", text):
            say(path, i, "typedef of a struct, union or enum")
        if re.match(r"\s*#\s*if\s+0\b", text):
            say(path, i, "dead code")
        if SLEEP.search(text) and "lint: deadline" not in text and not path.startswith("tests/bench/"):
            say(path, i, "sleeping is no way to wait for something")
        if ALLOCATOR.search(text) and path != "media/base/mem.c" and not path.startswith("tests/"):
            say(path, i, "allocate through media/base/mem.h")
    if path.endswith(".h") and not lines[0].startswith("/*"):
        say(path, 1, "a header begins by saying what it hides, its thread, ownership and limits")
    check_functions(path, lines)


def check_text(path):
    for i, text in enumerate((ROOT / path).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        mark = MARKS.search(text)
        if mark:
            say(path, i, f"{mark[1]}: finish it or write an issue")


def check_lock(path):
    """A lock names versions and sums; where they come from is the business of whoever installs."""
    for name, row in json.loads((ROOT / path).read_text()).get("packages", {}).items():
        url = row.get("resolved", "")
        if url.startswith("http"):
            say(path, 1, f"{name} is resolved to {url.split('/')[2]}")


def check_manifest(path):
    """Debian 12's npm (9.2) reads no lock whose manifest overrides a package with another one."""
    for name, spec in json.loads((ROOT / path).read_text()).get("overrides", {}).items():
        if not isinstance(spec, str) or ":" in spec:
            say(path, 1, f"override of {name} is no plain version: `npm ci` fails on Debian 12")


def check_format(paths):
    if not shutil.which("clang-format"):
        print("lint: clang-format is not installed, layout not checked", file=sys.stderr)
        return
    run = subprocess.run(["clang-format", "--dry-run", *paths], cwd=ROOT, capture_output=True, text=True)
    for path in sorted({text.split(":", 1)[0] for text in run.stderr.splitlines() if "[-Wclang-format" in text}):
        say(path, 1, "layout differs from .clang-format (make format)")


def main():
    sources = tracked("*.c", "*.h")
    for path in sources:
        check_c(path)
    for path in tracked("*.c", "*.h", "*.def", "*.ts", "*.tsx", "*.mjs", "*.py", "*.sh", "*.sql", "*.css"):
        check_text(path)
    for path in tracked("package-lock.json", "*/package-lock.json"):
        check_lock(path)
    for path in tracked("package.json", "*/package.json"):
        check_manifest(path)
    check_format(sources)
    print("\n".join(found))
    print(f"lint: {len(sources)} C files, {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
