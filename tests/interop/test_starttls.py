"""STARTTLS on the wire: tests 13 to 16 of tls.md 8.1, byte by byte over a socket."""

import time
import unittest

from support import Configuration, Connection, Server, wait_for_messages

INJECTED = b"STARTTLS\r\nMAIL FROM:<x@y.test>\r\n"


class Starttls(unittest.TestCase):
    extra = ""
    filter = """#{ rcpt: [ rule "only under TLS" || if ctx::is_secured() { state::accept() } else { state::deny() } ] }"""

    @classmethod
    def setUpClass(cls):
        cls.configuration = Configuration(cls.filter, cls.extra)
        cls.addClassCleanup(cls.configuration.__exit__)
        cls.configuration.certificate("example.com")
        cls.configuration.domain("example.com", incoming=cls.filter)
        cls.server = Server(cls.configuration)
        cls.addClassCleanup(cls.server.__exit__, None)

    def connect(self, kind="relay", **options):
        connection = Connection(self.configuration.address, getattr(self.configuration, kind), **options)
        self.addCleanup(connection.close)
        return connection


class Rejecting(Starttls):
    def test_13_injected_command(self):
        for before in (b"", b"EHLO client.test\r\n"):
            connection = self.connect()
            connection.greeting()
            connection.send(before + INJECTED)
            if before:
                self.assertEqual(connection.reply()[0], "250-mx.test")
            self.assertEqual(connection.reply(), ["554 5.5.0 Error: data received after STARTTLS, closing connection"])
            self.assertTrue(connection.at_end())
        self.assertTrue(self.server.wait_for_line(r"starttls-injection .*MAIL FROM"), self.server.log())

    def test_13_split_at_every_byte(self):
        for split in range(1, len(INJECTED)):
            with self.subTest(split=split):
                connection = self.connect()
                connection.greeting()
                connection.send(INJECTED[:split])
                time.sleep(0.01)
                try:
                    connection.send(INJECTED[split:])
                    lines = []
                    while (line := self.text_line(connection)) is not None:
                        lines.append(line)
                except ConnectionError:
                    lines = lines[:1]
                # Either it was noticed at STARTTLS, or the TLS engine got the rest and made an end of it.
                self.assertIn(lines, (["554 5.5.0 Error: data received after STARTTLS, closing connection"], ["220 TLS go ahead"]))
                connection.close()

    @staticmethod
    def text_line(connection):
        """None at the end, and for the alert the TLS engine sends."""
        try:
            return connection.read_line()
        except AssertionError:
            return None

    def test_14_plain_text_on_the_implicit_port(self):
        connection = self.connect("implicit")
        connection.send(b"EHLO client.test\r\n")
        answer = b""
        while data := connection.socket.recv(1000):
            answer += data
        self.assertEqual(answer[:1], b"\x15", "a TLS alert, no SMTP text")
        self.assertEqual(answer[-2:], b"\x02\x46", "fatal, protocol_version")

    def test_16_sequence_of_commands(self):
        connection = self.connect()
        connection.greeting()
        self.assertIn("STARTTLS", connection.ehlo())
        self.assertEqual(connection.command("STARTTLS now"), "501 5.5.4 Syntax: STARTTLS")
        self.assertEqual(connection.command("MAIL FROM:<a@other.net>"), "250 2.1.0 Ok")
        self.assertEqual(connection.command("STARTTLS"), "503 5.5.1 STARTTLS not allowed in a mail transaction")
        self.assertEqual(connection.command("RSET"), "250 2.0.0 Ok")
        self.assertEqual(connection.command("STARTTLS"), "220 TLS go ahead")
        connection.start_tls("example.com")
        self.assertEqual(connection.command("MAIL FROM:<a@other.net>"), "503 5.5.1 Bad sequence of commands")
        self.assertNotIn("STARTTLS", connection.ehlo())
        self.assertEqual(connection.command("STARTTLS"), "554 5.5.1 Error: TLS already active")
        for number in range(3):
            answer = connection.send_message("a@other.net", "b@example.com", body=f"Subject: {number}\r\n\r\n")
            self.assertRegex(answer, r"^250 2\.0\.0 Ok: queued as ")
        found = wait_for_messages(self.configuration.mailbox("b@example.com"), 3)
        self.assertEqual(len(found), 3)
        for message in found:
            self.assertIn(b"with ESMTPS\n", message)
            self.assertRegex(message, rb"\ttls TLS_[A-Z0-9_]+;?\n")

    def test_16_on_the_implicit_port(self):
        connection = self.connect("implicit")
        connection.start_tls("example.com")
        self.assertEqual(connection.greeting(), "220 example.com Service ready")
        self.assertNotIn("STARTTLS", connection.ehlo())
        self.assertEqual(connection.command("STARTTLS"), "554 5.5.1 Error: TLS already active")


class Ignoring(Starttls):
    extra = 'config.server.tls.starttls_injection_policy = "ignore";'

    def test_13_injected_command_is_thrown_away(self):
        connection = self.connect()
        connection.greeting()
        connection.send(INJECTED)
        self.assertEqual(connection.reply(), ["220 TLS go ahead"])
        connection.start_tls("example.com")
        self.assertEqual(connection.command("NOOP"), "250 2.0.0 Ok")
        connection.ehlo()
        # Had the MAIL been carried out, this one would be out of sequence.
        self.assertEqual(connection.command("MAIL FROM:<a@other.net>"), "250 2.1.0 Ok")


class Stalling(Starttls):
    extra = 'config.server.tls.handshake_timeout = "1s";'

    def test_15_stalled_handshake(self):
        hello = bytes.fromhex("16030100c8010000c40303") + bytes(60)  # less than its length says
        for kind, begin in (("relay", b""), ("relay", hello), ("implicit", b""), ("implicit", hello)):
            with self.subTest(kind=kind, sent=len(begin)):
                connection = self.connect(kind)
                if kind == "relay":
                    connection.greeting()
                    self.assertEqual(connection.command("STARTTLS"), "220 TLS go ahead")
                started = time.monotonic()
                if begin:
                    connection.send(begin)
                rest = connection.socket.recv(1000)
                self.assertNotIn(b"451", rest)
                self.assertGreater(time.monotonic() - started, 0.8)
                self.assertLess(time.monotonic() - started, 3)
        self.assertTrue(self.server.wait_for_line("tls-handshake-timeout"))


if __name__ == "__main__":
    unittest.main()
