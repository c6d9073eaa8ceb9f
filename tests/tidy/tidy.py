#!/usr/bin/env python3
"""The house rules that a compiler does not know, read from the source: floors by include lines,
lengths, no hidden clock or sleep, frozen names. A finding is `file:line: what is wrong`.

Usage: tidy.py [ROOT]     exit 0: clean, 1: findings
What an exception is allowed for stands beside it; one that is no longer used is a finding too.
tidy_test.py shows that each rule can fail. Lengths of functions are approximate (by the form that
clang-format gives them); clang-tidy's readability-function-size counts exactly.
"""

import pathlib
import re
import subprocess
import sys

FOLDERS = ("src", "tools", "api", "tests", "schema", "migrations", ".ci")
TOP = {"CMakeLists.txt", "CMakePresets.json", "src", "schema", "migrations", "api", "tools",
       "tests", "README.md", "LICENSE", "CHANGELOG.md"}
MAX_FILE_LINES = 450
MAX_FUNCTION_LINES = 70

# What a floor may include besides itself. ledger and migration share a floor, but a fact's place in
# the ledger is a word of the ledger (ledger::Sequence).
FLOORS = {
    "src/base": set(),
    "src/ledger": {"base"},
    "src/migration": {"base", "ledger"},
    "src/engine": {"base", "ledger", "migration"},
    "src/adapters": {"base", "ledger", "migration", "engine"},
}
# An adapter sees itself alone and wiring sees all. Owner and mode checks, the atomic write and the
# running of programs stand once, in system; a router over HTTP is a program of ours behind exec.
ADAPTERS_SEEN = {
    "config": {"system"},
    "objects": {"system"},
    "exec": {"system"},
    "http": {"exec", "system"},
}
PURE = ("src/base/", "src/ledger/", "src/migration/", "src/engine/")

# Headers by which a library's I/O would leak: where each may be included.
THIRD_PARTY = {
    r"SQLiteCpp/|sqlite3\.h": ("src/adapters/sqlite/", "tests/"),
    r"yaml-cpp/": ("src/adapters/config/", "tests/"),
    r"zstd\.h": ("src/adapters/objects/", "tests/"),
    r"boost/": ("api/", "src/adapters/http/", "tests/"),
    r"curl/": ("src/adapters/http/",),
    r"CLI/": ("tools/",),
}
IO_HEADERS = r"(fstream|iostream|random|cstdio|ctime|unistd\.h|fcntl\.h|poll\.h|(sys|netinet)/.*)$"

CLOCK = r"(_clock::now|\bgettimeofday|\bclock_gettime|\btime\((nullptr|NULL|0)\)|\blocaltime)"
SLEEP = r"\b(sleep_for|sleep_until|nanosleep|usleep|sleep)\s*\("
SYSTEM = "src/adapters/system/"
EXCEPTIONS = {
    ("clock", "src/adapters/http/exchange.cpp"): "deadline of all requests, steady clock",
    ("clock", "src/adapters/haproxy/socket_client.cpp"): "deadlines of a socket, steady clock",
    ("clock", "src/adapters/sqlite/lock_file.cpp"): "deadline of the lock file, steady clock",
    ("clock", "src/adapters/sqlite/read_limit.cpp"): "how long a read is open, steady clock",
    ("sleep", "src/adapters/sqlite/lock_file.cpp"): "flock has no deadline, so it is polled",
}
PURE_TESTS = ("tests/base/", "tests/ledger/", "tests/migration/", "tests/engine/", "tests/tools/")

CODE = {".h", ".cpp"}
SCRIPT = {".py", ".sh", ""}
TEXT = CODE | SCRIPT | {".txt", ".sql", ".json", ".lua", ".yaml", ".md"}


class Tree:
    """The files below one root and what was found in them."""

    def __init__(self, root):
        self.root = root
        self.findings = []
        self.used = set()
        self.files = sorted(
            path
            for folder in FOLDERS
            for path in (root / folder).rglob("*")
            if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts
        )

    def name(self, path):
        return path.relative_to(self.root).as_posix()

    def say(self, path, line, what):
        self.findings.append(f"{self.name(path)}:{line}: {what}")

    def excepted(self, rule, path):
        key = (rule, self.name(path))
        self.used.add(key)
        return key in EXCEPTIONS


def without_comments(lines):
    """The lines without // comments and the insides of strings: words in them are free."""
    for line in lines:
        line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
        yield re.sub(r"//.*", "", line)


def adapter_may_see(adapter, other):
    return adapter in (other, "wiring") or other in ADAPTERS_SEEN.get(adapter, ())


def floor_finding(name, included):
    """What is wrong with `#include "included"` in the file `name`, or None."""
    top, *rest = included.split("/")
    if name.startswith("src/") and ("src/" + top not in FLOORS or not rest):
        return f'"{included}" is not a header of a floor; includes are relative to src/'
    folder = "/".join(name.split("/")[:2])
    if folder not in FLOORS:
        return None
    if top == "adapters" and folder == "src/adapters":
        adapter = name.split("/")[2]
        if not adapter_may_see(adapter, rest[0]):
            return f"adapters/{adapter} may not see adapters/{rest[0]}: they meet in wiring"
        return None
    if folder != "src/" + top and top not in FLOORS[folder]:
        allowed = " ".join(sorted(FLOORS[folder]) + ["itself"])
        return f'{folder} may not include "{included}" but only {allowed}'
    return None


