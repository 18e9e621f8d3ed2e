"""Durable acceptance and relaying, with Postfix beside it in the same run: the same client, the same disk, the same
sink. Acceptance: messages are stored and held, so that nothing but accepting them costs. Relaying: from the first
message to the last that the sink (Postfix's smtp-sink) has got.
"""
import json
import os
import re
import statistics
import subprocess
import tempfile
import time

from support import Configuration, Server
from support.peer import takes_connections
from support.ports import free_ports
from support.postfix import Postfix
from support.waiting import wait_until

SIZE = 4096
ACCEPTED = ((100, 50), (10, 50), (1, 50), (100, 1))  # connections at once, messages of each
RELAYED = (10, 500)
SECONDS = 3  # each load is repeated for about so long
HOLD = """#{
  rcpt: [ rule "all" || state::accept() ],
  preq: [ rule "keep" || state::quarantine("kept") ],
}
"""
RELAY = """#{ rcpt: [ rule "all" || { transport::forward_all("smtp://127.0.0.1:%d?tls=none"); state::accept() } ] }"""
CONFIG = """config.server.client_count_max = 1000;
  config.server.logs.filename = "server.log"; config.delivery.connections = 10;
  config.server.refusals = #{ enabled: false };"""


def ticks(pid, fields):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        values = file.read().rsplit(")", 1)[1].split()
    return sum(int(values[each]) for each in fields) / os.sysconf("SC_CLK_TCK")


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(each) for each in file.read().split()]
    except FileNotFoundError:
        return []


class Sluice:
    name = "sluice"

    def __init__(self, filter_text):
        self.configuration = Configuration(filter=filter_text, extra=CONFIG)
        self.server = Server(self.configuration, to_stderr=False)
        self.address, self.port = self.configuration.address, self.configuration.relay

    def cpu(self):
        return ticks(self.server.process.pid, (11, 12))

    def close(self):
        self.server.stop()
        self.configuration.__exit__()


class MeasuredPostfix(Postfix):
    def __init__(self, main):
        super().__init__("smtputf8_enable = no\n" + main)

    def cpu(self):
        """Of the master, of those it has waited for, and of those that run."""
        total = ticks(self.pid, (11, 12, 13, 14))
        for child in children(self.pid):
            try:
                total += ticks(child, (11, 12))
            except FileNotFoundError:
                pass  # it has ended and is counted by the master
        return total


class Sink:
    def __init__(self):
        self.port, = free_ports(1, "127.0.0.1")
        self.process = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "postfix", f"127.0.0.1:{self.port}", "100"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        if not wait_until(lambda: takes_connections("127.0.0.1", self.port)):
            raise RuntimeError("smtp-sink does not listen")

    def close(self):
        self.process.terminate()
        self.process.wait()


def send(client, server, at_once, connections, messages):
    arguments = [server.address, server.port, at_once, connections, messages, SIZE, 2]
    done = subprocess.run([client, *map(str, arguments)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def accepted(client, server):
    results = []
    for at_once, messages in ACCEPTED:
        rates, costs, end = [], [], time.monotonic() + SECONDS
        while not rates or time.monotonic() < end:
            before = server.cpu()
            rates.append(send(client, server, at_once, at_once, messages)["messages_per_second"])
            costs.append((server.cpu() - before) / (at_once * messages) * 1e6)
        results.append({"connections": at_once, "messages_each": messages, "messages_per_second": round(statistics.median(rates)),
                        "server_cpu_us_per_message": round(statistics.mean(costs), 1)})
    return results


def delivered(server):
    """How many messages have left, by the server's own log."""
    if server.name == "sluice":
        log, pattern = server.configuration.path("server.log"), r" delivered "
    else:
        log, pattern = server.root / "log/mail.log", r" status=sent "
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            return len(re.findall(pattern, file.read()))
    except FileNotFoundError:
        return 0


def relayed(client, server):
    at_once, messages = RELAYED
    before, start = server.cpu(), time.monotonic()
    send(client, server, at_once, at_once, messages)
    count, end = at_once * messages, time.monotonic() + 120
    while delivered(server) < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{server.name}: {delivered(server)} of {count} messages were delivered")
        time.sleep(0.05)
    seconds = time.monotonic() - start
    return {"messages": count, "messages_per_second": round(count / seconds),
            "server_cpu_us_per_message": round((server.cpu() - before) / count * 1e6, 1)}


def both(make, measure):
    """Sluice and Postfix, one after the other."""
    results = {}
    for server_of in make:
        server = server_of()
        try:
            results[server.name] = measure(server)
        finally:
            server.close()
    return results


def run(client, mechanisms):
    with tempfile.TemporaryDirectory(prefix="sluice-spool-") as directory:
        done = subprocess.run([mechanisms, directory, "1"], check=True, capture_output=True, text=True)
    document = {"durable_by_mechanism": json.loads(done.stdout)}
    hold = "smtpd_recipient_restrictions = static:hold, permit_mynetworks"
    document["accepted_durably"] = both((lambda: Sluice(HOLD), lambda: MeasuredPostfix(hold)), lambda server: accepted(client, server))
    sink = Sink()
    try:
        forward = f"relayhost = [127.0.0.1]:{sink.port}\nsmtp_destination_concurrency_limit = 10"
        document["relayed"] = both((lambda: Sluice(RELAY % sink.port), lambda: MeasuredPostfix(forward)), lambda server: relayed(client, server))
    finally:
        sink.close()
    return document
