"""Each way to deliver on this machine, chosen by the configuration: what arrives, what is logged, what the sender is told."""

import mailbox
import os
import stat
import unittest

from support import Configuration, Connection, Server, SmtpSink, messages, sluice, wait_for_messages
from support.waiting import wait_until

INCOMING = """#{ rcpt: [ rule "our mail" || state::accept() ] }"""
BODY = "Subject: hello\r\n\r\nFrom the beginning\r\n.\r\nto the end\r\n"


class Transports(unittest.TestCase):
    def start(self, transport, incoming=INCOMING):
        """Recipients at example.com are ours; the sender's domain is not, and has Maildirs."""
        self.configuration = Configuration("#{}", extra=f'  config.delivery.transport = "{transport}";')
        self.addCleanup(self.configuration.__exit__)
        self.configuration.domain("example.com", incoming=incoming)
        return self.run_server()

    def run_server(self):
        server = Server(self.configuration)
        self.addCleanup(server.__exit__, None)
        return server

    def send(self, *recipients, body=BODY):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            answer = connection.send_message("sender@other.test", *recipients, body=body.replace("\r\n.", "\r\n.."))
            self.assertRegex(answer, "^250 2.0.0 Ok: queued as ")

    def program(self, lines):
        path = self.configuration.write("bin/save", "#!/bin/sh\n" + lines)
        os.chmod(path, stat.S_IRWXU)

    def bounce(self):
        """The text of the one report to the sender, lines of folded fields joined."""
        [report] = wait_for_messages(self.configuration.mailbox("sender@other.test"), 1)
        return report.decode().replace("\n ", " ").replace("\n\t", " ")

    def assert_logged(self, server, pattern):
        self.assertIsNotNone(server.wait_for_line(pattern), f"no line with {pattern}:\n{server.log()}")

    # --- mbox

    def check_mbox(self, server):
        self.send("joe@example.com", "jane@example.com")
        self.send("joe@example.com", body="Subject: second\r\n\r\nagain\r\n")
        path = self.configuration.path("mbox", "joe")
        self.assertTrue(wait_until(lambda: server.log().count(" to=joe@example.com ") == 2), server.log())
        self.assert_logged(server, " delivered .*to=jane@example.com")
        box = mailbox.mbox(path, create=False)
        self.addCleanup(box.close)
        # Two messages to one mailbox may overtake each other.
        self.assertEqual(sorted(message["Subject"] for message in box), ["hello", "second"])
        [message] = [message for message in box if message["Subject"] == "hello"]
        self.assertEqual(message["Return-Path"], "<sender@other.test>")
        self.assertEqual(message["Delivered-To"], "joe@example.com")
        self.assertEqual(message.get_payload(), ">From the beginning\n.\nto the end\n")
        self.assertRegex(message.get_from(), r"^sender@other\.test \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$")
        self.assertEqual(sorted(os.listdir(self.configuration.path("mbox"))), ["jane", "joe"])

    def test_mbox(self):
        with self.start("mbox:mbox/%u") as server:
            self.check_mbox(server)

    def test_mbox_by_a_rule(self):
        incoming = """#{
  rcpt: [ action "to the mbox" || transport::mbox_all(), rule "our mail" || state::accept() ],
}"""
        with self.start("mbox:mbox/%u", incoming) as server:
            self.check_mbox(server)

    # --- pipe

    def test_pipe(self):
        server = self.start("pipe:bin/save %u --domain %d")
        self.program('[ "$1" = nobody ] && { echo "there is no $1 here" >&2; exit 67; }\n'
                     'cat > "$(dirname "$0")/$1.tmp" && mv "$(dirname "$0")/$1.tmp" "$(dirname "$0")/$1.$3"\n')
        with server:
            self.send("joe@example.com", "nobody@example.com")
            path = self.configuration.path("bin", "joe.example.com")
            self.assertTrue(wait_until(lambda: os.path.exists(path)), server.log())
            with open(path, "rb") as file:
                text = file.read()
            self.assertRegex(text, rb"^Return-Path: <sender@other\.test>\nDelivered-To: joe@example\.com\nReceived: ")
            self.assertTrue(text.endswith(b"\nSubject: hello\n\nFrom the beginning\n.\nto the end\n"), text)
            self.assert_logged(server, " delivered .*to=joe@example.com")
            self.assert_logged(server, " delivery-failed .*to=nobody@example.com.*user unknown: there is no nobody here")
            report = self.bounce()
            self.assertIn("Final-Recipient: rfc822; nobody@example.com\nAction: failed\nStatus: 5.1.1\n", report)
            self.assertIn("user unknown: there is no nobody here", report)
            self.assertNotIn("Final-Recipient: rfc822; joe@example.com", report)

    def test_a_program_that_hangs_ends_with_the_server_and_the_message_stays(self):
        server = self.start("pipe:bin/save %u")
        self.program('echo $$ > "$0.tmp"; mv "$0.tmp" "$0.pid"; exec sleep 1000\n')
        with server:
            self.send("joe@example.com")
            self.assertTrue(wait_until(lambda: os.path.exists(self.configuration.path("bin/save.pid"))), server.log())
            with open(self.configuration.path("bin/save.pid"), encoding="ascii") as file:
                pid = int(file.read())
            os.kill(pid, 0)
            self.assertEqual(server.stop(), 0)
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)
        self.assert_logged(server, " delivery-deferred .*ended because the server stops")
        self.assertEqual(messages(self.configuration.mailbox("sender@other.test")), [])

    # --- LMTP

    def test_lmtp_with_mixed_replies(self):
        server = self.start("lmtp:./lmtp")
        path = self.configuration.path("lmtp")
        lmtp = SmtpSink({"RCPT TO:<unknown@": "550 5.1.1 <unknown@example.com> no such mailbox",
                         ". TO:<full@": "452 4.2.2 over quota", ". TO:<closed@": "554 5.7.1 not for me"}, path=path)
        self.addCleanup(lmtp.__exit__)
        with server:
            self.send("good@example.com", "unknown@example.com", "full@example.com", "closed@example.com")
            report = self.bounce()
            self.assert_logged(server, f' delivered .*to=good@example.com .*host="?mx.test \\[{path}\\]')
            self.assert_logged(server, " delivery-failed .*to=unknown@example.com .*550 5.1.1 <unknown@example.com> no such mailbox")
            self.assert_logged(server, " delivery-deferred .*to=full@example.com .*452 4.2.2 over quota")
            self.assert_logged(server, " delivery-failed .*to=closed@example.com .*554 5.7.1 not for me")
        for address, status, reply in (("unknown", "5.1.1", "550 5.1.1 <unknown@example.com> no such mailbox"),
                                       ("closed", "5.7.1", "554 5.7.1 not for me")):
            self.assertIn(f"Final-Recipient: rfc822; {address}@example.com\nAction: failed\nStatus: {status}\n"
                          f"Remote-MTA: dns; mx.test ({path})\nDiagnostic-Code: smtp; {reply}\n", report)
        for address in ("good", "full"):
            self.assertNotIn(f"Final-Recipient: rfc822; {address}@example.com", report)
        [(sender, taken, text)] = lmtp.messages
        self.assertEqual((sender, taken), ("sender@other.test", ["good@example.com"]))
        self.assertTrue(text.endswith(b"\r\n" + BODY.encode()), text)
        self.assertFalse(text.startswith(b"Return-Path"), "the LMTP server writes it")

    def test_lmtp_without_a_server_waits(self):
        with self.start("lmtp:./lmtp") as server:
            self.send("good@example.com")
            self.assert_logged(server, " delivery-deferred .*to=good@example.com .*cannot connect: No such file or directory")

    # --- what is none

    def test_check_shows_the_key(self):
        with Configuration("#{}", extra='  config.delivery.transport = "lmtp:localhost";') as configuration:
            done = sluice("check", "-c", configuration.root)
        self.assertEqual(done.returncode, 1)
        self.assertIn("In the 'config.delivery.transport' configuration, 'localhost' has no port", done.stdout)
        self.assertIn('config.delivery.transport = "lmtp:localhost";', done.stdout)


if __name__ == "__main__":
    unittest.main()
