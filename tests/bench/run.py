"""Runs the benchmarks and prints one JSON document. Usage: run.py --build build/release [vm | accept | refuse | queue | backlog | dns]

Figures are those of this machine in this run: client and server share its processors, and the file system below the
temporary directory is the one that makes messages durable. Compare only what stands in one document.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

FILTER = """#{
  connect: [ rule "all" || state::accept() ],
  mail: [ rule "all mail" || state::accept() ],
  rcpt: [ rule "all rcpt" || state::accept() ],
  preq: [ rule "all preq" || state::accept() ],
}
"""


def vm(build):
    return json.loads(subprocess.run([build / "tests/bench/bench_vm"], check=True, capture_output=True, text=True).stdout)


def accept(build):
    os.environ["SLUICE_BINARY"] = str(build / "sluice")
    from support import Configuration, Server  # needs SLUICE_BINARY

    results = []
    with Configuration(filter=FILTER, extra="config.server.client_count_max = 1000;") as configuration:
        configuration.certificate("example.com")
        with Server(configuration):
            for at_once, connections, messages, size in ((1, 20, 100, 4096), (16, 160, 50, 4096), (64, 320, 25, 4096), (16, 4000, 0, 0)):
                arguments = [configuration.address, configuration.relay, at_once, connections, messages, size]
                done = subprocess.run([build / "tests/bench/bench_smtp_client", *map(str, arguments), "2"], check=True, capture_output=True, text=True)
                results.append(json.loads(done.stdout))
    return results


def refuse(build):
    os.environ["SLUICE_BINARY"] = str(build / "sluice")
    sys.path.insert(0, str(HERE))
    import refusing  # needs SLUICE_BINARY

    return refusing.run(build / "tests/bench/bench_smtp_client")


def queue(build):
    os.environ["SLUICE_BINARY"] = str(build / "sluice")
    sys.path.insert(0, str(HERE))
    import queue_and_postfix  # needs SLUICE_BINARY

    return queue_and_postfix.run(build / "tests/bench/bench_smtp_client", build / "tests/bench/bench_spool_mechanisms")


def backlog(build):
    os.environ["SLUICE_BINARY"] = str(build / "sluice")
    sys.path.insert(0, str(HERE))
    import backlog as measured  # needs SLUICE_BINARY

    return measured.run()


def dns(build):
    os.environ["SLUICE_BINARY"] = str(build / "sluice")
    sys.path.insert(0, str(HERE))
    import slow_dns  # needs SLUICE_BINARY

    return slow_dns.run()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("name", nargs="?", choices=["vm", "accept", "refuse", "queue", "backlog", "dns"])
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    document = {"machine": {"processors": os.cpu_count(), "system": platform.platform()}}
    if arguments.name in (None, "vm"):
        document["vm_against_lua"] = vm(build)
    if arguments.name in (None, "accept"):
        document["smtp_accept_durable"] = accept(build)
    if arguments.name in (None, "refuse"):
        document["smtp_refuse_after_data"] = refuse(build)
    if arguments.name in (None, "queue"):
        document["queue"] = queue(build)
    if arguments.name in (None, "backlog"):
        document["queue_with_a_backlog"] = backlog(build)
    if arguments.name in (None, "dns"):
        document["noop_beside_slow_dns"] = dns(build)
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