def check_includes(tree, path, lines):
    name = tree.name(path)
    for number, line in enumerate(lines, 1):
        ours = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if ours and (finding := floor_finding(name, ours[1])):
            tree.say(path, number, finding)
        theirs = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
        if not theirs:
            continue
        for pattern, folders in THIRD_PARTY.items():
            if re.match(pattern, theirs[1]) and not name.startswith(folders):
                tree.say(path, number, f"<{theirs[1]}> stays in {' '.join(folders)}")
        if name.startswith(PURE) and re.match(IO_HEADERS, theirs[1]):
            tree.say(path, number, f"<{theirs[1]}>: no I/O, clock or randomness on this floor")


def check_calls(tree, path, lines):
    name = tree.name(path)
    ours = name.startswith(("src/", "tools/", "api/")) and not name.startswith(SYSTEM)
    for number, line in enumerate(without_comments(lines), 1):
        if ours and re.search(CLOCK, line) and not tree.excepted("clock", path):
            tree.say(path, number, "only src/adapters/system reads a clock; take the time in")
        if (ours or name.startswith(PURE_TESTS)) and re.search(SLEEP, line):
            if not tree.excepted("sleep", path):
                tree.say(path, number, "only src/adapters/system sleeps; ask Environment::wait")
        if name.startswith(PURE) and re.search(r"\bthrow\b", line):
            tree.say(path, number, "errors are values on this floor; return fail(...)")
        if ours and re.search(r"\b(assert|abort)\(", line):
            tree.say(path, number, "an assertion would end an emergency; return fail(...)")


def check_header(tree, path, lines):
    if path.suffix != ".h":
        return
    if not lines or not lines[0].startswith("//"):
        tree.say(path, 1, "a header opens with its purpose")
    if "#pragma once" not in lines:
        tree.say(path, 1, "a header has #pragma once")


NOT_A_FUNCTION = r"\s*(\}\s*)?(if|for|while|switch|else|do|try|catch|namespace|class|struct|enum)\b"


def indent(line):
    return len(line) - len(line.lstrip())


def functions(lines):
    """(first line, length) of what clang-format sets as a function: up to the `}` as deep as it."""
    for at, line in enumerate(lines):
        opens = re.search(r"\)\s*(const|noexcept|override|final|mutable|->[^=]*)*\s*\{$", line)
        if not opens or re.match(NOT_A_FUNCTION, line):
            continue
        first, depth = at, indent(line)
        if line.lstrip().startswith(":"):  # a constructor's initialisers stand deeper than it
            depth = next((indent(up) for up in lines[:at][::-1] if indent(up) < depth), depth)
        while first > 0 and (indent(lines[first]) > depth or re.match(r"\s*\)", lines[first])):
            first -= 1  # to where a wrapped signature begins
        for end in range(at + 1, len(lines)):
            if lines[end].strip() and indent(lines[end]) <= depth:
                if lines[end].lstrip().startswith("}"):
                    yield first + 1, end - first + 1
                break


def check_lengths(tree, path, lines):
    if path.suffix in CODE | SCRIPT and len(lines) > MAX_FILE_LINES:
        tree.say(path, MAX_FILE_LINES + 1, f"{len(lines)} lines, {MAX_FILE_LINES} are the most")
    if path.suffix not in CODE:
        return
    for first, length in functions(lines):
        if length > MAX_FUNCTION_LINES:
            tree.say(path, first, f"a function of {length} lines, {MAX_FUNCTION_LINES} at most")


def check_words(tree, path, lines):
    for number, line in enumerate(lines, 1):
        if re.search(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b", line):
            tree.say(path, number, "unfinished work is an issue, not a comment")
        if path.suffix in CODE and re.search(r"\bNOLINT(NEXTLINE|BEGIN|END)?(?![\w(])", line):
            tree.say(path, number, "a NOLINT names its check")


def check_frozen_names(tree):
    """Each event's type, frozen once released, has its schema and its golden bytes; none too many."""
    written = {}
    for path in tree.files:
        if not tree.name(path).startswith("src/") or path.suffix not in CODE:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for event in re.findall(r'"(hal9(?:\.[a-z_]+)+\.v\d+)"', line):
                written.setdefault(event, (path, number))
    for event, (path, number) in sorted(written.items()):
        for place in (f"schema/events/{event}.schema.json", f"tests/golden/events/{event}.json"):
            if not (tree.root / place).exists():
                tree.say(path, number, f"{event} has no {place}")
    for schema in sorted((tree.root / "schema/events").glob("hal9.*.schema.json")):
        if schema.name.removesuffix(".schema.json") not in written:
            tree.say(schema, 1, "no event of src/ has this name; a released event stays readable")


def check_top(tree):
    """What git has at the top is what the house has; a person's own files beside it are theirs."""
    listing = subprocess.run(["git", "-C", str(tree.root), "ls-files"], capture_output=True,
                             text=True, check=False)
    for entry in sorted({line.split("/")[0] for line in listing.stdout.splitlines()}):
        if entry not in TOP and not entry.startswith("."):
            tree.findings.append(f"{entry}:1: the top level has only {' '.join(sorted(TOP))}")


def check(root):
    tree = Tree(pathlib.Path(root).resolve())
    for path in tree.files:
        lines = path.read_text().splitlines()
        if path.suffix in CODE:
            check_includes(tree, path, lines)
            check_calls(tree, path, lines)
            check_header(tree, path, lines)
        check_lengths(tree, path, lines)
        check_words(tree, path, lines)
    check_frozen_names(tree)
    check_top(tree)
    for rule, name in sorted(set(EXCEPTIONS) - tree.used):
        if (tree.root / name).exists():
            tree.findings.append(f"{name}:1: the exception for its {rule} is no longer needed")
    return tree.findings


def main(arguments):
    root = arguments[0] if arguments else pathlib.Path(__file__).resolve().parents[2]
    found = check(root)
    for finding in found:
        print(finding)
    print(f"tidy: {len(found)} findings" if found else "tidy: the house rules hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
