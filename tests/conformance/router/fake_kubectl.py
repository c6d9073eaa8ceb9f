#!/usr/bin/env python3
"""A kubectl for the tests: as far as tools/routers/kubectl-gateway uses it, over one JSON file that
stands for a cluster. It is NOT a cluster: what an API server or a controller would do otherwise is
not found by it.

Usage: fake_kubectl.py --namespace=NAME --kubeconfig=FILE (get|patch) ...
The file is made at the first call: an HTTPRoute for each route of the first hal9.yaml, and two Services.
Its member `lag` is how many more reads of a patched HTTPRoute show a controller that has not followed.
"""

import fcntl
import json
import os
import sys

REGIONS = ("us-west-2", "eu-west-1", "ap-southeast-1")
COMPONENTS = ("substrate", "protocol", "cognitive", "orchestration", "intelligence")


def first_cluster():
    def http_route(name):
        references = [{"name": "flat", "port": 80, "weight": 1},
                      {"name": "hierarchical", "port": 80, "weight": 0}]
        return {"metadata": {"name": name, "namespace": "hal9", "generation": 1},
                "spec": {"rules": [{"backendRefs": references}]}, "behind": 0}
    return {"lag": 0, "routes": {f"{region}-{component}": http_route(f"{region}-{component}")
                                 for region in REGIONS for component in COMPONENTS}}


def shown(route, cluster):
    """With the status that a controller writes."""
    generation = route["metadata"]["generation"]
    if route["behind"] > 0:
        route["behind"] -= 1
        generation -= 1
    conditions = [{"type": kind, "status": "True", "observedGeneration": generation}
                  for kind in ("Accepted", "ResolvedRefs")]
    item = {name: value for name, value in route.items() if name != "behind"}
    return {**item, "status": {"parents": [{"conditions": conditions}]}}


def place_of(document, path):
    *above, last = [int(step) if step.isdigit() else step for step in path.split("/")[1:]]
    for step in above:
        document = document[step]
    return document, last


def patched(route, operations):
    changed = json.loads(json.dumps(route))
    for one in operations:
        parent, last = place_of(changed, one["path"])
        if one["op"] == "test":
            there = parent.get(last)
            if there != one["value"]:
                sys.exit("The request is invalid: the server rejected our request due to an error "
                         f"in our request: testing path {one['path']} failed")
        elif one["op"] == "replace" and last not in parent:
            sys.exit(f"replace: no such path {one['path']}")
        else:
            parent[last] = one["value"]
    return changed


def main(arguments):
    options = dict(one[2:].split("=", 1) for one in arguments if one.startswith("--") and "=" in one)
    words = [one for one in arguments if not one.startswith("-")]
    if options["namespace"] != "hal9":
        sys.exit(f"namespaces \"{options['namespace']}\" not found")
    with open(options["kubeconfig"] + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cluster = first_cluster()
        if os.path.exists(options["kubeconfig"]):
            with open(options["kubeconfig"], encoding="utf-8") as file:
                cluster = json.load(file)
        if words[:2] == ["get", "httproutes.gateway.networking.k8s.io"]:
            print(json.dumps({"items": [shown(one, cluster) for one in cluster["routes"].values()]}))
        elif words[:2] == ["get", "endpointslices.discovery.k8s.io"]:
            endpoints = [{"conditions": {"ready": True}}, {"conditions": {"ready": False}}]
            print(json.dumps({"items": [{"endpoints": endpoints}]}))
        elif words[:2] == ["patch", "httproutes.gateway.networking.k8s.io"]:
            route = cluster["routes"].get(words[2])
            if route is None:
                sys.exit(f"Error from server (NotFound): httproutes \"{words[2]}\" not found")
            changed = patched(route, json.loads(options["patch"]))
            if options.get("dry-run") != "server":
                changed["metadata"]["generation"] += 1
                changed["behind"] = cluster["lag"]
                cluster["routes"][words[2]] = changed
        else:
            sys.exit(f"fake_kubectl.py does not know {words}")
        with open(options["kubeconfig"] + ".new", "w", encoding="utf-8") as file:
            json.dump(cluster, file)
        os.replace(options["kubeconfig"] + ".new", options["kubeconfig"])


main(sys.argv[1:])
