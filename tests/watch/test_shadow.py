"""sluice shadow: new rules beside the live ones on live traffic, without effect."""

import json
import os
import shutil
import unittest

from support import Configuration, Server, messages, sluice, wait_for_messages
from watching import Client, Watching

FILTER = """#{
  mail: [ rule "no spammers" || {
    if ctx::mail_from().domain == "spam.test" { state::deny("554 5.7.1 go away") } else { state::next() }
  } ],
  rcpt: [ rule "ours" || {
    if ctx::rcpt().domain == "example.com" { state::accept() } else { state::deny("554 5.7.1 not ours") }
  } ],
  preq: [ action "mark" || msg::append_header("X-Marked", "live") ],
}
"""


class Shadow(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration(FILTER)
        self.addCleanup(self.configuration.__exit__)
        self.new = Configuration(FILTER)
        self.addCleanup(self.new.__exit__)
        self.server = Server(self.configuration)
        self.addCleanup(self.server.__exit__, None)

    def shadow(self, *options):
        watching = Watching("shadow", self.new.root, "-c", self.configuration.root, *options)
        self.addCleanup(watching.close)
        return watching

    def refused(self, *options):
        return sluice("shadow", self.new.root, "-c", self.configuration.root, *options)

    def session(self, sender="john@example.net", *recipients):
        with Client(self.configuration) as client:
            answer = client.send_message(sender, *(recipients or ["jane@example.com"]))
            client.leave()
            return answer

    def ended(self, watching):
        self.assertEqual(watching.wait(), 0, watching.err)
        return watching.text()

    def test_identical_rules(self):
        watching = self.shadow("--count", 8)
        self.assertTrue(self.session().startswith("250"))
        self.assertTrue(self.session("x@spam.test").startswith("554"))
        self.assertEqual(self.ended(watching), "compared 8 stage runs, 0 differ")

    def test_another_verdict(self):
        self.new.write("filter.vsl", FILTER.replace("state::deny(\"554 5.7.1 go away\")", "state::next()"))
        watching = self.shadow("--count", 3)
        self.assertTrue(self.session("x@spam.test").startswith("554 5.7.1 go away"))
        lines = self.ended(watching).split("\n")
        self.assertRegex(lines[0], r"^\S+Z [0-9a-z]{12} client \S+ from <x@spam\.test>$")
        self.assertEqual(lines[1], "mail:")
        self.assertRegex(lines[2], r'^    live: deny 554 5\.7\.1 go away by rule "no spammers" at filter\.vsl:2:\d+$')
        self.assertEqual(lines[3:], ["    new: next", "compared 3 stage runs, 1 differ"])

    def test_another_reply(self):
        self.new.write("filter.vsl", FILTER.replace("554 5.7.1 not ours", "550 5.1.1 nobody"))
        watching = self.shadow("--count", 4)
        self.assertTrue(self.session("a@b.test", "x@y.test").startswith("554 5.7.1 not ours"))
        text = self.ended(watching)
        self.assertIn('    live: deny 554 5.7.1 not ours by rule "ours"', text)
        self.assertIn('    new: deny 550 5.1.1 nobody by rule "ours"', text)
        self.assertIn("rcpt <x@y.test>\nrcpt:\n", text)

    def test_envelope_headers_and_message(self):
        self.new.write("filter.vsl", """#{
          mail: [ action "sender" || envelop::rw_mail_from("new@example.org"),
                  action "early" || msg::append_header("X-Early", "1") ],
          rcpt: [ rule "ours" || {
            transport::mbox_all();
            envelop::add_rcpt("copy@example.com");
            state::accept()
          } ],
          preq: [ action "mark" || msg::append_header("X-Marked", "new") ] }""")
        watching = self.shadow("--count", 5)
        self.assertTrue(self.session().startswith("250"))
        text = self.ended(watching)
        for line in ("reverse-path, live: <john@example.net>", "reverse-path, new: <new@example.org>",
                     "header fields, new: 12 octets, line 1: X-Early: 1", "header fields, live: 0 octets, line 1: ",
                     "recipients, live: <jane@example.com>", "recipients, new: <jane@example.com> by mbox, <copy@example.com>"):
            self.assertIn("    " + line + "\n", text)
        self.assertRegex(text, r"    message, live: \d+ octets, line \d: X-Marked: live\n")
        self.assertRegex(text, r"    message, new: \d+ octets, line \d: X-Marked: new\n")
        self.assertIn("compared 5 stage runs, 3 differ", text)
        # Nothing of it has happened.
        found = wait_for_messages(self.configuration.mailbox("jane@example.com"), 1)
        self.assertEqual(len(found), 1, self.server.log())
        self.assertIn(b"X-Marked: live", found[0])
        self.assertNotIn(b"new", found[0].split(b"\n\n")[0].replace(b"news", b""))
        self.assertEqual(messages(self.configuration.mailbox("copy@example.com")), [])

    def test_no_effect(self):
        self.new.write("filter.vsl", """#{ preq: [ action "keep" || { fs::write("copies"); fs::dump("dumps"); log("error", "SHADOW"); } ] }""")
        watching = self.shadow("--count", 5)
        self.assertTrue(self.session().startswith("250"))
        self.ended(watching)
        for root in (self.configuration, self.new):
            for directory in ("copies", "dumps"):
                self.assertFalse(os.path.exists(root.path("app", directory)))
        self.server.stop()
        self.assertNotIn("SHADOW", self.server.log())

    def test_a_rule_that_fails(self):
        self.new.write("filter.vsl", '#{ helo: [ rule "bad" || { 1 / 0; state::next() } ] }')
        watching = self.shadow("--count", 2)
        with Client(self.configuration) as client:
            client.leave()
        text = self.ended(watching)
        self.assertRegex(text, r'    live: next\n    new: failed by rule "bad" at filter\.vsl:1:\d+: .*zero')
        self.server.stop()
        self.assertNotIn("rule-failed", self.server.log())

    def test_programs_are_not_run(self):
        self.new.write("filter.vsl", """#{ helo: [ rule "program" || {
          let touch = cmd::build(#{ command: "touch", args: ["%s"] });
          touch.run(); state::next() } ] }""" % self.new.path("touched"))
        watching = self.shadow("--count", 2)
        with Client(self.configuration) as client:
            client.leave()
        text = self.ended(watching)
        self.assertRegex(text, r"    new: not comparable: the program 'touch' is not run .* \(rule \"program\" at filter\.vsl:1:")
        self.assertIn("compared 1 stage runs, 0 differ, 1 more were not comparable", text)
        self.assertFalse(os.path.exists(self.new.path("touched")))

    def test_json(self):
        self.new.write("filter.vsl", FILTER.replace("state::deny(\"554 5.7.1 go away\")", "state::next()"))
        watching = self.shadow("--count", 3, "--json")
        self.session("x@spam.test")
        difference, summary = map(json.loads, self.ended(watching).split("\n"))
        self.assertEqual((difference["stage"], difference["from"], difference["new"]), ("mail", "x@spam.test", "next"))
        self.assertEqual(difference["differences"], [{"what": "verdict", "live": "deny 554 5.7.1 go away", "new": "next"}])
        self.assertEqual(summary, {"compared": 3, "differ": 1, "not_comparable": 0, "left_out": 0})

    def test_domains_of_the_new_rules(self):
        self.configuration.domain("example.com", incoming='#{ rcpt: [ rule "theirs" || state::accept() ] }')
        self.assertEqual(self.server.reload().returncode, 0)
        self.new.domain("example.com", incoming='#{ rcpt: [ rule "mine" || state::deny("550 5.1.1 no") ] }')
        watching = self.shadow("--count", 5)
        self.assertTrue(self.session().startswith("250"))
        self.assertRegex(self.ended(watching), r'new: deny 550 5\.1\.1 no by rule "mine" at domain-\w+/example\.com/incoming\.vsl:1:')

    def test_reload_while_comparing(self):
        self.new.write("filter.vsl", '#{ helo: [ rule "r" || state::deny("550 5.7.1 new") ] }')
        watching = self.shadow()
        self.configuration.write("filter.vsl", '#{ helo: [ rule "r" || state::deny("550 5.7.1 reloaded") ] }')
        self.assertEqual(self.server.reload().returncode, 0)
        with self.assertRaises(AssertionError):
            Client(self.configuration)
        self.assertTrue(watching.wait_for(r"    live: deny 550 5\.7\.1 reloaded"), watching.text())
        watching.interrupt()
        self.assertIn("compared 2 stage runs, 1 differ", self.ended(watching))

    def test_interrupt_ends_it(self):
        self.new.write("filter.vsl", '#{ helo: [ rule "r" || state::deny() ] }')
        watching = self.shadow()
        with Client(self.configuration):
            self.assertTrue(watching.wait_for("    new: deny"))
        watching.interrupt()
        self.assertIn("compared 2 stage runs, 1 differ", self.ended(watching))
        again = self.shadow("--count", 1)  # the place is free
        with Client(self.configuration):
            self.ended(again)

    def test_one_at_a_time(self):
        first = self.shadow()
        second = self.refused()
        self.assertEqual(second.returncode, 1)
        self.assertIn("one at a time", second.stderr)
        first.interrupt()
        self.ended(first)

    def test_broken_new_rules(self):
        self.new.write("filter.vsl", "#{\n  mail: [ rule \"broken\" || state::dney() ],\n}\n")
        done = self.refused()
        self.assertEqual(done.returncode, 1)
        self.assertIn("filter.vsl:2:", done.stderr)
        self.assertIn("error[E0151]", done.stderr)
        self.assertIn("nothing is compared", done.stderr)
        self.new.write("filter.vsl", FILTER)
        self.new.configure("config.server.smpt = 1;")
        self.assertIn("did you mean 'smtp'?", self.refused().stderr)

    def test_certificates_do_not_matter(self):
        self.new.certificate("example.com")
        self.new.domain("example.com")
        self.new.write("domain-available/example.com/privkey.pem", "no key\n")
        watching = self.shadow("--count", 1)
        with Client(self.configuration):
            self.ended(watching)

    def test_no_such_directory(self):
        shutil.rmtree(self.new.root)
        done = self.refused()
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot find the new rules", done.stderr)

    def test_a_new_rule_that_loops_harms_nobody(self):
        self.new.write("filter.vsl", '#{ helo: [ rule "loop" || { loop {} } ] }')
        watching = self.shadow("--count", 2)
        self.assertTrue(self.session().startswith("250"))
        self.assertRegex(self.ended(watching), r'new: failed by rule "loop"')

    def test_server_stop(self):
        watching = self.shadow()
        with Client(self.configuration) as client:
            client.leave()
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(watching.wait(), 3)
        self.assertIn("the server has stopped", watching.err)
        self.assertRegex(watching.text(), r"compared \d stage runs, 0 differ")

    def test_trace_beside_it(self):
        self.new.write("filter.vsl", '#{ helo: [ rule "new" || state::deny() ] }')
        shadow = self.shadow("--count", 2)
        trace = Watching("trace", "-c", self.configuration.root, "--count", 2)
        self.addCleanup(trace.close)
        with Client(self.configuration):
            self.assertIn("new: deny", self.ended(shadow))
            self.assertNotIn("new", self.ended(trace))


if __name__ == "__main__":
    unittest.main()
