"""Runs the benchmarks of this folder and prints one JSON document: `./dev bench [vm|accept]`."""
import argparse
import json
import pathlib
import subprocess

import accept


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="*", help="vm, accept; all if none is given")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {"vm", "accept"}
    if unknown:
        parser.error(f"no benchmark called {', '.join(sorted(unknown))}")
    names = arguments.names or ["vm", "accept"]
    result = {}
    if "vm" in names:
        result["vm"] = json.loads(subprocess.run([arguments.build / "bench_vm"], capture_output=True, text=True, check=True).stdout)
    if "accept" in names:
        result["accept"] = accept.main(str(arguments.build / "sluice"))
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
