"""kill -9 at random moments of a server under load, again and again: what got a 250 is delivered, whole, and twice only
if it was being delivered when the server died. `./dev torture` kills 200 times, `./dev test` a few times.

SLUICE_KILLS: how often. SLUICE_SEED: which moments; printed, to play one run again as nearly as clocks allow.
"""

import os
import random
import re
import threading
import time
import unittest

from support import Configuration, Connection, Server, SmtpSink, sluice

KILLS = int(os.environ.get("SLUICE_KILLS", "6"))
CLIENTS = 6
# The sink has answered, the server has not stored it yet: from the last octet of the reply to the record in the log.
IN_FLIGHT = 0.5
FILTER = """#{ rcpt: [ rule "all" || { transport::forward_all("smtp://%s:%d?tls=none"); state::accept() } ] }"""
CONFIG = """config.delivery.connections = 4;
  config.delivery.retry = #{ first_wait: "1s", longest_wait: "1s", expiry: "5d", delay_warning: "0s" };
  config.server.logs.level = ["warn"];"""


class RecordingSink(SmtpSink):
    """Remembers when each message was taken, and that it was whole."""

    def __init__(self):
        super().__init__()
        self.taken = {}  # id -> [(when it was taken, when the connection began)]
        self.broken = []

    def note(self):
        with self._changed:
            fresh, self.messages = self.messages, []
            begun, self.begun = self.begun, []
        now = time.monotonic()
        for (_, _, text), began in zip(fresh, begun):
            whole = re.search(rb"\r\nSubject: (\S+)\r\n\r\n((?:x{70}\r\n)*)end of (\S+)\r\n$", text)
            if not whole or whole.group(1) != whole.group(3):
                self.broken.append(text)
            else:
                self.taken.setdefault(whole.group(1).decode(), []).append((now, began))


class Load:
    """Clients that send until the connection ends; `accepted` are the subjects that got a 250."""

    def __init__(self, configuration, seed):
        self.configuration = configuration
        self.random = random.Random(seed)
        self.accepted = set()
        self.sent = 0
        self.going = False
        self.lock = threading.Lock()

    def start(self):
        self.going = True
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join(30)

    def run(self):
        while self.going:
            try:
                self.talk()
            except (OSError, AssertionError):
                time.sleep(0.01)  # the server is dead: the next one comes

    def talk(self):
        with Connection(self.configuration.address, self.configuration.relay, timeout=10) as connection:
            connection.greeting()
            connection.ehlo()
            while self.going:
                with self.lock:
                    self.sent += 1
                    subject = f"m{self.sent}"
                    lines = self.random.choice((0, 1, 60, 60, 60, 2000, 20000))
                connection.command("MAIL FROM:<a@other.net>")
                connection.command("RCPT TO:<b@away.test>")
                connection.command("DATA")
                connection.send(f"Subject: {subject}\r\n\r\n".encode() + (b"x" * 70 + b"\r\n") * lines +
                                f"end of {subject}\r\n.\r\n".encode())
                if connection.reply()[0].startswith("250"):
                    with self.lock:
                        self.accepted.add(subject)


class Torture(unittest.TestCase):
    def test_kill_at_random(self):
        seed = int(os.environ.get("SLUICE_SEED", str(random.randrange(1 << 30))))
        print(f"SLUICE_SEED={seed} SLUICE_KILLS={KILLS}", flush=True)
        moments = random.Random(seed)
        with RecordingSink() as sink, Configuration(FILTER % (sink.address, sink.port), extra=CONFIG) as configuration:
            load, kills = Load(configuration, seed), []
            load.start()
            for _ in range(KILLS):
                server = Server(configuration)
                end = time.monotonic() + moments.uniform(0.0, 0.8)
                while time.monotonic() < end:
                    time.sleep(0.002)
                    sink.note()
                sink.note()
                kills.append(time.monotonic())
                server.kill()
                sink.note()
            load.stop()
            with Server(configuration):
                self.drain(configuration, sink)
        self.judge(load, sink, kills)

    def drain(self, configuration, sink):
        end = time.monotonic() + 300
        while "no message" not in sluice("queue", "list", "--limit", "3", "-c", configuration.root).stdout:
            sink.note()
            self.assertLess(time.monotonic(), end, "the queue does not get empty")
            time.sleep(0.05)
        sink.note()

    def judge(self, load, sink, kills):
        self.assertEqual(sink.broken, [])
        self.assertEqual(load.accepted - set(sink.taken), set(), "accepted with 250 and lost")
        self.assertGreater(len(load.accepted), KILLS)
        twice = {subject: times for subject, times in sink.taken.items() if len(times) > 1}
        for subject, copies in twice.items():
            # The server that sent the first one was killed at once; what it had sent may be taken later.
            for (taken, began), (_, began_again) in zip(copies, copies[1:]):
                self.assertTrue(any(began <= kill <= began_again and kill <= taken + IN_FLIGHT for kill in kills),
                                f"{subject} was delivered at {copies} although no kill was near: {kills}")
        print(f"{len(load.accepted)} accepted, {len(sink.taken)} delivered, {len(twice)} of them twice, {len(kills)} kills", flush=True)


if __name__ == "__main__":
    unittest.main()
