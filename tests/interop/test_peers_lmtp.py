"""Dovecot's LMTP as the next hop, over TCP and over a local socket."""

import re
import unittest

from support import Configuration, Server, messages
from support.dovecot import Dovecot
from support.peer_test import HEADER, WHOLE, PeerTest

RETRY = 'config.delivery.retry = #{ first_wait: "1s", longest_wait: "1s", expiry: "5d", delay_warning: "4h" };\n'
ACCEPT = '#{ rcpt: [ rule "our mail" || state::accept() ] }'


def setUpModule():
    mailboxes = {f"{name}@{domain}": 1000 if name == "full" else None
                 for domain in ("tcp.test", "socket.test") for name in ("jane", "joe", "good", "full", "told", "back")}
    OverTcp.dovecot = Dovecot(mailboxes)
    unittest.addModuleCleanup(OverTcp.dovecot.close)


class OverTcp(PeerTest):
    domain = "tcp.test"
    dovecot = None

    @classmethod
    def target(cls):
        """Where config.delivery.transport leads, and how the log names it."""
        return f"{cls.dovecot.address}:{cls.dovecot.port}", cls.dovecot.address

    @classmethod
    def setUpClass(cls):
        cls.configuration = Configuration(extra=RETRY + f'config.delivery.transport = "lmtp:{cls.target()[0]}";')
        cls.addClassCleanup(cls.configuration.__exit__)
        cls.configuration.domain(cls.domain, incoming=ACCEPT)
        cls.server = Server(cls.configuration)
        cls.addClassCleanup(cls.server.__exit__, None)
        cls.parties = (cls.server, cls.dovecot)

    def test_the_message_arrives_whole(self):
        addresses = [f"{name}@{self.domain}" for name in ("jane", "joe")]
        self.send(*addresses, mail=" BODY=8BITMIME")
        for address in addresses:
            message = self.arrived(self.dovecot, address)
            self.assert_whole(message)
            self.assertTrue(message.startswith(f"Return-Path: <{self.sender}>\n".encode()), message)
            self.assert_logged(self.server, rf" delivered .*to={address} .*\[{re.escape(self.target()[1])}\]")
        self.wait_until_empty()

    def test_each_recipient_has_its_own_reply(self):
        good, unknown, full = (f"{name}@{self.domain}" for name in ("good", "unknown", "full"))
        self.send(full, unknown, good)
        self.assert_whole(self.arrived(self.dovecot, good))
        report = self.report()
        self.assertIn(f"Final-Recipient: rfc822; {unknown}\nAction: failed\nStatus: 5.1.1\n", report)
        self.assertIn(f"Diagnostic-Code: smtp; 550 5.1.1 <{unknown}> User doesn't exist: {unknown}\n", report)
        self.assertIn(f"Final-Recipient: rfc822; {full}\nAction: failed\nStatus: 5.2.2\n", report)
        self.assertIn(f"Diagnostic-Code: smtp; 552 5.2.2 <{full}> Quota exceeded (mailbox for user is full)\n", report)
        self.assertNotIn(f"Final-Recipient: rfc822; {good}", report)
        self.assertEqual(messages(self.dovecot.mailbox(full)), [])
        self.assertEqual(len(messages(self.dovecot.mailbox(good))), 1)

    def test_success_is_told_by_sluice(self):
        self.send(f"told@{self.domain}", body=HEADER, rcpt=" NOTIFY=SUCCESS")
        self.assertIn(f"Final-Recipient: rfc822; told@{self.domain}\nAction: delivered\nStatus: 2.0.0\n", self.report())

    def test_it_stops_and_comes_back(self):
        address = f"back@{self.domain}"
        self.dovecot.stop()
        try:
            self.send(address, body=WHOLE)
            self.assert_logged(self.server, rf" delivery-deferred .*to={address} .*cannot connect")
        finally:
            self.dovecot.start()
        self.assert_whole(self.arrived(self.dovecot, address))
        self.wait_until_empty()
        self.assertEqual(len(messages(self.dovecot.mailbox(address))), 1)


class OverSocket(OverTcp):
    domain = "socket.test"

    @classmethod
    def target(cls):
        return cls.dovecot.socket, cls.dovecot.socket


if __name__ == "__main__":
    unittest.main()
