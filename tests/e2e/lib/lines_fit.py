#!/usr/bin/env python3
"""lines_fit.py EXPORT: holds every line of an export against schema/events, as a reader of the JSON
Schemas would who has none of our code. Prints the first line that does not fit; exit 1 then.

Knows the part of draft 7 that the schemas use; another keyword is an error, none is skipped.
"""
import functools
import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "schema" / "events"
SILENT = {"$schema", "$id", "title", "description", "definitions", "then"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
HOLDS = {
    "const": lambda rule, value: value == rule,
    "enum": lambda rule, value: value in rule,
    "minimum": lambda rule, value: value >= rule,
    "maximum": lambda rule, value: value <= rule,
    "minLength": lambda rule, value: len(value) >= rule,
    "maxLength": lambda rule, value: len(value) <= rule,
    "pattern": lambda rule, value: re.search(rule, value) is not None,
}


@functools.cache
def load(name):
    with open(FOLDER / name, encoding="utf-8") as schema:
        return json.load(schema)


def has_type(name, value):
    return isinstance(value, TYPES[name]) and (name != "integer" or not isinstance(value, bool))


def apply(root, schema, keyword, rule, value, path):
    if keyword in SILENT:
        return
    if keyword == "$ref" and rule.startswith("#/definitions/"):
        yield from check(root, root["definitions"][rule.removeprefix("#/definitions/")], value, path)
    elif keyword == "$ref":
        yield from check(load(rule), load(rule), value, path)
    elif keyword == "allOf":
        for one in rule:
            yield from check(root, one, value, path)
    elif keyword == "if":
        if not any(check(root, rule, value, path)):
            yield from check(root, schema["then"], value, path)
    elif keyword == "type":
        if not has_type(rule, value):
            yield f"{path} is no {rule}"
    elif keyword == "items":
        for one in value if isinstance(value, list) else []:
            yield from check(root, rule, one, f"{path}[]")
    elif keyword in ("required", "properties", "additionalProperties", "dependencies"):
        yield from members(root, schema, keyword, rule, value, path)
    elif not HOLDS[keyword](rule, value):
        yield f"{path} fails {keyword}"


def members(root, schema, keyword, rule, value, path):
    if not isinstance(value, dict):
        return
    if keyword == "required":
        yield from (f"{path} lacks {name}" for name in rule if name not in value)
    elif keyword == "properties":
        for name, inner in rule.items():
            if name in value:
                yield from check(root, inner, value[name], f"{path}.{name}")
    elif keyword == "additionalProperties":
        yield from (f"{path} has {name}" for name in value if name not in schema["properties"])
    else:
        for name, needs in rule.items():
            if name in value:
                yield from (f"{path} lacks {need}" for need in needs if need not in value)


def check(root, schema, value, path):
    for keyword, rule in schema.items():
        yield from apply(root, schema, keyword, rule, value, path)


def problem_of(line):
    value = json.loads(line)
    for problem in check(load("line.schema.json"), load("line.schema.json"), value, "it"):
        return problem
    if not (FOLDER / f"{value['type']}.schema.json").exists():
        return f"there is no schema of {value['type']}"
    return None


def main(words):
    with open(words[0], encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            problem = problem_of(line)
            if problem:
                print(f"line {number} does not fit its schema: {problem}\n{line}", end="")
                return 1
    return 0


sys.exit(main(sys.argv[1:]))
