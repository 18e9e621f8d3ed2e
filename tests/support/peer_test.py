"""What tests with real servers have in common: a message in which much can go wrong, and what became of it."""

import re
import unittest

from .maildir import wait_for_messages
from .smtp import Connection
from .waiting import queued, wait_until

# Nothing in it that a relay may add, so that all of it must come through.
HEADER = b"""From: a@here.test\r
To: undisclosed-recipients:;\r
Date: Sun, 22 Nov 2026 10:00:00 +0000\r
Message-ID: <whole@here.test>\r
Subject: a folded\r
\tsubject  with   blanks \r
\r
"""
WHOLE = HEADER + (b"caf\xe9 \xff\xfe\r\n" + b"x" * 998 + b"\r\n.\r\n..\r\n.dot\r\n..two\r\nFrom the beginning\r\n\ttab and blanks \t \r\n\r\n"
                  b"=20\r\n\r\n\r\n")


class PeerTest(unittest.TestCase):
    """`configuration` is that of the Sluice in the test, `parties` those whose logs are told when the test fails."""

    configuration = None
    parties = ()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            for party in self.parties:
                print(f"--- log of {getattr(party, 'name', 'sluice')} ({self.id()})\n{party.log()}", flush=True)
        return result

    @property
    def sender(self):
        """A mailbox for reports of this test only."""
        return f"{type(self).__name__}.{self._testMethodName}@here.test"

    def send(self, *to, body=WHOLE, sender=None, mail="", rcpt="", via=None):
        """To Sluice, or to the peer `via`."""
        address, port = (via.address, via.port) if via else (self.configuration.address, self.configuration.relay)
        with Connection(address, port) as connection:
            connection.greeting()
            connection.ehlo()
            stuffed = re.sub(rb"(?m)^\.", b"..", body)
            self.assertRegex(connection.send_message(sender or self.sender, *to, body=stuffed, mail=mail, rcpt=rcpt), "^250")

    def arrived(self, party, address):
        """The only message in that mailbox, once it comes."""
        found = wait_for_messages(party.mailbox(address), 1)
        self.assertEqual(len(found), 1, address)
        return found[0]

    def report(self):
        """The only report to the sender, lines of folded fields joined. It may quote octets that are no UTF-8."""
        text = re.sub("\n[ \t]+", " ", self.arrived(self.configuration, self.sender).decode("latin-1"))
        self.wait_until_empty()
        self.arrived(self.configuration, self.sender)
        return text

    def wait_until_empty(self):
        """Until Sluice has no message any more."""
        self.assertTrue(wait_until(lambda: not queued(self.configuration)), queued(self.configuration))

    def assert_whole(self, message, original=WHOLE):
        """That lines end as in a Maildir and it has grown at its beginning only."""
        self.assertTrue(message.endswith(b"\n" + original.replace(b"\r\n", b"\n")), message)

    def assert_logged(self, party, pattern):
        """What there is of it in the log of that party, once it comes."""
        self.assertTrue(wait_until(lambda: re.search(pattern, party.log(), re.MULTILINE)), pattern)
        return re.search(pattern, party.log(), re.MULTILINE)[0]
