"""Durable acceptance and relaying, with Postfix beside it in the same run: the same client, the same disk, the same
sink. Acceptance: messages are stored and held, so that nothing but accepting them costs. Relaying: from the first
message to the last that the sink (Postfix's smtp-sink) has got.
"""
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

from support import Configuration, Server
from support.ports import free_ports

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
POSTFIX_MAIN = """compatibility_level = 3.6
queue_directory = {root}/spool
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {root}/log/mail.log
maillog_file_prefixes = {root}
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
default_process_limit = 200
smtpd_peername_lookup = no
smtputf8_enable = no
{extra}
"""
POSTFIX_MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


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

    def stop(self):
        self.server.stop()
        self.configuration.__exit__()


class Postfix:
    """A private instance: nothing of the system's Postfix is touched."""
    name = "postfix"

    def __init__(self, extra):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="sluice-postfix-"))
        self.address, (self.port,) = "127.0.0.1", free_ports(1, "127.0.0.1")
        self.root.chmod(0o755)
        for each in ("etc", "spool", "data", "log"):
            (self.root / each).mkdir()
        shutil.chown(self.root / "data", "postfix")
        (self.root / "etc/main.cf").write_text(POSTFIX_MAIN.format(root=self.root, extra=extra))
        (self.root / "etc/master.cf").write_text(POSTFIX_MASTER.format(port=self.port))
        self.run("start")
        self.pid = int((self.root / "spool/pid/master.pid").read_text())
        wait_for_port(self.address, self.port)

    def run(self, command):
        subprocess.run(["/usr/sbin/postfix", "-c", self.root / "etc", command], check=True, capture_output=True)

    def cpu(self):
        """Of the master, of those it has waited for, and of those that run."""
        total = ticks(self.pid, (11, 12, 13, 14))
        for child in children(self.pid):
            try:
                total += ticks(child, (11, 12))
            except FileNotFoundError:
                pass  # it has ended and is counted by the master
        return total

    def stop(self):
        self.run("stop")
        shutil.rmtree(self.root, ignore_errors=True)


class Sink:
    def __init__(self):
        self.port, = free_ports(1, "127.0.0.1")
        self.process = subprocess.Popen(["/usr/sbin/smtp-sink", "-c", "-u", "postfix", f"127.0.0.1:{self.port}", "100"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        wait_for_port("127.0.0.1", self.port)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def wait_for_port(address, port):
    import socket
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((address, port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


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
            server.stop()
    return results


def run(client, mechanisms):
    with tempfile.TemporaryDirectory(prefix="sluice-spool-") as directory:
        done = subprocess.run([mechanisms, directory, "1"], check=True, capture_output=True, text=True)
    document = {"durable_by_mechanism": json.loads(done.stdout)}
    hold = "smtpd_recipient_restrictions = static:hold, permit_mynetworks"
    document["accepted_durably"] = both((lambda: Sluice(HOLD), lambda: Postfix(hold)), lambda server: accepted(client, server))
    sink = Sink()
    try:
        forward = f"relayhost = [127.0.0.1]:{sink.port}\nsmtp_destination_concurrency_limit = 10"
        document["relayed"] = both((lambda: Sluice(RELAY % sink.port), lambda: Postfix(forward)), lambda server: relayed(client, server))
    finally:
        sink.stop()
    return document
