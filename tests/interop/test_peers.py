"""Real servers as next hops and as clients: Postfix, Exim, Dovecot's LMTP; smtp-source and swaks as clients.

One Sluice, one Postfix and one Exim serve all tests but those of Dovecot. Both peers send what is not theirs to Sluice, so
that reports come back the way they went. Mail for a domain of ROUTES goes to a peer, all other mail to Maildirs of Sluice.
"""

import email
import re
import subprocess
import unittest

from support import Configuration, Server, messages, wait_for_messages
from support.exim import Exim
from support.name_server import A, MX, RESOLVER, NameServer
from support.peer import program
from support.peer_test import HEADER, WHOLE, PeerTest
from support.postfix import INSTALL, Postfix
from support.waiting import wait_until

RETRY = 'config.delivery.retry = #{ first_wait: "1s", longest_wait: "1s", expiry: "5d", delay_warning: "4h" };\n'
SMALL = 20_000  # what the smaller listener of Postfix takes
RELAYHOST = """relayhost = [{0}]:{1}
smtp_tls_security_level = may
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"""
PER_CONNECTION = 2  # messages that Exim takes before it says 421
# Domains of Postfix's further listeners.
LISTENERS = {"small": {"message_size_limit": SMALL}, "clear": {"smtpd_tls_security_level": "none"},
             "broken": {"smtpd_tls_protocols": "<=TLSv1.1"}, "ascii": {"smtputf8_enable": "no"},
             "far": {"cleanup_service_name": "cleanup-far"}}
MAILBOXES = ("jane", "joe", "back", "jürgen")


class Peers:
    """Who takes part in most tests."""

    def __init__(self, add_cleanup):
        self.configuration = Configuration(None)
        add_cleanup(self.configuration.__exit__)
        here = self.configuration
        mailboxes = [f"{each}@{name}postfix.test" for each in MAILBOXES for name in ("", *(f"{key}." for key in LISTENERS))]
        self.postfix = Postfix(RELAYHOST.format(here.address, here.relay), [*mailboxes, "@load.postfix.test"], LISTENERS,
                               master="cleanup-far unix n - n - 0 cleanup\n  -o hopcount_limit=100\n", tls=True)
        add_cleanup(self.postfix.close)
        self.exim = Exim(f"smtp_accept_max_per_connection = {PER_CONNECTION}",
                         mailboxes=["jane@exim.test", "joe@exim.test", "jane@mx.example", "@load.exim.test"],
                         smarthost=(here.address, here.relay), relay="hosts_require_tls = *\n  tls_sni = mx.test\n  tls_verify_hosts =")
        add_cleanup(self.exim.close)
        # The first exchanger of mx.example does not answer.
        names = NameServer("127.0.0.1", delay=0, records={
            ("mx.example", MX): [(10, "down.example"), (20, "up.example")],
            ("down.example", A): ["127.255.255.254"], ("up.example", A): [self.exim.address]})
        add_cleanup(names.close)
        here.configure(RETRY + 'config.delivery.connection_idle = "1s";\n' + RESOLVER.format("127.0.0.1", names.port)
                       + f"config.delivery.port = {self.exim.port}; config.delivery.loopback = true;")
        here.write("filter.vsl", self.rules())
        here.certificate("mx.test")
        here.domain("mx.test", default=True)
        self.server = Server(here)
        add_cleanup(lambda: self.server.__exit__(None))

    def rules(self):
        routes = {f"{name}.postfix.test": self.postfix.ports[name] for name in LISTENERS}
        routes |= {"loop.test": self.postfix.port, "far-loop.test": self.postfix.ports["far"],
                   "postfix.test": self.postfix.port, "load.postfix.test": self.postfix.port,
                   "exim.test": self.exim.port, "load.exim.test": self.exim.port}
        lines = "".join(f'    if ctx::rcpt().domain == "{domain}" {{ transport::forward(ctx::rcpt(), "smtp://{self.postfix.address}:{port}") }}\n'
                        for domain, port in routes.items())
        return f"""#{{
  rcpt: [ rule "to the peers" || {{
{lines}    if ctx::rcpt().domain == "mx.example" {{ transport::deliver(ctx::rcpt()) }}
    state::accept()
  }} ],
}}"""


