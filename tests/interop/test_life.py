"""Beginning and end of a server: sessions finish at SIGTERM, and what was answered with 250 survives kill -9."""

import os
import re
import stat
import time
import unittest

from support import Configuration, Connection, Server, sluice, wait_for_messages

FILTER = """#{ rcpt: [ rule "anybody" || state::accept() ] }"""


class Life(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration(FILTER)
        self.addCleanup(self.configuration.__exit__)

    def start(self):
        server = Server(self.configuration)
        self.addCleanup(server.__exit__, None)
        return server

    def connect(self):
        connection = Connection(self.configuration.address, self.configuration.relay)
        self.addCleanup(connection.close)
        return connection

    def test_terminate_lets_a_transaction_finish(self):
        server = self.start()
        connection = self.connect()
        connection.greeting()
        connection.ehlo()
        self.assertEqual(connection.command("MAIL FROM:<a@other.net>"), "250 2.1.0 Ok")
        idle = self.connect()
        idle.greeting()
        server.terminate()
        # Nobody waits for a session that has nothing to do.
        self.assertEqual(idle.reply(), ["421 4.3.2 Service shutting down and closing transmission channel"])
        self.assertTrue(idle.at_end())
        self.assertEqual(connection.command("RCPT TO:<b@example.com>"), "250 2.1.5 Ok")
        self.assertEqual(connection.command("DATA"), "354 Start mail input; end with <CRLF>.<CRLF>")
        connection.send(b"Subject: the last\r\n\r\n.\r\n")
        self.assertRegex(connection.reply()[0], "^250 2.0.0 Ok: queued as ")
        self.assertEqual(connection.reply(), ["421 4.3.2 Service shutting down and closing transmission channel"])
        self.assertEqual(server.wait(), 0)
        self.assertRegex(server.log(), r" stopped\s*$")

    def test_no_new_sessions_while_stopping(self):
        server = self.start()
        connection = self.connect()
        connection.greeting()
        connection.ehlo()
        connection.command("MAIL FROM:<a@other.net>")
        server.terminate()
        self.assertTrue(server.wait_for_line(" stopping"))
        end = time.monotonic() + 10
        refused = False
        while not refused and time.monotonic() < end:
            try:
                with Connection(self.configuration.address, self.configuration.relay, timeout=1) as late:
                    refused = late.read_line() is None
            except OSError:
                refused = True
        self.assertTrue(refused)
        connection.command("QUIT")
        self.assertEqual(server.wait(), 0)

    def test_terminate_right_after_the_start(self):
        server = Server(self.configuration)
        self.assertEqual(server.stop(), 0)

    def test_what_is_delivered_at_the_end_is_not_delivered_again(self):
        with self.start():
            with self.connect() as connection:
                connection.greeting()
                connection.ehlo()
                connection.send_message("a@other.net", "b@example.com")
                wait_for_messages(self.configuration.mailbox("b@example.com"), 1)
        with self.start():
            time.sleep(0.3)
        self.assertEqual(len(wait_for_messages(self.configuration.mailbox("b@example.com"), 1)), 1)

    def test_kill_right_after_250(self):
        """Many times: each message that was answered with 250 is in the Maildir after a restart, once."""
        accepted = []
        for round_number in range(8):
            server = Server(self.configuration)
            with self.connect() as connection:
                connection.greeting()
                connection.ehlo()
                for number in range(3):
                    name = f"m{round_number}-{number}"
                    answer = connection.send_message("a@other.net", f"{name}@example.com", body=f"Subject: {name}\r\n\r\n{name}\r\n")
                    self.assertRegex(answer, "^250 2.0.0 Ok: queued as ")
                    accepted.append(name)
                server.kill()
        with self.start():
            for name in accepted:
                found = wait_for_messages(self.configuration.mailbox(f"{name}@example.com"), 1)
                self.assertEqual([message.split(b"\n\n", 1)[1] for message in found], [name.encode() + b"\n"], name)

    def test_kill_before_the_end_of_data(self):
        server = self.start()
        connection = self.connect()
        connection.greeting()
        connection.ehlo()
        connection.command("MAIL FROM:<a@other.net>")
        connection.command("RCPT TO:<b@example.com>")
        connection.command("DATA")
        connection.send(b"Subject: half\r\n\r\nhalf")
        server.kill()
        with self.start():
            time.sleep(0.3)
        self.assertEqual(wait_for_messages(self.configuration.mailbox("b@example.com"), 1, timeout=0), [])

    def test_the_bytes_in_the_maildir(self):
        body = b"Subject: bytes\r\nX-Folded: one\r\n\ttwo  \r\n\r\n" + bytes(range(0x0e, 0x100)) + b"\r\n.dot\r\n..\r\n\r\n\xff\xfe\r\nend"
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in body.split(b"\r\n"))
        with self.start(), self.connect() as connection:
            connection.greeting()
            connection.ehlo()
            connection.command("MAIL FROM:<a@other.net> BODY=8BITMIME")
            connection.command("RCPT TO:<b@example.com>")
            connection.command("DATA")
            connection.send(stuffed + b"\r\n.\r\n")
            identifier = re.fullmatch(r"250 2\.0\.0 Ok: queued as ([0-9a-f-]{36})", connection.reply()[0]).group(1)
            [message] = wait_for_messages(self.configuration.mailbox("b@example.com"), 1)
        trace, _, rest = message.partition(b"Subject: bytes\n")
        self.assertEqual(b"Subject: bytes\n" + rest, body.replace(b"\r\n", b"\n") + b"\n")
        self.assertRegex(trace, rb"^Return-Path: <a@other\.net>\nDelivered-To: b@example\.com\nReceived: from client\.test \(\[127\.[0-9.]+\]\)\n"
                                rb"\tby mx\.test with ESMTP\n\tid " + identifier.encode() + rb"\n\tfor <b@example\.com>;\n\t[^\n]+ \+0000\n$")

    def test_status(self):
        with self.start():
            done = sluice("status", "-c", self.configuration.root)
            self.assertEqual(done.returncode, 0)
            self.assertIn(f"listening {self.configuration.address}:{self.configuration.relay}", done.stdout)
            mode = os.stat(self.configuration.path("run", "sluice.sock")).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o660)
        self.assertEqual(sluice("status", "-c", self.configuration.root).returncode, 3)

    def test_more_connections_than_allowed(self):
        self.configuration.configure("config.server.client_count_max = 2;")
        with self.start():
            first, second = self.connect(), self.connect()
            first.greeting()
            second.greeting()
            third = self.connect()
            self.assertEqual(third.reply(), ["554 5.3.2 Cannot process connection, closing"])
            self.assertTrue(third.at_end())
            first.command("QUIT")
            end = time.monotonic() + 10
            while True:
                with self.connect() as fourth:
                    answer = fourth.reply()
                if answer == ["220 mx.test Service ready"] or time.monotonic() > end:
                    break
            self.assertEqual(answer, ["220 mx.test Service ready"])

    def test_a_rule_that_fails_is_logged_once(self):
        self.configuration.write("filter.vsl", """#{ helo: [ rule "broken" || throw "on purpose" ] }""")
        server = self.start()
        connection = self.connect()
        connection.greeting()
        self.assertEqual(connection.command("HELO x"), "451 4.3.0 Requested action aborted: local error in processing")
        connection.close()
        self.assertIsNotNone(server.wait_for_line("closed"))
        failures = [line for line in server.lines if "rule-failed" in line]
        self.assertEqual(len(failures), 1, failures)
        self.assertRegex(failures[0], 'rule="?broken"?.*on purpose')


if __name__ == "__main__":
    unittest.main()
