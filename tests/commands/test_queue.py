"""`sluice queue`: the same operations beside the running server and with it stopped."""

import json
import os
import re
import time
import unittest

from support import Configuration, Connection, Server, sluice, wait_for_messages

# Nobody listens there: what goes by it stays in the queue.
FILTER = """#{
  rcpt: [ rule "all" || { %s state::accept() } ],
  preq: [ rule "odd" || if msg::get_header("Subject") == "odd" { state::quarantine("odd") } else { state::next() } ],
}
"""
UNREACHABLE = 'transport::forward_all("127.0.0.1");'


class QueueCase(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration(FILTER % UNREACHABLE, extra='config.delivery.retry.first_wait = "1h";')
        self.addCleanup(self.configuration.__exit__)

    def start(self):
        server = Server(self.configuration)
        self.addCleanup(server.__exit__, None)
        return server

    def send(self, subject="hello", sender="a@other.net", to=("b@example.com",)):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            connection.command(f"MAIL FROM:<{sender}>")
            for each in to:
                connection.command(f"RCPT TO:<{each}>")
            connection.command("DATA")
            connection.send(f"Subject: {subject}\r\n\r\nbody of {subject}\r\n.\r\n".encode())
            reply = connection.reply()[0]
            return re.match(r"250 2\.0\.0 Ok: queued as (\S+)", reply).group(1)

    def queue(self, *arguments, code=0):
        done = sluice("queue", *arguments, "-c", self.configuration.root)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def listed(self, *arguments):
        return {each["id"]: each for each in json.loads(self.queue("list", "--json", *arguments))}

    def wait_until(self, condition):
        end = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), end, self.queue("list"))
            time.sleep(0.02)

    def wait_deferred(self, *ids):
        self.wait_until(lambda: all(self.listed().get(each, {}).get("queue") == "deferred" for each in ids))


class Everything(QueueCase):
    """One story, told by both kinds of command."""

    def story(self, first, second, odd):
        self.assertEqual(self.listed("--queue", "quarantine").keys(), {odd})
        self.assertEqual(self.listed("--from", "*@ELSEWHERE.net").keys(), {second})
        self.assertEqual(self.listed("--to", "c@*").keys(), {second})
        self.assertEqual(self.listed("--older", "60"), {})
        self.assertRegex(self.queue("list", "--limit", "1"), r"^\S{36}  .*\nand 2 more\n$")
        text = self.queue("show", first)
        self.assertRegex(text, rf"(?s)^id           {first}\nqueue        deferred\n.*to           <b@example\.com> deferred, ")
        self.assertIn("Subject: first", text)
        raw = sluice("queue", "show", first, "--raw", "-c", self.configuration.root).stdout
        self.assertTrue(raw.startswith("Received: ") and raw.replace("\r\n", "\n").endswith("\nbody of first\n"), raw)
        self.assertEqual(json.loads(self.queue("show", odd, "--json"))["quarantine"], "odd")

        self.assertEqual(self.queue("hold", first, "--reason", "looks odd"), "hold: 1 of 1 message(s)\n")
        self.assertEqual(self.listed()[first]["hold_reason"], "looks odd")
        self.assertIn("(looks odd)", self.queue("list", "--queue", "hold"))
        self.queue("move", "dead", "--queue", "hold")
        self.assertEqual(self.listed()[first]["queue"], "dead")
        self.assertEqual(self.listed()[first]["hold_reason"], "")
        self.assertEqual(self.queue("remove", first), "remove: 1 of 1 message(s)\n")
        self.assertNotIn(first, self.listed())

    def messages(self):
        first = self.send("first")
        second = self.send("second", "x@elsewhere.net", ("c@example.com", "d@example.com"))
        odd = self.send("odd")
        self.wait_deferred(first, second)
        return first, second, odd

    def test_beside_the_server(self):
        self.start()
        self.story(*self.messages())

    def test_without_a_server(self):
        server = self.start()
        messages = self.messages()
        server.stop()
        self.story(*messages)


class Again(QueueCase):
    def mailboxes(self):
        self.configuration.write("filter.vsl", FILTER % "")

    def test_release_and_retry_beside_the_server(self):
        server = self.start()
        odd, late = self.send("odd"), self.send("late")
        self.wait_deferred(late)
        attempts = self.listed()[late]["recipients"][0]["attempts"]
        self.assertEqual(self.queue("retry", late), "retry: 1 of 1 message(s)\n")
        self.wait_until(lambda: self.listed()[late]["recipients"][0]["attempts"] > attempts)
        self.queue("release", "--queue", "quarantine")
        self.wait_deferred(odd)
        self.assertTrue(server.wait_for_line(" queue-command "), server.log())

    def test_release_and_retry_without_a_server(self):
        server = self.start()
        odd, late = self.send("odd"), self.send("late")
        self.wait_deferred(late)
        server.stop()
        attempts = self.listed()[late]["recipients"][0]["attempts"]
        self.queue("retry", late)
        self.queue("release", odd)
        self.assertEqual(self.listed()[odd]["quarantine"], "")
        self.start()
        self.wait_until(lambda: self.listed()[late]["recipients"][0]["attempts"] > attempts)
        self.wait_deferred(odd)


class Returned(QueueCase):
    def bounced(self, restart):
        server = self.start()
        late, null = self.send("late", to=("b@example.com", "c@example.com")), self.send("null", sender="")
        self.wait_deferred(late, null)
        if restart:
            server.stop()
        self.queue("bounce", late, null, "--reason", "we are moving")
        self.assertEqual(set(self.listed()) & {late, null}, set())
        if restart:
            self.start()
        # Nobody is told of a message without sender.
        report, = wait_for_messages(self.configuration.mailbox("a@other.net"), 1)
        self.assertIn(b"Action: failed", report)
        self.assertIn(b"we are moving", report)
        self.assertEqual(report.count(b"Final-Recipient:"), 2)

    def test_beside_the_server(self):
        self.bounced(False)

    def test_without_a_server(self):
        self.bounced(True)


class Misuse(QueueCase):
    def test_wrong_arguments(self):
        self.start()
        self.assertIn("which messages?", self.queue("remove", code=2))
        self.assertIn("'nowhere' is not a queue", self.queue("list", "--queue", "nowhere", code=2))
        self.assertIn("'corrupt' is not a queue", self.queue("move", "corrupt", "--all", code=2))
        self.assertEqual(self.queue("show", "4711", code=1), "no message 4711\n")
        self.assertEqual(self.queue("remove", "4711", code=1), "remove: 0 of 0 message(s)\n")
        self.assertEqual(self.queue("list"), "no message\n")
        self.assertEqual(self.queue("remove", "--all"), "remove: 0 of 0 message(s)\n")

    def test_no_spool(self):
        self.assertIn("there is no spool", self.queue("list", code=1))

    def test_a_server_that_does_not_answer(self):
        self.start()
        os.rename(self.configuration.path("run", "sluice.sock"), self.configuration.path("run", "other.sock"))
        self.assertIn("a server uses the spool", self.queue("list", code=3))


if __name__ == "__main__":
    unittest.main()