def setUpModule():
    PeersTest.peers = peers = Peers(unittest.addModuleCleanup)
    PeersTest.parties = (peers.server, peers.postfix, peers.exim)
    PeersTest.configuration = peers.configuration


class PeersTest(PeerTest):
    peers = None


class ToPostfix(PeersTest):
    def test_the_message_arrives_whole_and_under_tls(self):
        self.send("jane@postfix.test", "joe@postfix.test", mail=" BODY=8BITMIME")
        for address in ("jane@postfix.test", "joe@postfix.test"):
            message = self.arrived(self.peers.postfix, address)
            self.assert_whole(message)
            self.assertIn(f"Return-Path: <{self.sender}>\n".encode(), message)
            self.assertRegex(message, rb"\nReceived: from mx\.test .*\n\t\(using TLSv1\.3 with cipher ")
        self.wait_until_empty()

    def test_a_recipient_that_is_refused(self):
        self.send("joe@small.postfix.test", "nobody@small.postfix.test", body=HEADER)
        self.assert_whole(self.arrived(self.peers.postfix, "joe@small.postfix.test"), HEADER)
        report = self.report()
        self.assertIn("Final-Recipient: rfc822; nobody@small.postfix.test\nAction: failed\nStatus: 5.1.1\n", report)
        self.assertIn("Diagnostic-Code: smtp; 550 5.1.1 <nobody@small.postfix.test>: Recipient address rejected: "
                      "User unknown in virtual mailbox table\n", report)
        self.assertNotIn("Final-Recipient: rfc822; joe@", report)

    def test_postfix_reports_success(self):
        self.send("jane@clear.postfix.test", mail=" RET=HDRS ENVID=QQ+2B1", rcpt=" NOTIFY=SUCCESS ORCPT=rfc822;first@here.test")
        self.assert_logged(self.peers.postfix, "sender delivery status notification")
        report = self.report()
        self.assertIn("Reporting-MTA: dns; postfix.test\nOriginal-Envelope-Id: QQ+1\n", report)
        self.assertIn("Original-Recipient: rfc822;first@here.test\nAction: delivered\nStatus: 2.0.0\n", report)
        self.assertNotIn("From the beginning", report)

    def test_without_tls(self):
        self.send("joe@clear.postfix.test")
        message = self.arrived(self.peers.postfix, "joe@clear.postfix.test")
        self.assert_whole(message)
        self.assertIn(b" with ESMTP id ", message)
        self.assertNotIn(b"(using TLS", message)

    def test_tls_that_does_not_work(self):
        self.send("jane@broken.postfix.test")
        message = self.arrived(self.peers.postfix, "jane@broken.postfix.test")
        self.assert_whole(message)
        self.assertNotIn(b"(using TLS", message)
        self.assert_logged(self.peers.postfix, "SSL_accept error")

    def test_a_message_that_is_too_large(self):
        text = HEADER + b"0123456789abcdef\r\n" * (SMALL // 18)
        self.send("jane@small.postfix.test", body=text)
        report = self.report()
        self.assertIn("Final-Recipient: rfc822; jane@small.postfix.test\nAction: failed\nStatus: 5.3.4\n", report)
        self.assertRegex(report, rf"the message has \d+ octets, the next hop takes {SMALL}\b")
        self.assertEqual(messages(self.peers.postfix.mailbox("jane@small.postfix.test")), [])

    def test_a_large_message_by_bdat(self):
        text = WHOLE + b".line of a large message\r\n" * 10_000
        self.send("jane@far.postfix.test", body=text)
        self.assert_whole(self.arrived(self.peers.postfix, "jane@far.postfix.test"), text)
        self.assert_logged(self.peers.postfix, r"disconnect from .* bdat=1 ")

    def test_smtputf8(self):
        text = HEADER.replace(b"a folded", "Grüße".encode()) + "Grüße\r\n".encode()
        self.send("jürgen@postfix.test", sender="grüße@here.test", body=text, mail=" SMTPUTF8 BODY=8BITMIME")
        message = self.arrived(self.peers.postfix, "jürgen@postfix.test")
        self.assert_whole(message, text)
        self.assertIn("Return-Path: <grüße@here.test>\n".encode(), message)
        self.assertIn(b" with UTF8SMTPS ", message)

    def test_smtputf8_to_a_server_without(self):
        self.send("jürgen@ascii.postfix.test", body=HEADER, mail=" SMTPUTF8")
        report = self.report()
        self.assertIn("Status: 5.6.7\n", report)
        self.assertIn("the next hop does not offer SMTPUTF8", report)

    def test_it_stops_and_comes_back(self):
        self.peers.postfix.stop()
        try:
            self.send("back@postfix.test")
            self.assert_logged(self.peers.server, r" delivery-deferred .*to=back@postfix\.test .*cannot connect")
        finally:
            self.peers.postfix.start()
        self.assert_whole(self.arrived(self.peers.postfix, "back@postfix.test"))
        self.wait_until_empty()
        self.assertEqual(len(messages(self.peers.postfix.mailbox("back@postfix.test"))), 1)


class ToExim(PeersTest):
    def test_the_message_arrives_whole_and_under_tls(self):
        self.send("jane@exim.test", "joe@exim.test", mail=" BODY=8BITMIME")
        for address in ("jane@exim.test", "joe@exim.test"):
            message = self.arrived(self.peers.exim, address)
            self.assert_whole(message)
            self.assertRegex(message, rb"\tby exim\.test with esmtps +\(TLS1\.3\) ")
        self.wait_until_empty()

    def test_by_mx_past_one_that_does_not_answer(self):
        self.send("jane@mx.example")
        self.assert_whole(self.arrived(self.peers.exim, "jane@mx.example"))
        self.assert_logged(self.peers.server, rf" delivered .*to=jane@mx\.example .*host=\"up\.example \[{self.peers.exim.address}\]\"")

    def test_a_recipient_that_is_refused(self):
        self.send("bystander@load.exim.test", "nobody@exim.test", body=HEADER)
        report = self.report()
        self.assertIn("Final-Recipient: rfc822; nobody@exim.test\nAction: failed\nStatus: 5.0.0\n", report)
        self.assertIn("Diagnostic-Code: smtp; 550 no such user here\n", report)
        self.assertNotIn("Final-Recipient: rfc822; bystander@", report)
        self.assert_logged(self.peers.exim, r"=> .*<bystander@load\.exim\.test>")

    def test_sluice_reports_that_it_was_relayed(self):
        self.send("success@load.exim.test", mail=" RET=HDRS ENVID=QQ1", rcpt=" NOTIFY=SUCCESS")
        report = self.report()
        self.assertIn("Original-Envelope-Id: QQ1\nReporting-MTA: dns; mx.test\n", report)
        self.assertIn("Final-Recipient: rfc822; success@load.exim.test\nAction: relayed\nStatus: 2.", report)

    def test_a_large_message_by_bdat(self):
        text = WHOLE + b".line of a large message\r\n" * 10_000
        self.send("large@load.exim.test", body=text)
        self.assert_logged(self.peers.exim, rf"<= {self.sender} .* K .*for large@load\.exim\.test$")
        self.assert_logged(self.peers.exim, r"=> .*<large@load\.exim\.test>")
        found = [each for each in messages(self.peers.exim.mailbox("@load.exim.test")) if b"\nEnvelope-to: large@" in each]
        self.assertEqual(len(found), 1)
        self.assert_whole(found[0], text)


class ThroughSluice(PeersTest):
    """The peers as clients."""

    def test_postfix_relays(self):
        self.send("jane@here.test", "joe@here.test", via=self.peers.postfix, mail=" BODY=8BITMIME")
        for address in ("jane@here.test", "joe@here.test"):
            message = self.arrived(self.configuration, address)
            self.assert_whole(message)
            self.assertRegex(message, rb"\nReceived: from postfix\.test .*\n\tby mx\.test with ESMTPS\n")

    def test_exim_relays_under_tls(self):
        self.send("jane@there.test", "joe@there.test", via=self.peers.exim, mail=" BODY=8BITMIME")
        for address in ("jane@there.test", "joe@there.test"):
            message = self.arrived(self.configuration, address)
            self.assert_whole(message)
            self.assertRegex(message, rb"\nReceived: from exim\.test .*\n\tby mx\.test with ESMTPS\n")
            self.assert_logged(self.peers.exim, rf"[-=]> {address} .* X=TLS1\.3:.* K C=\"250")

    def test_a_large_message_of_postfix(self):
        text = WHOLE + b".line of a large message\r\n" * 50_000
        self.send("large@here.test", body=text, via=self.peers.postfix)
        self.assert_whole(self.arrived(self.configuration, "large@here.test"), text)

    def test_postfix_passes_smtputf8_on(self):
        text = HEADER.replace(b"a folded", "Grüße".encode()) + "Grüße\r\n".encode()
        self.send("jürgen@here.test", sender="grüße@there.test", body=text, mail=" SMTPUTF8 BODY=8BITMIME", via=self.peers.postfix)
        # Postfix passes ORCPT=rfc822;j+C3+BCrgen@here.test on.
        self.assertIn("status=sent", self.assert_logged(self.peers.postfix, "to=<jürgen@here.test>, .* status=.*"))
        message = self.arrived(self.configuration, "jürgen@here.test")
        self.assert_whole(message, text)
        self.assertIn("Return-Path: <grüße@there.test>\n".encode(), message)

    def test_sluice_reports_success_to_a_sender_behind_postfix(self):
        self.send("told@here.test", mail=" ENVID=QQ1", rcpt=" NOTIFY=SUCCESS ORCPT=rfc822;first@here.test", via=self.peers.postfix)
        report = self.report()
        self.assertIn("Original-Envelope-Id: QQ1\nReporting-MTA: dns; mx.test\n", report)
        self.assertIn("Original-Recipient: rfc822; first@here.test\nFinal-Recipient: rfc822; told@here.test\nAction: delivered\n", report)

    def test_postfix_waits_for_sluice(self):
        self.assertEqual(self.peers.server.stop(), 0)
        try:
            self.send("later@here.test", via=self.peers.postfix)
            self.assert_logged(self.peers.postfix, r"to=<later@here\.test>, .*status=deferred \(connect to .*Connection refused\)")
        finally:
            self.peers.server = Server(self.configuration)
            PeersTest.parties = (self.peers.server, *self.parties[1:])
        self.assert_whole(self.arrived(self.configuration, "later@here.test"))

    def test_what_sluice_refuses_postfix_reports(self):
        limit = 10_000_000
        self.send("large@there.test", body=HEADER + b"0123456789abcdef\r\n" * (limit // 18 + 1), via=self.peers.postfix)
        report = self.report()
        self.assertIn("Reporting-MTA: dns; postfix.test\n", report)
        self.assertIn("Final-Recipient: rfc822; large@there.test\n", report)
        self.assertIn("Status: 5.3.4\n", report)
        self.assertEqual(messages(self.configuration.mailbox("large@there.test")), [])


class Loops(PeersTest):
    """Sluice forwards to Postfix, which forwards to Sluice."""

    def received(self):
        report = self.report()
        return report, len(re.findall("(?m)^Received: ", report[report.index("Final-Recipient:"):]))

    def test_postfix_ends_it(self):
        self.send("jane@loop.test", body=HEADER)
        report, received = self.received()
        self.assertIn("Reporting-MTA: dns; mx.test\n", report)
        self.assertIn("Final-Recipient: rfc822; jane@loop.test\nAction: failed\nStatus: 5.4.0\n", report)
        self.assertIn("Diagnostic-Code: smtp; 554 5.4.0 Error: too many hops\n", report)
        self.assertEqual(received, 49)

    def test_sluice_ends_it(self):
        self.send("jane@far-loop.test", body=HEADER)
        report, received = self.received()
        self.assertIn("Reporting-MTA: dns; postfix.test\n", report)
        self.assertIn("Final-Recipient: rfc822; jane@far-loop.test\n", report)
        self.assertIn("Status: 5.4.6\n", report)
        self.assertIn("Diagnostic-Code: smtp; 554 5.4.6 Too many hops: mail loop suspected\n", report)
        self.assertEqual(received, 52)


class Clients(PeersTest):
    """Nothing is lost and nothing comes twice."""

    def smtp_source(self, *options, sessions=10, count=200, size=3000, port=None):
        address = f"inet:{self.configuration.address}:{port or self.configuration.relay}"
        done = subprocess.run([program("/usr/sbin/smtp-source", INSTALL), "-s", str(sessions), "-m", str(count), "-d", "-l", str(size),
                               "-f", self.sender, "-M", "load.test", *options, address], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def assert_each_once(self, party, mailbox, field, count, of=b""):
        def values():
            found = [re.search(rb"(?im)^" + field + rb": (.*)$", each) for each in messages(party.mailbox(mailbox))]
            return [each[1] for each in found if each and of in each[1]]
        self.assertTrue(wait_until(lambda: len(values()) >= count, 40), f"{len(values())} of {count}")
        self.wait_until_empty()
        found = values()
        self.assertEqual((len(found), len(set(found))), (count, count))

    def test_smtp_source_through_sluice_to_postfix(self):
        self.smtp_source("-N", "-t", "many@load.postfix.test")
        self.assert_each_once(self.peers.postfix, "@load.postfix.test", b"X-Original-To", 200, of=b"many@")

    def test_large_messages_through_sluice_to_postfix(self):
        self.smtp_source("-N", "-t", "large@load.postfix.test", count=40, size=200_000)
        self.assert_each_once(self.peers.postfix, "@load.postfix.test", b"X-Original-To", 40, of=b"large@")
        self.assert_logged(self.peers.postfix, r"disconnect from .* bdat=([2-9]|\d\d)")

    def test_smtp_source_through_sluice_to_exim(self):
        self.smtp_source("-N", "-t", "many@load.exim.test", count=50)
        self.assert_each_once(self.peers.exim, "@load.exim.test", b"Envelope-to", 50, of=b"many@")
        self.assert_logged(self.peers.exim, r"too many messages in one connection")

    def test_smtp_source_through_postfix_to_sluice(self):
        self.smtp_source("-t", "many@here.test", count=100, port=self.peers.postfix.port)
        self.assert_each_once(self.configuration, "many@here.test", b"Message-Id", 100)

    def test_one_report_for_all_recipients_of_a_transaction(self):
        self.smtp_source("-r", "5", "-t", "group@clear.postfix.test", sessions=2, count=4)
        report = wait_for_messages(self.configuration.mailbox(self.sender), 4)
        self.assertEqual(len(report), 4, "no such mailboxes: one report for each message")
        for each in report:
            self.assertEqual(each.count(b"\nFinal-Recipient: "), 5)

    def test_swaks_through_sluice_to_both(self):
        here = self.configuration
        done = subprocess.run([program("/usr/bin/swaks", "apt-get install swaks"), "--server", here.address, "--port", str(here.relay),
                               "--tls", "--pipeline", "--helo", "swaks.test", "--from", self.sender,
                               "--to", "joe@far.postfix.test,swaks@load.exim.test", "--header", "Subject: from swaks",
                               "--attach-body", "the text\n.\n..two dots", "--attach", "@" + __file__],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(__file__, "rb") as file:
            own_text = file.read()
        self.assert_logged(self.peers.exim, r"=> .*<swaks@load\.exim\.test>")
        exim, = [each for each in messages(self.peers.exim.mailbox("@load.exim.test")) if b"\nEnvelope-to: swaks@" in each]
        for message in (self.arrived(self.peers.postfix, "joe@far.postfix.test"), exim):
            parsed = email.message_from_bytes(message)
            self.assertEqual(parsed["Subject"], "from swaks")
            text, attached = parsed.get_payload()
            self.assertEqual(text.get_payload(decode=True).strip(), b"the text\n.\n..two dots")
            self.assertEqual(attached.get_payload(decode=True), own_text)
        self.wait_until_empty()


if __name__ == "__main__":
    unittest.main()
