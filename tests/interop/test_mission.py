"""The page this product must make true, command by command (mission: vsmtp-tls.md)."""

import subprocess
import unittest

from support import Configuration, Server, messages, s_client, wait_for_messages

FILTER = """#{
  mail: [
    rule "deny unencrypted" || {
      // It is possible to customize the policy to whitelist some ip for example.
      if ctx::is_secured() {
        state::next()
      } else {
        state::deny(code(451, "5.7.3", "Must issue a STARTTLS command first\\r\\n"))
      }
    }
  ]
}
"""
INCOMING = """#{ rcpt: [ rule "our mail" || state::accept() ] }"""


class Mission(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.configuration = Configuration(FILTER)
        cls.addClassCleanup(cls.configuration.__exit__)
        for name in ("example.com", "second.test"):
            cls.configuration.certificate(name)
            cls.configuration.domain(name, incoming=INCOMING)
        cls.server = Server(cls.configuration)
        cls.addClassCleanup(cls.server.__exit__, None)

    def swaks(self, *options, port=None):
        c = self.configuration
        done = subprocess.run(["swaks", "--server", c.address, "--port", str(port or c.relay), "--from", "you@elsewhere.example",
                               "--helo", "client.test", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.returncode, done.stdout

    def test_both_commands_without_a_server_name_end_in_an_alert(self):
        c = self.configuration
        for result in (s_client(c.address, c.relay, starttls=True), s_client(c.address, c.implicit)):
            self.assertEqual(result.alert, 109, result.output)
            self.assertNotEqual(result.exit_code, 0)
            self.assertIn("no peer certificate available", result.output)

    def test_both_commands_with_the_server_name_show_its_certificate(self):
        c = self.configuration
        for name in ("example.com", "second.test"):
            for result in (s_client(c.address, c.relay, starttls=True, name=name), s_client(c.address, c.implicit, name=name),
                           s_client(c.address, c.submission, starttls=True, name=name)):
                self.assertEqual(result.subject, name, result.output)
                self.assertEqual(result.exit_code, 0)

    def test_in_clear_the_rule_answers(self):
        code, output = self.swaks("--to", "clear@example.com")
        self.assertIn("<** 451 5.7.3 Must issue a STARTTLS command first\n", output)
        self.assertEqual(code, 23, output)  # swaks: error in MAIL
        self.assertEqual(messages(self.configuration.mailbox("clear@example.com")), [])

    def test_under_tls_the_message_arrives(self):
        code, output = self.swaks("--tls", "--tls-sni", "example.com", "--to", "tls@example.com", "--header", "Subject: under TLS")
        self.assertEqual(code, 0, output)
        found = wait_for_messages(self.configuration.mailbox("tls@example.com"), 1)
        self.assertEqual(len(found), 1, self.server.log())
        self.assertIn(b"Return-Path: <you@elsewhere.example>\n", found[0])
        self.assertIn(b"Subject: under TLS\n", found[0])
        self.assertIn(b"with ESMTPS\n", found[0])

    def test_with_tls_on_connect(self):
        code, output = self.swaks("--tls-on-connect", "--tls-sni", "second.test", "--to", "implicit@second.test", port=self.configuration.implicit)
        self.assertEqual(code, 0, output)
        self.assertEqual(len(wait_for_messages(self.configuration.mailbox("implicit@second.test"), 1)), 1, self.server.log())

    def test_without_a_server_name_swaks_cannot_use_tls(self):
        code, output = self.swaks("--tls", "--to", "tls@example.com")
        self.assertEqual(code, 29, output)  # swaks: error in TLS


if __name__ == "__main__":
    unittest.main()
