"""Rules of postq and delivery: they run when the client has its 250, with what they would have seen during the session."""

import json
import re
import time
import unittest

from support import Configuration, Connection, Server, SmtpSink, sluice, wait_for_messages
from support.name_server import RESOLVER, NameServer

BROKEN = 'postq: [ rule "broken" || { let n = 0; let m = 1 / n; state::next() } ],'
RCPT = 'rcpt: [ rule "every recipient" || state::accept() ],'


class QueueStages(unittest.TestCase):
    def start(self, rules, extra="", **options):
        self.configuration = Configuration("#{ " + RCPT + rules + " }", extra=extra, **options)
        self.addCleanup(self.configuration.__exit__)
        return self.server()

    def server(self):
        server = Server(self.configuration)
        self.addCleanup(server.__exit__, None)
        return server

    def send(self, *to, sender="a@here.test", text=b"Subject: x\r\n\r\nhello\r\n"):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            connection.command(f"MAIL FROM:<{sender}>")
            for each in to or ("b@there.test",):
                self.assertRegex(connection.command(f"RCPT TO:<{each}>"), "^250")
            connection.command("DATA")
            connection.send(text + b".\r\n")
            reply = connection.reply()[0]
            self.assertRegex(reply, "^250")
            return re.search(r"[0-9a-f-]{36}", reply).group()

    def mail(self, to="b@there.test", count=1):
        return wait_for_messages(self.configuration.mailbox(to), count)

    def listed(self, *filters):
        done = sluice("queue", "list", "--json", "-c", self.configuration.root, *filters)
        return {each["id"]: each for each in json.loads(done.stdout)}

    def wait_until(self, condition):
        end = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), end, self.listed())
            time.sleep(0.02)

    def test_they_see_the_message_with_our_trace_and_edit_it(self):
        self.start("""
          preq: [ rule "first" || state::accept() ],
          postq: [ action "mark" || msg::prepend_header("X-Postq", ctx::client_ip() + " " + ctx::helo()),
                   rule "go on" || state::accept() ],
          delivery: [ action "mark again" || msg::append_header("X-Delivery", msg::count_header("Received").to_string()) ],""")
        self.send(text=b"Subject: x\r\n\r\ncaf\xe9\r\n")
        (text,) = self.mail()
        self.assertRegex(text, rb"(?s)^Return-Path: <a@here.test>\r?\nDelivered-To: b@there.test\r?\nX-Postq: 127\S+ \S+\r?\nReceived: .*Subject: x\r?\nX-Delivery: 1\r?\n\r?\ncaf\xe9")
        self.wait_until(lambda: not self.listed())

    def test_a_large_message_is_edited(self):
        self.start('postq: [ action "mark" || msg::append_header("X-Postq", "yes") ],')
        self.send(text=b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * 20000)
        (text,) = self.mail()
        self.assertIn(b"X-Postq: yes", text)
        self.assertEqual(text.count(b"x" * 70), 20000)
        self.wait_until(lambda: not self.listed())

    def test_transports_and_recipients(self):
        with SmtpSink() as sink:
            self.start("""
              postq: [ action "route" || { envelop::rm_rcpt("gone@there.test"); envelop::add_rcpt("new@there.test") } ],
              delivery: [ action "route one" || { transport::forward("sink@there.test", "smtp://%s:%d") } ],""" % (sink.address, sink.port))
            self.send("b@there.test", "gone@there.test", "sink@there.test")
            ((_, recipients, _),) = sink.wait_for(1)
            self.assertEqual(recipients, ["sink@there.test"])
            self.assertEqual(len(self.mail()), 1)
            self.assertEqual(len(self.mail("new@there.test")), 1)
            self.wait_until(lambda: not self.listed())
            self.assertEqual(self.mail("gone@there.test", 0), [])

    def test_nobody_left(self):
        server = self.start('postq: [ action "all" || for one in ctx::rcpt_list() { envelop::rm_rcpt(one) } ],')
        self.send()
        self.wait_until(lambda: not self.listed())
        self.assertEqual(self.mail(count=0), [])
        self.assertTrue(server.wait_for_line(" message-dropped "))

    def test_denied(self):
        for stage, status, reply in (("postq", "5.7.1", 'state::deny(code(554, "5.7.1", "virus"))'),
                                     ("delivery", "5.7.1", "state::deny()")):
            with self.subTest(stage):
                self.start(f'{stage}: [ rule "no" || {reply} ],')
                self.send("b@there.test", "c@there.test")
                (report,) = self.mail("a@here.test")
                self.assertEqual(report.count(b"Action: failed"), 2)
                self.assertEqual(report.count(f"Status: {status}".encode()), 2)
                self.assertEqual(b"virus" in report, stage == "postq")
                self.assertNotIn(b"Remote-MTA", report)
                self.wait_until(lambda: not self.listed())
                self.assertEqual(self.mail(count=0), [])
                null = self.send(sender="")
                self.wait_until(lambda: self.listed().get(null, {}).get("queue") == "dead")

    def test_quarantine(self):
        self.start('postq: [ action "mark" || msg::append_header("X-Seen", "1"), rule "odd" || state::quarantine("odd") ], '
                   'delivery: [ rule "no" || state::deny() ],')
        id = self.send()
        self.wait_until(lambda: self.listed()[id]["queue"] == "quarantine")
        self.assertEqual(self.listed()[id]["quarantine"], "odd")
        self.assertEqual(self.mail(count=0), [])
        sluice("queue", "release", id, "-c", self.configuration.root)
        self.assertEqual(self.mail()[0].count(b"X-Seen: 1"), 1)

    def test_faccept_skips_what_follows(self):
        self.start('preq: [ rule "fast" || if msg::get_header("Subject") == "fast" { state::faccept() } else { state::next() } ], '
                   'postq: [ action "mark" || msg::append_header("X-Postq", "1"), rule "faster" || state::faccept() ], '
                   'delivery: [ rule "no" || state::deny() ],')
        self.send(text=b"Subject: fast\r\n\r\nx\r\n")
        self.assertNotIn(b"X-Postq", self.mail()[0])
        self.send("c@there.test")
        self.assertIn(b"X-Postq", self.mail("c@there.test")[0])

    def test_not_run_again_at_retries(self):
        with SmtpSink({"MAIL": ["451 4.3.0 later", "250 2.1.0 ok"]}) as sink:
            server = self.start("""
              postq: [ action "route" || { log("info", "ruled once"); transport::forward_all("smtp://%s:%d"); msg::append_header("X-Seen", "1") } ],"""
                                % (sink.address, sink.port),
                                'config.delivery.retry = #{ first_wait: "1s", longest_wait: "1s" };')
            self.send()
            ((_, _, text),) = sink.wait_for(1)
            self.assertEqual(text.count(b"X-Seen"), 1)
            self.wait_until(lambda: not self.listed())
            self.assertEqual(server.log().count("ruled once"), 1)

    def test_broken_rules_hold_the_message_until_they_are_better(self):
        server = self.start(BROKEN)
        id = self.send()
        self.wait_until(lambda: self.listed()[id]["queue"] == "hold")
        self.assertIn("sluice reload", self.listed()[id]["hold_reason"])
        other = self.send("c@there.test")
        self.wait_until(lambda: self.listed()[other]["queue"] == "hold")
        sluice("queue", "hold", other, "--reason", "mine", "-c", self.configuration.root)
        self.configuration.write("filter.vsl", "#{ " + RCPT + 'postq: [ action "x" || msg::append_header("X-Better", "1") ] }')
        self.assertEqual(server.reload().returncode, 0)
        self.assertIn(b"X-Better", self.mail()[0])
        self.wait_until(lambda: list(self.listed()) == [other])  # somebody wants it held
        self.assertEqual(self.listed()[other]["hold_reason"], "mine")
        sluice("queue", "release", other, "-c", self.configuration.root)
        self.assertIn(b"X-Better", self.mail("c@there.test")[0])

    def test_on_rule_error_deny(self):
        self.start(BROKEN, 'config.server.smtp.on_rule_error = "deny";')
        self.send()
        self.assertIn(b"Action: failed", self.mail("a@here.test")[0])

    def test_facts_survive_a_crash(self):
        names = NameServer("127.0.0.1")
        self.addCleanup(names.close)
        rules = """postq: [ action "wait" || { let found = dns::lookup("slow.test."); },
          action "mark" || {
            let tls = ctx::tls();
            msg::append_header("X-Facts", `${ctx::client_ip()} ${ctx::helo()} ${tls.version} ${tls.sni} ${ctx::transaction_type()} ${ctx::mail_from()} ${ctx::is_authenticated()} ${ctx::server_name()}`)
          } ],"""
        self.configuration = Configuration("#{ " + RCPT + rules + " }", extra=RESOLVER.format("127.0.0.1", names.port))
        self.addCleanup(self.configuration.__exit__)
        self.configuration.certificate("example.com")
        self.configuration.link("example.com", "example.com")
        server = Server(self.configuration)
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            connection.command("STARTTLS")
            connection.start_tls("example.com")
            connection.send("EHLO second.test")
            connection.reply()
            connection.command("MAIL FROM:<a@here.test>")
            connection.command("RCPT TO:<b@there.test>")
            connection.command("DATA")
            connection.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            self.assertRegex(connection.reply()[0], "^250")
        self.assertTrue(names.asked.wait(20))
        server.kill()
        self.assertEqual([each["queue"] for each in self.listed().values()], ["working"])
        names.release.set()
        self.server()
        (text,) = self.mail()
        self.assertRegex(text, rb"X-Facts: 127\.\S+ second\.test TLSv1\.3 example\.com incoming a@here\.test false\s+example\.com\r?\n")
        self.wait_until(lambda: not self.listed())


if __name__ == "__main__":
    unittest.main()
