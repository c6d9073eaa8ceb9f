#!/usr/bin/env python3
"""seeds.py FOLDER: writes what fuzzing begins with, a folder a target, out of the golden files, the
hostile corpus and the published vectors. Deterministic; names are the SHA-256 of the bytes.
"""
import hashlib
import json
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden"


def read(path):
    return path.read_bytes()


def lines_of(pattern):
    for path in sorted(GOLDEN.glob(pattern)):
        yield from read(path).splitlines()


def hostile(*kinds):
    for one in json.loads(read(TESTS / "corpus" / "hostile.json")):
        if kinds and one["kind"] not in kinds:
            continue
        text = bytes.fromhex(one["hex"]) if "hex" in one else one["text"].encode()
        yield (text * one.get("times", 1))[:20000]


# The raw and ordinary strings of a C++ test, as far as they are whole in one literal.
def literals(path):
    text = (TESTS / path).read_text(encoding="utf-8")
    for raw in re.findall(r'R"\((.*?)\)"', text, re.S):
        yield raw.encode()
    joined = re.sub(r'"\s*\n\s*"', "", text)
    for plain in re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined):
        try:
            yield json.loads(f'"{plain}"').encode()
        except (ValueError, UnicodeEncodeError):
            continue


def event_lines():
    return [*lines_of("line/*.jsonl"), *lines_of("ledger/*/lines.jsonl")]


def codec_seeds():
    for line in lines_of("commands/*.jsonl"):
        yield b"command\n" + line
    yield b"state\n" + read(GOLDEN / "events" / "fold1.state.json")
    for path in sorted((GOLDEN / "events").glob("hal9.*.json")):
        yield path.stem.encode() + b"\n" + read(path)
        if path.stem == "hal9.configuration.accepted.v1":
            configuration = json.loads(read(path))["configuration"]
            compact = json.dumps(configuration, separators=(",", ":"), ensure_ascii=False)
            yield b"configuration\n" + compact.encode()


def note_seeds():
    vectors = json.loads(read(TESTS / "vectors" / "merkle_vectors.json"))

    def strings(value):
        if isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, str) and name in ("note", "text", "vkey"):
                    yield inner.encode()
                yield from strings(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from strings(inner)

    for part in ("signed_notes", "checkpoints"):
        yield from strings(vectors[part])


def seal_seeds():
    yield from note_seeds()
    yield from literals("ledger/seal_test.cpp")
    yield b"PRIVATE+KEY+hal9/ledger/payments+00000000+AQ=="
    yield from (bytes([at, 65]) + bytes(range(at, at + 40)) for at in range(0, 200, 5))


# zstd frames by hand: a raw block, one that repeats a byte, one that says it is long, no frame.
def object_seeds():
    magic = bytes.fromhex("28b52ffd")
    yield magic + bytes.fromhex("2005290000") + b"hello"
    yield magic + bytes.fromhex("20ff fb0f00") + b"x"
    yield magic + bytes.fromhex("a0ffffff7f 030000")
    yield bytes.fromhex("502a4d1804000000") + bytes(4)
    yield from hostile("utf8")


def configurations():
    yield read(TESTS / "fuzz" / "whole.yaml")
    yield from hostile("yaml")
    yield from (one for one in literals("adapters/config/parse_test.cpp") if b":" in one)


def spools():
    commands = list(lines_of("commands/*.jsonl"))
    yield b"\n".join(commands) + b"\n" + bytes(64)
    yield commands[0] + b"\n" + bytes(7) + commands[1][:40] + b"\n" + commands[2]


def typed():
    for path in ("tools/command_line_test.cpp", "tools/mistyped_test.cpp"):
        for one in literals(path):
            if b"\n" not in one:
                yield b"\n".join(one.split(b" "))
    yield b"migrate\n--phase\ncanary\n--percentage\n12.5\n--override\nflat\n--reason\nwhy not"
    yield b"rollback\n--gradual\n--duration\n1h30m\n--target=5\n--yes"


def exports():
    lines = event_lines()
    yield b"\n".join(lines_of("line/*.jsonl")) + b"\n"
    for at in range(0, len(lines), 5):
        yield b"\n".join(lines[at : at + 3])
    leaf = hashlib.sha256(b"\0" + lines[0]).hexdigest().encode()
    yield b'{"leaf":"' + leaf + b'"}\n' + lines[1]


def values():
    for path in ("base/time_test.cpp", "base/share_test.cpp", "base/id_test.cpp"):
        yield from literals(path)
    yield from hostile("name", "haproxy")


def data_seeds():
    yield from literals("ledger/data_test.cpp")
    for one in json.loads(read(TESTS / "corpus" / "json_classes.json")):
        if "hex" in one:
            yield bytes.fromhex(one["hex"])
        elif "times" not in one:
            yield (one["whole"] if "whole" in one else f'{{"a":{one["value"]}}}').encode()
    yield from lines_of("events/hal9.*.json")
    yield from (b'{"a":' + json.dumps(one.decode("utf-8", "replace")).encode() + b"}"
                for one in hostile("json", "utf8"))


SEEDS = {
    "answers": lambda: literals("adapters/haproxy/answers_test.cpp"),
    "codec": codec_seeds,
    "configuration": configurations,
    "data": data_seeds,
    "line": event_lines,
    "lines_check": exports,
    "note": note_seeds,
    "object": object_seeds,
    "proof": lambda: (hashlib.sha256(bytes([n])).digest() * n for n in range(1, 60)),
    "seal": seal_seeds,
    "spool": spools,
    "values": values,
    "words": typed,
}


def main(folder):
    for target, seeds in SEEDS.items():
        place = pathlib.Path(folder) / target
        place.mkdir(parents=True, exist_ok=True)
        for seed in seeds():
            (place / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


main(sys.argv[1])
