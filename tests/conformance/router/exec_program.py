#!/usr/bin/env python3
"""A router's program for the tests: it keeps what it is told in a file, and answers as
src/adapters/exec/README.md says. Nothing is routed by it.

Usage: exec_program.py [--least] STATE OPERATION
  --least   it can set shares and nothing else
"""

import json
import os
import sys


def main(arguments):
    least = "--least" in arguments
    state_file, operation = [one for one in arguments if one != "--least"]
    request = json.load(sys.stdin)
    if request["version"] != 1 or request["operation"] != operation:
        sys.exit(f"asked for {request['operation']}, called for {operation}")
    state = {"shares": {}, "mirrors": {}, "features": {}, "halted": False}
    if os.path.exists(state_file):
        with open(state_file, encoding="utf-8") as file:
            state = json.load(file)
    answer = {"version": 1}

    def shown(entry):
        route = {"route": entry["route"], "share": state["shares"].get(entry["route"], 0)}
        if not least:
            route["mirror"] = state["mirrors"].get(entry["route"], "0")
            route["hierarchical_requests"] = route["flat_requests"] = 0
        return route

    def put():
        for entry in request["routes"]:
            if "share" in entry:
                state["shares"][entry["route"]] = entry["share"]
            if "mirror" in entry and not least:
                state["mirrors"][entry["route"]] = str(entry["mirror"])
        for entry in request["features"]:
            if "percentage" in entry:
                state["features"][entry["feature"]] = entry["percentage"]

    if operation == "describe":
        answer["capabilities"] = {name: not least for name in
                                  ("mirrors", "features", "halts", "counts_requests", "servers")}
    elif operation == "read":
        answer["routes"] = [shown(entry) for entry in reversed(request["routes"])]
        if not least:
            answer["features"] = [{"feature": one["feature"],
                                   "percentage": state["features"].get(one["feature"], 0)}
                                  for one in request["features"]]
            answer["halted"] = state["halted"]
            system = {"servers_up": 1, "sessions": 0, "queued": 0, "requests": 0}
            answer["systems"] = {"flat": system, "hierarchical": system}
    elif operation == "set":
        put()
    elif operation == "cut":
        if not least:
            answer["before"] = [
                {name: value for name, value in shown(entry).items() if "requests" not in name}
                for entry in request["routes"]]
        put()
        state["halted"] = not least
    elif operation == "clear-halt":
        state["halted"] = False
    elif operation == "end-sessions":
        answer["ended"] = 0
    elif operation != "prove":
        sys.exit(f"{operation} is not known")
    with open(state_file + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(state_file + ".new", state_file)
    json.dump(answer, sys.stdout)


main(sys.argv[1:])
