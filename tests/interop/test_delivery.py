"""From the client to the next hop: one outcome for each recipient, and what the sender is told of it."""

import json
import threading
import time
import unittest

from support import Configuration, Connection, Server, SmtpSink, sluice, wait_for_messages
from support.waiting import queued, wait_until

# Recipients of away.test go to the sink; senders' mailboxes are here.
FILTER = """#{
  rcpt: [ rule "all" || {
    if ctx::rcpt().domain == "away.test" { transport::forward(ctx::rcpt(), "smtp://%s:%d") }
    state::accept()
  } ],
}
"""
RETRY = 'config.delivery.retry = #{ first_wait: "1s", longest_wait: "1s", expiry: "5d", delay_warning: "4h" };'


class Delivery(unittest.TestCase):
    extra = ""

    def start(self, sink, extra=""):
        self.configuration = Configuration(FILTER % (sink.address, sink.port), extra=extra or self.extra)
        self.addCleanup(self.configuration.__exit__)
        server = Server(self.configuration)
        self.addCleanup(server.__exit__, None)
        return server

    def sink(self, replies=None, **options):
        sink = SmtpSink(replies, **options)
        self.addCleanup(sink.__exit__)
        return sink

    def send(self, *to, sender="a@here.test", text=b"Subject: x\r\n\r\nhello\r\n", mail="", rcpt=""):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            connection.command(f"MAIL FROM:<{sender}>{mail}")
            for each in to:
                self.assertRegex(connection.command(f"RCPT TO:<{each}>{rcpt}"), "^250")
            connection.command("DATA")
            connection.send(text + b".\r\n")
            self.assertRegex(connection.reply()[0], "^250")

    def reports(self, count=1, to="a@here.test"):
        return wait_for_messages(self.configuration.mailbox(to), count)

    def listed(self):
        return queued(self.configuration)

    def wait_until_empty(self):
        self.assertTrue(wait_until(lambda: not self.listed()), self.listed())

    def wait_until_dead(self):
        self.assertTrue(wait_until(lambda: [each["queue"] for each in self.listed()] == ["dead"]), self.listed())


class Relaying(Delivery):
    def test_the_message_arrives_as_it_came(self):
        sink = self.sink()
        server = self.start(sink)
        self.send("b@away.test", "c@away.test", text=b"Subject: x\r\n\r\n..dot\r\ncaf\xe9\r\n")
        (sender, recipients, text), = sink.wait_for(1)
        self.assertEqual((sender, recipients), ("a@here.test", ["b@away.test", "c@away.test"]))
        self.assertRegex(text, rb"(?s)^Received: from .*\r\nSubject: x\r\n\r\n\.dot\r\ncaf\xe9\r\n$")
        self.assertIn("MAIL FROM:<a@here.test> SIZE=", [c for c in sink.commands if c.startswith("MAIL")][0] + " ")
        self.wait_until_empty()
        self.assertTrue(server.wait_for_line(r" delivered id=\S+ to=c@away.test .*host=\"\S+ \[\S+\]\""))

    def test_one_connection_carries_many(self):
        sink = self.sink()
        self.start(sink, extra="config.delivery.connections = 1;")
        for _ in range(20):
            self.send("b@away.test")
        self.assertEqual(len(sink.wait_for(20)), 20)
        self.assertEqual(sink.connections, 1)
        self.wait_until_empty()


