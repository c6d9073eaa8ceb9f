#!/usr/bin/env python3
"""Checks proofs with sha256 alone, by RFC 9162, as somebody would who has none of our code.

stranger.py root EXPORT [SIZE]     the root of the first SIZE lines (all of them)
stranger.py proof PROOF.json       exit 0 if it proves what it says
"""
import hashlib
import json
import sys


def leaf(line):
    return hashlib.sha256(b"\x00" + line).digest()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves):  # section 2.1.1
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:split]), root_of(leaves[split:]))


def included(line, index, size, path, root):  # section 2.1.3.2
    fn, sn, found = index, size - 1, leaf(line)
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node(step, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def consistent(first, second, path, old_root, new_root):  # section 2.1.4.2
    if first == second:
        return not path and old_root == new_root
    if first & (first - 1) == 0:
        path = [old_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node(step, old), node(step, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node(new, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == old_root and new == new_root


def proves(proof):
    at = {name: bytes.fromhex(proof[name]) for name in proof if name.endswith("root")}
    path = [bytes.fromhex(step) for step in proof["path"]]
    if proof["proves"] == "inclusion":
        line = proof["line"].encode()
        return included(line, proof["index"], proof["size"], path, at["root"])
    return consistent(proof["old_size"], proof["new_size"], path, at["old_root"], at["new_root"])


def main(words):
    if words[0] == "root":
        with open(words[1], "rb") as lines:
            leaves = [leaf(line.removesuffix(b"\n")) for line in lines]
        print(root_of(leaves[: int(words[2])] if len(words) > 2 else leaves).hex())
        return 0
    with open(words[1], encoding="utf-8") as proof:
        return 0 if proves(json.load(proof)) else 1


sys.exit(main(sys.argv[1:]))
