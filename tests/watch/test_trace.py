"""sluice trace: what the rules of the running server do, as it happens."""

import json
import re
import signal
import socket
import unittest

from support import Configuration, Server, sluice
from watching import Client, Watching

FILTER = """#{
  connect: [ rule "who" || { ctx::client_ip(); state::next() } ],
  rcpt: [ rule "ours only" || {
    if ctx::rcpt().domain == "example.com" { state::accept() }
    else { state::deny("554 5.7.1 not ours") }
  } ],
  preq: [ rule "mark" || { msg::set_header("X-Marked", "yes"); state::next() } ],
}
"""
HEADING = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ([0-9a-z]{12}) client (\S+)(.*)$")


class Trace(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration(FILTER)
        self.addCleanup(self.configuration.__exit__)
        self.server = Server(self.configuration)
        self.addCleanup(self.server.__exit__, None)

    def trace(self, *options):
        watching = Watching("trace", "-c", self.configuration.root, *options)
        self.addCleanup(watching.close)
        return watching

    def client(self, source=None):
        client = Client(self.configuration, source)
        self.addCleanup(client.close)
        return client

    def session(self, sender="john@example.net", recipient="jane@example.com", source=None):
        client = self.client(source)
        answer = client.send_message(sender, recipient)
        client.leave()
        return answer

    def ended(self, watching):
        self.assertEqual(watching.wait(), 0, watching.err)
        return watching.text()

    def test_it_is_what_simulate_prints(self):
        watching = self.trace("--count", 6)
        self.session(source="127.0.0.1")
        self.session(source="127.0.0.1")
        lines = [line for line in self.ended(watching).split("\n") if not HEADING.match(line)]
        simulated = sluice("simulate", "-c", self.configuration.root, "--client-ip", "127.0.0.1", "--from", "john@example.net",
                           "--rcpt", "jane@example.com")
        expected = [line for line in simulated.stdout.split("\n") if re.match(r"    .*(?<! by config.delivery.transport)$|[a-z]+: filter", line)]
        without_times = [[re.sub(r" \([0-9.]+ µs\)", "", line) for line in all] for all in (lines, expected)]
        self.assertEqual(without_times[0], without_times[1] + without_times[1][:4])

    def test_one_session(self):
        watching = self.trace("--count", 5)
        self.session()
        text = self.ended(watching)
        lines = text.split("\n")
        headings = [line for line in lines if HEADING.match(line)]
        self.assertEqual(len({HEADING.match(line)[1] for line in headings}), 1, text)
        self.assertEqual([line.split(":")[0] for line in lines if re.match(r"[a-z]+: filter\.vsl$", line)],
                         ["connect", "helo", "mail", "rcpt", "preq"], text)
        self.assertNotIn(" from <", headings[0])
        self.assertTrue(headings[2].endswith(" from <john@example.net>"), headings[2])
        self.assertTrue(headings[3].endswith(" from <john@example.net> rcpt <jane@example.com>"), headings[3])
        self.assertRegex(text, r'    rule "who" at filter\.vsl:2:\d+: next \([0-9.]+ µs\)\n'
                               r'        ctx::client_ip\(\) = "127\.0\.0\.1"')
        self.assertRegex(text, r'rule "ours only" at filter\.vsl:3:\d+: accept')
        self.assertIn("ctx::rcpt() = ", text)
        self.assertRegex(text, r'msg::set_header\("X-Marked", "yes"\)')

    def test_rcpt(self):
        watching = self.trace("--rcpt", "Jane@example.com", "--count", 5)
        self.session(recipient="Bob@example.com")
        client = self.client()
        client.command("MAIL FROM:<other@example.net>")
        client.command("RCPT TO:<bob@example.com>")
        client.command("RSET")
        client.send_message("john@example.net", "bob@example.com", "Jane@EXAMPLE.com", "nobody@example.com")
        text = self.ended(watching)
        self.assertEqual(re.findall(r"^([a-z]+): filter", text, re.M), ["connect", "helo", "mail", "rcpt", "preq"], text)
        self.assertNotIn("other@", text)
        self.assertIn("rcpt <bob@example.com>, <Jane@EXAMPLE.com>, <nobody@example.com>\npreq:", text)

    def test_rcpt_domain_shows_a_refusal(self):
        watching = self.trace("--rcpt", "elsewhere.test")
        self.session()
        self.assertTrue(self.session(recipient="a@elsewhere.test").startswith("554"))
        self.assertTrue(watching.wait_for(r"^    -> deny 554 5\.7\.1 not ours"), watching.text())
        self.assertNotIn("jane@", watching.text())
        self.assertEqual(re.findall(r"^([a-z]+): filter", watching.text(), re.M), ["connect", "helo", "mail", "rcpt"])

    def test_from(self):
        by_address = self.trace("--from", "john@example.net", "--count", 5)
        by_domain = self.trace("--from", "EXAMPLE.org", "--count", 5)
        null = self.trace("--from", "<>", "--count", 5)
        self.session("bob@example.net")
        self.session("john@example.net")
        self.session("x@example.org")
        self.session("")
        for watching, sender in ((by_address, "john@example.net"), (by_domain, "x@example.org"), (null, "")):
            text = self.ended(watching)
            self.assertEqual(re.findall(r"^([a-z]+): filter", text, re.M), ["connect", "helo", "mail", "rcpt", "preq"])
            self.assertEqual(set(re.findall(r" from <([^>]*)>", text)), {sender}, text)

    def test_an_address_that_rules_rewrite(self):
        self.configuration.write("filter.vsl", """#{
          mail: [ action "other sender" || envelop::rw_mail_from("new@example.org") ],
          rcpt: [ rule "other recipient" || {
            envelop::rw_rcpt("jane@example.com", "moved@example.com"); state::accept() } ] }""")
        self.assertEqual(self.server.reload().returncode, 0)
        given = self.trace("--from", "john@example.net", "--rcpt", "jane@example.com", "--count", 5)
        made = self.trace("--from", "new@example.org", "--rcpt", "moved@example.com", "--count", 5)
        self.session()
        self.assertIn("preq: filter.vsl", self.ended(given))
        self.assertIn("preq: filter.vsl", self.ended(made))

    def test_ip(self):
        other, network = "127.250.0.9", "127.251.0.0/16"
        watching = [self.trace("--ip", other, "--count", 5), self.trace("--ip", network, "--count", 5)]
        self.session(source=self.configuration.address)
        self.session(source="127.251.7.7")
        self.session(source=other)
        for one, source in zip(watching, (other, "127.251.7.7")):
            text = self.ended(one)
            clients = {HEADING.match(line)[2].split(":")[0] for line in text.split("\n") if HEADING.match(line)}
            self.assertEqual(clients, {source}, text)

    def test_json(self):
        watching = self.trace("--json", "--count", 5)
        self.session()
        runs = [json.loads(line) for line in self.ended(watching).split("\n")]
        self.assertEqual([run["stage"] for run in runs], ["connect", "helo", "mail", "rcpt", "preq"])
        self.assertEqual(runs[0]["from"], None)
        self.assertEqual(runs[3]["rcpt"], ["jane@example.com"])
        self.assertEqual(runs[3]["verdict"], "accept")
        self.assertEqual(runs[0]["directives"][0]["calls"][0]["call"], "ctx::client_ip()")
        self.assertEqual(len({run["session"] for run in runs}), 1)

    def test_reload_while_tracing(self):
        watching = self.trace()
        self.session()
        self.configuration.write("filter.vsl", '#{ connect: [ rule "new rules" || state::next() ] }')
        self.assertEqual(self.server.reload().returncode, 0)
        self.assertTrue(watching.wait_for(r'rule "who"'))
        self.session()
        self.assertTrue(watching.wait_for(r'rule "new rules" at filter\.vsl:1:'), watching.text())

    def test_interrupt(self):
        watching = self.trace()
        self.session()
        self.assertTrue(watching.wait_for("^preq:"))
        watching.interrupt()
        self.ended(watching)
        again = self.trace("--count", 1)  # the server goes on
        self.session()
        self.ended(again)

    def test_server_stop(self):
        watching = self.trace()
        self.session()
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(watching.wait(), 3)
        self.assertIn("the server has stopped", watching.err)
        self.assertRegex(watching.text(), "(?m)^preq:")

    def test_server_killed(self):
        watching = self.trace()
        self.server.kill()
        self.assertEqual(watching.wait(), 3)
        self.assertIn("the server closed the connection", watching.err[-1])

    def test_no_more_watchers_than_the_limit(self):
        watchers = [self.trace("--ip", "192.0.2.1") for _ in range(8)]
        refused = sluice("trace", "-c", self.configuration.root, "--count", 1)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("8 others watch", refused.stderr)
        watchers[0].interrupt()
        self.ended(watchers[0])
        self.trace("--ip", "192.0.2.1")

    def test_a_watcher_that_does_not_read(self):
        self.configuration.write("filter.vsl", """#{ helo: [ rule "much" || {
          for i in 0..1500 { ctx::client_ip(); } state::next() } ] }""")
        self.assertEqual(self.server.reload().returncode, 0)
        watching = self.trace()
        watching.process.send_signal(signal.SIGSTOP)
        self.addCleanup(watching.process.send_signal, signal.SIGCONT)
        client = self.client()
        for _ in range(120):
            client.ehlo()
        watching.process.send_signal(signal.SIGCONT)
        self.assertTrue(watching.wait_for(r"^\(\d+ stage runs were dropped here"))
        watching.interrupt()
        self.ended(watching)

    def test_the_server_stops_although_a_watcher_does_not_read(self):
        self.configuration.write("filter.vsl", """#{ helo: [ rule "much" || {
          for i in 0..1500 { ctx::client_ip(); } state::next() } ] }""")
        self.assertEqual(self.server.reload().returncode, 0)
        watching = self.trace()
        watching.process.send_signal(signal.SIGSTOP)
        client = self.client()
        for _ in range(60):
            client.ehlo()
        self.assertEqual(self.server.stop(), 0)
        watching.process.send_signal(signal.SIGCONT)
        self.assertEqual(watching.wait(), 3)

    def test_invalid_filters(self):
        for option, value, text in (("--ip", "192.0.2.300", "IP address"), ("--ip", "192.0.2.0/33", "network"),
                                    ("--from", "a@b@c", "domain"), ("--from", "a b", "domain"), ("--rcpt", "<>", "domain"),
                                    ("--rcpt", "@", "domain"), ("--count", "0", "count"), ("--count", "x", "count")):
            done = sluice("trace", "--run-dir", "/nonexistent", option, value)
            self.assertEqual(done.returncode, 2, (option, value, done.stderr))
            self.assertIn(text, done.stderr)

    def test_without_a_server(self):
        done = sluice("trace", "--run-dir", self.configuration.path("nowhere"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("no server answers", done.stderr)

    def ask(self, line):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(self.configuration.path("run", "sluice.sock"))
            raw.settimeout(20)
            raw.sendall(line)
            answer = b""
            while data := raw.recv(4096):
                answer += data
            return answer

    def test_the_longest_request(self):
        self.assertIn(b"unknown request", self.ask(b"x" * (16 * 1024 - 1) + b"\n"))
        self.assertEqual(self.ask(b"x" * (16 * 1024)), b"the request is too long\nexit 2\n")

    def test_a_relay_refusal_is_told(self):
        self.configuration.write("filter.vsl", "#{}")
        self.assertEqual(self.server.reload().returncode, 0)
        everything, matching, other = self.trace(), self.trace("--rcpt", "a@elsewhere.test"), self.trace("--from", "x@y.test")
        as_json = self.trace("--json", "--rcpt", "elsewhere.test")
        self.assertTrue(self.session(recipient="a@elsewhere.test").startswith("554"))
        for watching in (everything, matching):
            self.assertTrue(watching.wait_for("^    relaying to <a@elsewhere.test> denied"), watching.text())
        self.assertEqual(json.loads(as_json.wait_for("relay-denied"))["rcpt"], ["a@elsewhere.test"])
        other.interrupt()
        self.assertEqual(self.ended(other), "")

    def test_a_request_by_hand(self):
        for line in (b"trace\n", b"trace []\n", b'trace {"ip": 7}\n', b'trace {"count": -1}\n', b'trace {"other": ""}\n'):
            self.assertTrue(self.ask(line).endswith(b"exit 2\n"), line)


if __name__ == "__main__":
    unittest.main()