class Outcomes(Delivery):
    extra = RETRY

    def test_each_recipient_has_its_own(self):
        sink = self.sink({"RCPT TO:<nobody@": "550 5.1.1 no such user here", "RCPT TO:<later@": ["450 4.2.1 busy", "250 ok"]})
        self.start(sink)
        self.send("good@away.test", "nobody@away.test", "later@away.test")
        messages = sink.wait_for(2)
        self.assertEqual([each[1] for each in messages], [["good@away.test"], ["later@away.test"]])
        report, = self.reports()
        self.assertIn(b"Final-Recipient: rfc822; nobody@away.test", report)
        self.assertIn(b"550 5.1.1 no such user here", report)
        self.assertIn(b"Status: 5.1.1", report)
        self.assertNotIn(b"good@away.test", report)
        self.wait_until_empty()
        self.assertEqual(len(self.reports()), 1)

    def test_a_refusal_of_the_content(self):
        sink = self.sink({".": "554 5.7.1 this is spam"})
        self.start(sink)
        self.send("b@away.test", "c@away.test")
        report, = self.reports()
        self.assertEqual(report.count(b"Final-Recipient:"), 2)
        self.assertIn(b"554 5.7.1 this is spam", report)
        self.wait_until_empty()

    def test_a_later_refusal_is_told_when_it_comes(self):
        sink = self.sink({".": ["451 4.3.0 try again", "550 5.0.0 no"]})
        self.start(sink)
        self.send("b@away.test")
        report, = self.reports()
        self.assertIn(b"550 5.0.0 no", report)
        self.assertEqual(sink.commands.count("."), 2)

    def test_cut_off_at_the_end_it_is_sent_again(self):
        sink = self.sink({".": [None, "250 2.0.0 taken"]})
        self.start(sink)
        self.send("b@away.test")
        self.assertEqual(len(sink.wait_for(1)), 1)
        self.wait_until_empty()
        self.assertEqual(sink.commands.count("."), 2)

    def test_nobody_is_told_of_a_report(self):
        sink = self.sink({"RCPT": "550 5.1.1 no"})
        self.start(sink)
        self.send("b@away.test", sender="")
        self.assertTrue(sink.wait_for_command("RCPT"))
        self.wait_until_dead()

    def test_a_host_that_refuses_everybody(self):
        sink = self.sink({"CONNECT": "554 5.3.2 go away"})
        self.start(sink)
        self.send("b@away.test")
        report, = self.reports()
        self.assertIn(b"554 5.3.2 go away", report)

    def test_expiry(self):
        sink = self.sink({"RCPT": "450 4.2.1 busy"})
        self.start(sink, extra=RETRY.replace('"5d"', '"2s"'))
        self.send("b@away.test")
        report, = self.reports()
        self.assertIn(b"Status: 4.4.7", report)
        self.assertIn(b"450 4.2.1 busy", report)

    def test_delay(self):
        sink = self.sink({"RCPT": "450 4.2.1 busy"})
        self.start(sink, extra=RETRY.replace('"4h"', '"1s"'))
        self.send("b@away.test")
        report, = self.reports()
        self.assertIn(b"Action: delayed", report)
        self.assertTrue(sink.wait_for_command("RCPT", 5))
        self.assertEqual(len(self.reports()), 1)  # once


class Split(Delivery):
    def test_the_sender_is_told_of_the_part_that_was_refused(self):
        with Configuration('#{ rcpt: [ rule "all" || state::next() ] }') as configuration:
            self.configuration = configuration
            accept = '#{ rcpt: [ rule "all" || state::accept() ], preq: [ rule "%s" || %s ] }'
            configuration.domain("one.test", incoming=accept % ("take", "state::accept()"))
            configuration.domain("two.test", incoming=accept % ("refuse", 'state::deny(code(554, "5.7.1", "no such mail"))'))
            with Server(configuration):
                self.send("b@one.test", "c@two.test")
                self.assertEqual(len(wait_for_messages(configuration.mailbox("b@one.test"), 1)), 1)
                report, = self.reports()
                self.assertIn(b"Final-Recipient: rfc822; c@two.test", report)
                self.assertIn(b"Status: 5.7.1", report)
                self.assertIn(b"no such mail", report)
                self.wait_until_empty()


class BackPressure(Delivery):
    def test_a_spool_that_holds_enough(self):
        sink = self.sink({"RCPT": "451 4.2.1 later"})
        self.start(sink, extra="config.server.queues.messages_max = 2;")
        self.send("b@away.test")
        self.send("b@away.test")
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            self.assertRegex(connection.command("MAIL FROM:<a@here.test>"), "^452 4.3.1")

    def test_more_than_can_be_delivered(self):
        """Only lower bounds of time: senders are slowed while too much is under way, and not when it is done."""
        held = threading.Event()
        sink = self.sink({"CONNECT": held})
        self.start(sink, extra='config.server.queues = #{ dirpath: "spool", active_max: 2, flow_delay: "2s" };')
        for _ in range(4):  # the last one finds that three are under way
            begin = time.monotonic()
            self.send("b@away.test")
        self.assertGreaterEqual(time.monotonic() - begin, 2)
        status = sluice("status", "-c", self.configuration.root).stdout
        self.assertIn("active=4", status)
        held.set()
        self.assertEqual(len(sink.wait_for(4)), 4)
        self.assertTrue(wait_until(lambda: "active=0" in sluice("status", "-c", self.configuration.root).stdout))


class NoWay(Delivery):
    def test_no_such_domain_is_told_at_once(self):
        sink = self.sink()
        self.start(sink, extra='config.delivery.remote_transport = "deliver";')
        # .invalid does not exist (RFC 6761), whatever the resolver of this machine is.
        self.configuration.write("filter.vsl", '#{ rcpt: [ rule "all" || state::accept() ] }')
        self.send("b@[127.0.0.1]", sender="a@[127.0.0.2]")
        self.wait_until_dead()
        self.assertIn("only addresses that no mail can be sent to", json.dumps(self.listed()))

    def test_never_to_oneself(self):
        with Configuration("", tls=False) as configuration:
            configuration.write("filter.vsl", """#{ rcpt: [ rule "all" || {
                transport::forward_all("smtp://%s:%d"); state::accept() } ] }""" % (configuration.address, configuration.relay))
            self.configuration = configuration
            with Server(configuration) as server:
                self.send("b@away.test", sender="")
                self.assertTrue(server.wait_for_line(r" delivery-failed .*5\.4\.6 mail for \S+ loops back to this server"))


if __name__ == "__main__":
    unittest.main()
