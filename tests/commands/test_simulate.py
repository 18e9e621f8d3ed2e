"""`sluice simulate`: a conversation played against the rules, with all that they did."""

import json
import os
import re
import unittest

from support import Configuration, sluice

FILTER = """#{
  connect: [ rule "not from there" || if ctx::client_ip() == "203.0.113.9" { state::deny() } else { state::next() } ],
  helo: [ action "write" || log("info", `hello ${ctx::helo()}`) ],
  mail: [ rule "encrypted" || if ctx::is_secured() { state::next() } else { state::deny("451 5.7.3 STARTTLS first") } ],
  rcpt: [ action "where to" || transport::maildir_all(), rule "all" || state::accept() ],
  preq: [ action "mark" || msg::append_header("X-Seen", "yes") ],
}
"""


class Simulate(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration(FILTER, tls=False)

    def tearDown(self):
        self.configuration.__exit__()

    def simulate(self, *arguments, returncode=0):
        done = sluice("simulate", "-c", self.configuration.root, *arguments)
        self.assertEqual(done.returncode, returncode, done.stdout + done.stderr)
        return done

    def text(self, *arguments):
        return re.sub(r" \(\d+\.\d µs\)", "", self.simulate(*arguments).stdout)

    def test_every_rule_with_place_verdict_and_values(self):
        said = self.text("--client-ip", "203.0.113.8", "--helo", "mail.test", "--from", "a@b.test", "--rcpt", "c@d.test")
        self.assertIn(
            "connect: filter.vsl\n"
            '    rule "not from there" at filter.vsl:2:36: next\n'
            '        ctx::client_ip() = "203.0.113.8"\n'
            "    -> next\n"
            "S: 220 mx.test Service ready\n"
            "C: EHLO mail.test\n", said)
        self.assertIn('    action "write" at filter.vsl:3:26\n        ctx::helo() = "mail.test"\n        log("info", "hello mail.test")\n', said)
        self.assertIn('    rule "encrypted" at filter.vsl:4:28: deny 451 5.7.3 STARTTLS first\n        ctx::is_secured() = false\n', said)
        self.assertIn("S: 451 5.7.3 STARTTLS first\nC: RCPT TO:<c@d.test>\nS: 503", said)

    def test_a_message_with_tls(self):
        message = self.configuration.write("mail.eml", "Subject: hi\n\n.dot\n")
        said = self.text("--tls", "mx.test", "--from", "<>", "--rcpt", "c@d.test", "--rcpt", "e@f.test", "--message", message)
        self.assertIn("C: STARTTLS\n", said)
        self.assertIn("C: MAIL FROM:<>\n", said)
        self.assertIn('preq: filter.vsl\n    action "mark" at filter.vsl:6:25\n        msg::append_header("X-Seen", "yes")\n', said)
        self.assertRegex(said, r"stored: from <>, incoming, \d+ octets\n    <c@d.test> by maildir\n    <e@f.test> by maildir\nS: 250 2.0.0 Ok")

    def test_a_client_with_a_certificate(self):
        self.configuration.write("filter.vsl", """#{ mail: [ rule "who" || {
  let c = ctx::tls().client;
  state::deny(code(550, "5.7.1", `${c.verified} ${c.subject_cn} ${c.verify_error}`))
} ] }""")
        said = self.text("--tls", "mx.test", "--client-certificate", "mx.partner.test", "--from", "a@b.test")
        self.assertIn("S: 550 5.7.1 true mx.partner.test", said)
        said = self.text("--tls", "mx.test", "--unverified-certificate", "mx.partner.test", "--from", "a@b.test")
        self.assertIn("S: 550 5.7.1 false mx.partner.test self signed certificate\n", said)

    def test_refused_at_the_door(self):
        said = self.text("--client-ip", "203.0.113.9", "--from", "a@b.test")
        self.assertIn("-> deny\nS: 554", said)
        self.assertTrue(said.endswith("(the server closes the connection)\n"))

    def test_a_session_file_may_be_a_log_of_both_sides(self):
        session = self.configuration.write("session.smtp", """# how it went yesterday
S: 220 mx.test
C: EHLO client.test
S: 250 mx.test
STARTTLS

EHLO client.test
MAIL FROM:<a@b.test>
RCPT TO:<c@d.test>
DATA
Subject: x

# this is text
..dot
.
QUIT
""")
        objects = [json.loads(line) for line in self.simulate("--session", session, "--tls", "--json").stdout.splitlines()]
        self.assertEqual([o["command"] for o in objects], ["", "EHLO client.test", "STARTTLS", "EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA", "QUIT"])
        rcpt, data = objects[5], objects[6]
        self.assertEqual(rcpt["stages"][0]["verdict"], "accept")
        self.assertEqual([d["name"] for d in rcpt["stages"][0]["directives"]], ["where to", "all"])
        self.assertEqual(data["messages"][0]["text"], "Subject: x\r\nX-Seen: yes\r\n\r\n# this is text\r\n.dot\r\n")
        self.assertEqual(data["messages"][0]["rcpt"], [{"address": "c@d.test", "transport": "maildir"}])
        self.assertTrue(objects[7]["closed"])

    def test_a_message_from_a_pipe(self):
        pipe, end = os.pipe()
        os.write(end, b"Subject: piped\n\nx\n")
        os.close(end)
        self.addCleanup(os.close, pipe)
        done = sluice("simulate", "-c", self.configuration.root, "--json", "--tls", "--from", "a@b.test", "--rcpt", "c@d.test",
                      "--message", f"/dev/fd/{pipe}", pass_fds=[pipe])
        self.assertEqual(done.returncode, 0, done.stderr)
        data = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(data["messages"][0]["text"], "Subject: piped\r\nX-Seen: yes\r\n\r\nx\r\n")

    def test_what_cannot_be_simulated(self):
        self.assertIn("is not an IP address", self.simulate("--client-ip", "x", returncode=2).stderr)
        self.assertIn("cannot read the file", self.simulate("--session", "/nowhere", returncode=1).stderr)
        self.assertIn("cannot read the file '/'", self.simulate("--session", "/", returncode=1).stderr)
        self.assertIn("cannot read the file '/'", self.simulate("--message", "/", returncode=1).stderr)
        self.configuration.write("filter.vsl", "#{ connect: 1 }")
        self.assertIn("nothing was simulated", self.simulate(returncode=1).stderr)


if __name__ == "__main__":
    unittest.main()
