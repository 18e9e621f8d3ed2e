"""What a message costs that a rule refuses after DATA: rules at four stages, the log at level info in a file, the trace
of refusals. Nothing is stored, so this is what stands around the SMTP dialogue, and the dialogue.
"""
import json
import os
import re
import subprocess

from support import Configuration, Server

FILTER = """#{
  connect: [ rule "all" || state::accept() ],
  mail: [ rule "all mail" || state::accept() ],
  rcpt: [ rule "all rcpt" || state::accept() ],
  preq: [ rule "no preq" || state::deny() ],
}
"""
CONFIG = """config.server.client_count_max = 1000;
  config.server.smtp.error.soft_count = -1; config.server.smtp.error.hard_count = -1;
  config.server.logs.filename = "server.log";"""
SIZE = 4096
LOADS = ((1, 20, 1000), (10, 100, 500), (100, 500, 100))  # at once, connections, messages of each


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lost(text, event):
    return sum(int(count) for count in re.findall(rf" {event} count=(\d+)$", text, re.MULTILINE))


def load(client, at_once, connections, messages):
    """One server for each load, so that the log can be looked through for what belongs to it."""
    with Configuration(filter=FILTER, extra=CONFIG) as configuration:
        with Server(configuration, to_stderr=False) as server:
            before = cpu_seconds(server.process.pid)
            done = subprocess.run([client, configuration.address, *map(str, (configuration.relay, at_once, connections, messages, SIZE, 5))],
                                  check=True, capture_output=True, text=True)
            seconds = cpu_seconds(server.process.pid) - before
        with open(configuration.path("server.log"), encoding="utf-8") as file:
            log = file.read()
    result = json.loads(done.stdout)
    count = connections * messages
    result["server_cpu_us_per_message"] = round(seconds / count * 1e6, 1)
    result["log_lines_lost"] = lost(log, "log-lines-lost")
    result["refusals_lost"] = lost(log, "refusals-lost")
    told = len(re.findall(r" rule-decided .* stage=preq ", log))
    if told + result["log_lines_lost"] < count:
        raise RuntimeError(f"of {count} refusals the log tells {told}")
    return result


def run(client):
    return [load(client, *each) for each in LOADS]
