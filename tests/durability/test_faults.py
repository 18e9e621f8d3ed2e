"""A real server whose disk fails at each step in turn, from its start over commit, delivery and removal to the empty
queue: EIO, ENOSPC, half a write, and kill -9. What got a 250 arrives, once, whole; what got an error does not."""

import collections
import os
import re
import unittest
from concurrent.futures import ProcessPoolExecutor

from support import Configuration, Connection, Server, SmtpSink, wait_for_messages
from support.server import StartFailed
from support.waiting import queued, wait_until

FILTER = """#{
  rcpt: [ rule "every recipient" || state::accept() ],
  postq: [ action "mark" || msg::append_header("X-Postq", "1") ],
  delivery: [ action "route" || transport::forward("b@away.test", "smtp://%s:%d?tls=none") ],
}"""
RETRY = 'config.delivery.retry = #{ first_wait: "1s", longest_wait: "1s" };'
MOST_STEPS = 200  # far more than there are
AT_ONCE = 4


class Play:
    """One server, one fault. `sent` maps the subject of each attempt to what the client learned."""

    def __init__(self, action, step, count):
        self.faults = f"{step}:{count}:{action}"
        self.fired = False
        self.sent = {}

    def run(self):
        with SmtpSink() as sink, Configuration(FILTER % (sink.address, sink.port), extra=RETRY, tls=False) as self.configuration:
            self.start_faulty()
            while "250" not in self.sent.values():
                self.sent[f"attempt{len(self.sent)}"] = self.attempt()
            self.wait_until_empty()
            self.at_sink = [(sender, to, text) for sender, to, text in sink.messages]
            self.at_home = wait_for_messages(self.configuration.mailbox("c@here.test"), 0)
            self.corrupt = os.listdir(self.configuration.path("spool", "corrupt"))
            self.stop()
        return self

    def start_faulty(self):
        try:
            self.server = Server(self.configuration, program=os.environ["SLUICE_FAULTY_SERVER"], environment={"SLUICE_FAULTS": self.faults})
        except StartFailed as failed:
            self.fired = self.fired or "fails" in failed.text
            self.server = Server(self.configuration)

    def see_to_it(self):
        """The server, another one if it is dead."""
        self.fired = self.fired or bool(re.search(r"(?m)^step \d+ fails", self.server.log()))
        if self.server.process.poll() is not None:
            self.server.kill()
            self.server = Server(self.configuration)

    def attempt(self):
        """The code of the reply; "" if the connection ended without."""
        self.see_to_it()
        subject = f"attempt{len(self.sent)}"
        try:
            with Connection(self.configuration.address, self.configuration.relay, timeout=20) as connection:
                connection.greeting()
                connection.ehlo()
                return connection.send_message("a@here.test", "b@away.test", "c@here.test", body=f"Subject: {subject}\r\n\r\ntext of {subject}\r\n")[:3]
        except (OSError, AssertionError):
            return ""

    def wait_until_empty(self):
        def empty():
            self.see_to_it()
            try:
                return queued(self.configuration) == []
            except ValueError:
                return False  # it died while it was asked

        if not wait_until(empty, 40):
            raise AssertionError(f"{self.faults}: the queue does not get empty\n{queued(self.configuration)}\n{self.server.log()}")

    def stop(self):
        self.see_to_it()
        if self.faults.endswith("kill"):
            self.server.kill()  # it may be just about to do that itself
        else:
            self.server.__exit__(None, None, None)

    def problems(self):
        """What should not be."""
        copies = {"sink": collections.Counter(), "home": collections.Counter()}
        for place, texts in (("sink", [text for _, _, text in self.at_sink]), ("home", self.at_home)):
            for text in texts:
                whole = re.search(rb"(?s)Subject: (\w+)\r?\nX-Postq: 1\r?\n\r?\ntext of (\w+)\r?\n$", text)
                if not whole or whole[1] != whole[2] or text.count(b"X-Postq") != 1:
                    yield f"a message at {place} is not whole: {text}"
                else:
                    copies[place][whole[1].decode()] += 1
        killed = self.faults.endswith("kill")
        for subject, code in self.sent.items():
            for place in ("sink", "home"):
                least = 1 if code == "250" else 0
                # A Maildir recognises what it got before; the sink may get again what it got when the server died.
                most = 0 if code and code != "250" else 2 if killed and place == "sink" else 1
                if not least <= copies[place][subject] <= most:
                    yield f"{subject} got {code or 'no reply'} and is {copies[place][subject]} times at {place}"
        if self.corrupt:
            yield f"corrupt: {self.corrupt}"


def play(action, step, count):
    """In a process of its own, which has an address of its own: ports do not get mixed up."""
    played = Play(action, step, count).run()
    return played.fired, played.faults, played.sent, list(played.problems())


class Faults(unittest.TestCase):
    def play_all(self, action, count):
        """Step after step until one is not reached any more."""
        with ProcessPoolExecutor(AT_ONCE) as pool:
            for first in range(0, MOST_STEPS, AT_ONCE):
                plays = [pool.submit(play, action, step, count) for step in range(first, first + AT_ONCE)]
                done = [each.result() for each in plays]
                for _, faults, sent, problems in done:
                    self.assertEqual(problems, [], f"SLUICE_FAULTS={faults}: {sent}")
                if not any(fired for fired, *_ in done):
                    print(f"{action}: {first} steps", flush=True)
                    self.assertGreater(first, 20)
                    return
        self.fail(f"there is no end of steps after {MOST_STEPS}")

    def test_eio(self):
        self.play_all("EIO", 1)

    def test_eio_for_a_while(self):
        self.play_all("EIO", 4)

    def test_enospc(self):
        self.play_all("ENOSPC", 1)

    def test_kill(self):
        self.play_all("kill", 1)


if __name__ == "__main__":
    unittest.main()
