"""`sluice why`: what the server refused, by a rule or by itself, told from the trace it keeps in the spool."""

import base64
import json
import os
import re
import stat
import subprocess
import unittest

from support import Configuration, Connection, Server, sluice, wait_for_messages
from support.command import binary

FILTER = """#{
  connect: [
    rule "door" || if ctx::client_port() == -1 { state::deny() } else { state::next() },
  ],
  helo: [
    rule "names" || if ctx::helo() == "bad.test" { state::deny(code(550, "5.7.1", "no bad names")) } else
      if ctx::helo() == "odd.test" { state::quarantine("odd") } else { state::next() },
  ],
  mail: [
    rule "senders" || {
      if ctx::mail_from() == "spam@other.net" { state::deny() }
      else if ctx::mail_from() == "broken@other.net" { throw "on purpose" }
      else { state::next() }
    },
  ],
  rcpt: [
    rule "recipients" || {
      if ctx::rcpt() == "nobody@example.com" {
        state::deny(code(550, "5.1.1", "no such user"))
      } else if ctx::rcpt().domain == "example.com" {
        state::accept()
      } else {
        state::next()
      }
    },
  ],
  preq: [
    rule "contents" || {
      let subject = msg::get_header("Subject");
      if subject == "virus" { state::deny(code(554, "5.7.1", "virus")) }
      else if subject == "odd" { state::quarantine("suspects") }
      else { state::next() }
    },
  ],
}
"""
DENY_ALL = """#{ connect: [ rule "nobody" || { log("info", ctx::client_ip()); state::deny(code(554, "5.7.1", "go away")) } ] }"""


class WhyCase(unittest.TestCase):
    filter = FILTER

    def setUp(self):
        self.configuration = Configuration(self.filter)
        self.addCleanup(self.configuration.__exit__)

    def start(self):
        server = Server(self.configuration)
        self.addCleanup(server.__exit__, None)
        return server

    def connect(self, hello="client.test"):
        connection = Connection(self.configuration.address, self.configuration.relay)
        self.addCleanup(connection.close)
        if hello:
            connection.greeting()
            connection.ehlo(hello)
        return connection

    def trace(self, name="current"):
        return self.configuration.path("spool", "refusals", f"{name}.jsonl")

    def why(self, *arguments):
        return sluice("why", "-c", self.configuration.root, *arguments)

    def records(self, *arguments):
        done = self.why("--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def stopped(self, server):
        """The server has written everything when it has ended."""
        self.assertEqual(server.stop(), 0, server.log())


class Rules(WhyCase):
    def test_at_rcpt(self):
        server = self.start()
        with self.connect() as connection:
            connection.command("MAIL FROM:<a@other.net>")
            self.assertEqual(connection.command("RCPT TO:<good@example.com>"), "250 2.1.5 Ok")
            answer = connection.command("RCPT TO:<nobody@example.com>")
            self.assertEqual(answer, "550 5.1.1 no such user")
        self.stopped(server)
        logged = re.search(r"rule-decided session=(\S+) id=(\S+) stage=rcpt rule=recipients at=filter\.vsl:17:\d+ status=deny", server.log())
        self.assertIsNotNone(logged, server.log())
        session, message = logged.groups()
        [record] = self.records(message)
        self.assertEqual(record, self.records(session)[0])
        self.assertEqual(record, self.records(message[:8])[0])
        self.assertEqual(record, self.records(session[:8].lower())[0])
        self.assertEqual((record["v"], record["event"], record["stage"], record["script"], record["rule"], record["verdict"]),
                         (1, "rule-decided", "rcpt", "filter.vsl", "recipients", "deny"))
        self.assertEqual(record["at"].split(":")[:2], ["filter.vsl", "17"])
        self.assertEqual((record["helo"], record["from"], record["rcpt"], record["rcpt_more"], record["reply"]),
                         ("client.test", "a@other.net", ["nobody@example.com"], 0, answer))
        self.assertIsNone(record["tls"])
        self.assertTrue(record["client"].startswith(self.configuration.address.rsplit(".", 3)[0] + "."))
        self.assertEqual(record["facts"], [["ctx::rcpt()", "nobody@example.com"]])
        done = self.why(message)
        self.assertEqual(done.returncode, 0)
        for expected in (f"  session   {session}\n", f"  message   {message}\n", "HELO client.test, clear text\n", "  from      <a@other.net>\n",
                         "  to        <nobody@example.com>\n", '  rule      "recipients" at filter.vsl:17:', '17 |     rule "recipients" || {\n',
                         f"  reply     {answer}\n", "  read      ctx::rcpt() = nobody@example.com\n"):
            self.assertIn(expected, done.stdout)
        self.assertNotIn("changed since", done.stdout)

    def test_the_quoted_line_is_that_of_today(self):
        server = self.start()
        with self.connect() as connection:
            connection.command("MAIL FROM:<spam@other.net>")
        self.stopped(server)
        session = self.records("--last")[0]["session"]
        self.configuration.write("filter.vsl", FILTER.replace('rule "senders"', 'rule "renamed"'))
        os.utime(self.configuration.path("filter.vsl"), (2**32, 2**32))
        self.assertIn('10 |     rule "renamed" || {   (the file has changed since)\n', self.why(session).stdout)
        self.configuration.write("filter.vsl", "#{}")
        done = self.why(session)
        self.assertEqual(done.returncode, 0)
        self.assertIn('"senders" at filter.vsl:10:', done.stdout)
        self.assertNotIn(" | ", done.stdout)

    def test_several_of_one_session_in_their_order(self):
        """And the reply is the one the client got, at every stage."""
        server = self.start()
        with self.connect() as connection:
            replies = [connection.command("MAIL FROM:<spam@other.net>"), connection.command("MAIL FROM:<broken@other.net>")]
            connection.command("MAIL FROM:<a@other.net>")
            replies.append(connection.command("RCPT TO:<x@elsewhere.test>"))
            connection.command("RSET")
            replies.append(connection.send_message("a@other.net", "good@example.com", body="Subject: virus\r\n\r\n\r\n"))
            replies.append(connection.command("HELO bad.test"))
            self.assertTrue(connection.at_end())
        self.stopped(server)
        session = self.records("--last", "1")[0]["session"]
        records = self.records(session)
        self.assertEqual([record["reply"] for record in records], replies)
        self.assertEqual([(r["event"], r["stage"], r["verdict"]) for r in records],
                         [("rule-decided", "mail", "deny"), ("rule-failed", "mail", "failed"), ("relay-denied", None, None),
                          ("rule-decided", "preq", "deny"), ("rule-decided", "helo", "deny")])
        self.assertEqual([bool(record["message"]) for record in records], [True, True, True, True, False])
        self.assertIn("on purpose", records[1]["failure"])
        self.assertEqual(records[2]["rcpt"], ["x@elsewhere.test"])
        self.assertEqual(records[3]["rcpt"], ["good@example.com"])
        self.assertEqual(records[4]["facts"], [["ctx::helo()", '"bad.test"']])
        text = self.why(session).stdout
        self.assertIn("  rule      none: the server refused by itself\n", text)
        self.assertIn("on purpose", text)
        self.assertEqual(text.count("  session   "), 5)

    def test_a_failed_rule_that_is_to_deny(self):
        self.configuration.configure('config.server.smtp.on_rule_error = "deny";')
        server = self.start()
        with self.connect() as connection:
            answer = connection.command("MAIL FROM:<broken@other.net>")
        self.stopped(server)
        [record] = self.records("--last")
        self.assertTrue(answer.startswith("5"), answer)
        self.assertEqual((record["reply"], record["verdict"]), (answer, "failed"))

    def test_quarantine(self):
        server = self.start()
        with self.connect() as connection:
            answer = connection.send_message("a@other.net", "good@example.com", body="Subject: odd\r\n\r\n\r\n")
        self.stopped(server)
        message = re.fullmatch("250 2.0.0 Ok: queued as (.{36})", answer).group(1)
        [record] = self.records(message)
        self.assertEqual((record["verdict"], record["stage"], record["reply"]), ("quarantine suspects", "preq", None))

    def test_quarantine_of_the_session(self):
        server = self.start()
        with self.connect("odd.test") as connection:
            connection.command("MAIL FROM:<a@other.net>")
            self.assertEqual(connection.command("RCPT TO:<b@elsewhere.test>")[:3], "554")  # the safety net stands
            self.assertEqual(connection.command("RSET"), "250 2.0.0 Ok")
        self.stopped(server)
        records = self.records("--last")
        self.assertEqual([r["event"] for r in records], ["rule-decided", "relay-denied"])
        self.assertEqual(records[0]["verdict"], "quarantine odd")

    def test_messages_of_a_quarantined_session(self):
        self.configuration.domain("example.com", incoming="#{}")
        server = self.start()
        with self.connect("odd.test") as connection:
            answer = connection.send_message("a@other.net", "b@example.com")
        self.stopped(server)
        message = re.fullmatch("250 2.0.0 Ok: queued as (.{36})", answer).group(1)
        [record] = self.records(message)
        self.assertEqual((record["event"], record["verdict"]), ("message-stored", "quarantine odd"))

    def test_what_is_not_refused_leaves_nothing(self):
        server = self.start()
        with self.connect() as connection:
            self.assertRegex(connection.send_message("a@other.net", "good@example.com"), "^250 ")
        self.stopped(server)
        self.assertFalse(os.path.exists(self.trace()))
        done = self.why("--last")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: nothing has been refused yet: there is no '", done.stderr)


class AtTheDoor(WhyCase):
    filter = DENY_ALL

    def test_at_connect_and_after_a_restart(self):
        for _ in range(2):
            server = self.start()
            self.assertEqual(self.connect(None).greeting(), "554 5.7.1 go away")
            self.stopped(server)
        first, second = self.records("--last")
        self.assertNotEqual(first["session"], second["session"])
        for record in (first, second):
            self.assertEqual((record["stage"], record["rule"], record["reply"], record["message"], record["helo"], record["from"]),
                             ("connect", "nobody", "554 5.7.1 go away", None, None, None))
            self.assertEqual(record["facts"], [["ctx::client_ip()", f'"{record["client"].rsplit(":", 1)[0]}"']])
        self.assertEqual(self.records(first["session"]), [first])
        self.assertEqual(stat.S_IMODE(os.stat(self.trace()).st_mode), 0o600)

    def test_while_the_server_runs(self):
        server = self.start()
        self.connect(None).greeting()
        session = re.search(r"rule-decided session=(\S+)", server.wait_for_line("rule-decided")).group(1)
        while not os.path.exists(self.trace()) or os.path.getsize(self.trace()) == 0:
            self.assertIsNone(server.process.poll())
        self.assertEqual(self.records(session)[0]["session"], session)

    def test_switched_off_and_on_by_reload(self):
        self.configuration.configure("config.server.refusals.enabled = false;")
        server = self.start()
        self.connect(None).greeting()
        self.assertEqual(self.why("--last").returncode, 1)
        self.assertIn("config.server.refusals.enabled is false", self.why("--last").stderr)
        self.configuration.configure()
        self.assertEqual(server.reload().returncode, 0)
        self.connect(None).greeting()
        self.stopped(server)
        self.assertEqual(len(self.records("--last")), 1)

    def test_no_more_than_two_files_of_the_configured_size(self):
        self.configuration.configure("config.server.refusals.size_max = 65536;")
        server = self.start()
        for _ in range(400):
            self.connect(None).greeting()
        self.stopped(server)
        names = sorted(os.listdir(os.path.dirname(self.trace())))
        self.assertEqual(names, ["current.jsonl", "previous.jsonl"])
        for name in ("current", "previous"):
            self.assertLessEqual(os.path.getsize(self.trace(name)), 65536)
        self.assertEqual(len(self.records("--last", 5)), 5)

    def test_size_out_of_bounds(self):
        for size, good in ((65535, False), (65536, True), (1 << 30, True), ((1 << 30) + 1, False)):
            self.configuration.configure(f"config.server.refusals.size_max = {size};")
            self.assertEqual(sluice("check", "-c", self.configuration.root).returncode == 0, good, size)

    def test_a_directory_that_cannot_be_written(self):
        """For root, too, a file in its place is no directory."""
        os.makedirs(self.configuration.path("spool"))
        with open(self.configuration.path("spool", "refusals"), "w", encoding="ascii"):
            pass
        self.configuration.write("filter.vsl", FILTER)
        server = self.start()
        with self.connect() as connection:
            self.assertEqual(connection.command("MAIL FROM:<spam@other.net>")[:3], "554")
            self.assertIsNotNone(server.wait_for_line(r"refusals-not-written file=\S+/refusals error="))
            connection.command("MAIL FROM:<spam@other.net>")
            self.assertRegex(connection.send_message("a@other.net", "good@example.com"), "^250 ")
            wait_for_messages(self.configuration.mailbox("good@example.com"), 1)
        self.stopped(server)
        self.assertEqual(server.log().count("refusals-not-written"), 1)
        self.assertIn("refusals-lost count=2", server.log())
        done = self.why("--last")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"error: cannot read '.*': Not a directory\n  hint: ")

    def test_spool_recovery_leaves_it_alone(self):
        server = self.start()
        self.connect(None).greeting()
        self.stopped(server)
        server = self.start()
        self.assertNotIn("spool-", server.log())
        self.assertEqual(len(self.records("--last")), 1)


class ByItself(WhyCase):
    """What the server refuses without asking a rule."""

    def one(self, server):
        self.stopped(server)
        [record] = self.records("--last")
        self.assertIsNone(record["verdict"])
        self.assertIsNone(record["rule"])
        return record

    def test_too_big_as_announced(self):
        self.configuration.configure("config.server.message_size_limit = 2000;")
        server = self.start()
        with self.connect() as connection:
            answer = connection.command("MAIL FROM:<a@other.net> SIZE=2001")
        record = self.one(server)
        self.assertEqual((record["event"], record["from"], record["reply"], record["message"]), ("mail-refused", "a@other.net", answer, None))

    def test_too_big_in_the_end(self):
        self.configuration.configure("config.server.message_size_limit = 2000;")
        server = self.start()
        with self.connect() as connection:
            answer = connection.send_message("a@other.net", "good@example.com", "fine@example.com", body="Subject: x\r\n\r\n" + "x" * 60 + "\r\n" * 1000)
        record = self.one(server)
        self.assertEqual(answer[:3], "552")
        self.assertEqual((record["event"], record["reply"], record["failure"]), ("message-refused", answer, "MessageSizeExceeded"))
        self.assertEqual(record["rcpt"], ["good@example.com", "fine@example.com"])
        self.assertEqual(self.records(record["message"]), [record])

    def test_a_bare_line_feed(self):
        server = self.start()
        with self.connect() as connection:
            answer = connection.send_message("a@other.net", "good@example.com", body="Subject: x\ny\r\n")
        self.assertTrue(answer.startswith("5"), answer)
        self.assertEqual(self.one(server)["reply"], answer)

    def test_a_loop(self):
        server = self.start()
        with self.connect() as connection:
            answer = connection.send_message("a@other.net", "good@example.com", body="Received: x\r\n" * 51 + "\r\n")
        record = self.one(server)
        self.assertEqual((record["event"], record["reply"], record["from"]), ("mail-loop", answer, "a@other.net"))

    def test_one_recipient_too_many(self):
        self.configuration.configure("config.server.smtp.rcpt_count_max = 1;")
        server = self.start()
        with self.connect() as connection:
            connection.command("MAIL FROM:<a@other.net>")
            connection.command("RCPT TO:<good@example.com>")
            answer = connection.command("RCPT TO:<fine@example.com>")
        record = self.one(server)
        self.assertEqual((record["event"], record["reply"], record["rcpt"]), ("rcpt-refused", answer, ["fine@example.com"]))

    def test_clear_text_where_tls_is_required(self):
        self.configuration.certificate("example.com")
        self.configuration.domain("example.com")
        self.configuration.configure('config.server.tls.security = "required";')
        server = self.start()
        with self.connect() as connection:
            answer = connection.command("MAIL FROM:<a@other.net>")
        record = self.one(server)
        self.assertEqual((record["event"], record["reply"]), ("mail-refused", answer))

    def test_a_handshake_that_fails(self):
        self.configuration.certificate("example.com")
        self.configuration.domain("example.com")
        server = self.start()
        with self.connect() as connection:
            self.assertEqual(connection.command("STARTTLS")[:3], "220")
            with self.assertRaises(OSError):
                connection.start_tls("unknown.test")
        record = self.one(server)
        self.assertEqual((record["event"], record["reply"], record["helo"]), ("tls-inbound-failed", None, None))
        self.assertIn("sni=unknown.test", record["failure"])

    def test_authentication(self):
        """A wrong password is the server's refusal, a rule's denial the rule's; neither shows a password."""
        self.configuration.configure("""config.server.smtp.auth = #{ mechanisms: ["PLAIN"] };
config.server.tls.default_for_unknown_sni = true;""")
        self.configuration.certificate("example.com")
        self.configuration.domain("example.com", default=True)
        self.configuration.write("filter.vsl", """#{ authenticate: [
  rule "blocked" || if auth::credentials().authid == "blocked" { state::deny(code(550, "5.7.1", "unseen")) } else { state::next() },
] }""")
        done = subprocess.run([binary(), "user", "add", "jane", "-c", self.configuration.root, "--stdin"], input="right horse", text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        server = self.start()
        answers = []
        for user in ("jane", "blocked"):
            with self.connect() as connection:
                connection.command("STARTTLS")
                connection.start_tls("example.com")
                connection.ehlo()
                answers.append(connection.command("AUTH PLAIN " + base64.b64encode(f"\0{user}\0wrong horse".encode()).decode()))
        self.stopped(server)
        wrong, blocked = self.records("--last")
        self.assertEqual([wrong["reply"], blocked["reply"]], answers)
        self.assertEqual((wrong["event"], wrong["failure"], wrong["rule"]), ("auth-failed", "PLAIN jane", None))
        self.assertEqual((blocked["event"], blocked["stage"], blocked["rule"]), ("rule-decided", "authenticate", "blocked"))
        with open(self.trace(), encoding="utf-8") as file:
            self.assertNotIn("horse", file.read())

    def test_too_many_errors(self):
        self.configuration.configure("config.server.smtp.error.hard_count = 2; config.server.smtp.error.soft_count = -1;")
        server = self.start()
        with self.connect() as connection:
            connection.command("NONSENSE")
            connection.send("NONSENSE")
            answer = connection.reply()
            self.assertTrue(connection.at_end())
        record = self.one(server)
        self.assertEqual((record["event"], record["reply"]), ("too-many-errors", "\n".join(answer)))

    def test_a_client_that_does_not_wait(self):
        server = self.start()
        with self.connect() as connection:
            connection.command("MAIL FROM:<a@other.net>")
            connection.command("RCPT TO:<good@example.com>")
            connection.send(b"DATA\r\nSubject: x\r\n")
            answer = connection.reply()[-1]
            self.assertTrue(connection.at_end())
        record = self.one(server)
        self.assertEqual((record["event"], record["reply"], record["from"]), ("pipelining-violation", answer, "a@other.net"))
        self.assertEqual(self.records(record["message"]), [record])

    def test_a_rule_refuses_under_tls(self):
        self.configuration.certificate("example.com")
        self.configuration.domain("example.com", incoming="""#{ rcpt: [ rule "ours" || state::deny() ] }""")
        server = self.start()
        with self.connect() as connection:
            connection.command("STARTTLS")
            connection.start_tls("example.com")
            connection.ehlo("client.test")
            connection.command("MAIL FROM:<a@other.net>")
            answer = connection.command("RCPT TO:<b@example.com>")
        self.stopped(server)
        [record] = self.records("--last")
        self.assertEqual((record["reply"], record["script"], record["tls"]["sni"]),
                         (answer, "domain-available/example.com/incoming.vsl", "example.com"))
        self.assertRegex(record["tls"]["version"], r"^TLSv1\.[23]$")
        self.assertIn(f'1 | #{{ rcpt: [ rule "ours"', self.why(record["session"]).stdout)


class Lists(WhyCase):
    def setUp(self):
        super().setUp()
        server = self.start()
        with self.connect() as connection:
            connection.command("MAIL FROM:<spam@other.net>")
            for sender, recipient in (("a@other.net", "nobody@example.com"), ("", "x@elsewhere.test"), ("A@OTHER.net", "y@elsewhere.test")):
                connection.command(f"MAIL FROM:<{sender}>")
                connection.command(f"RCPT TO:<{recipient}>")
                connection.command("RSET")
        self.stopped(server)

    def count(self, *arguments):
        done = self.why(*arguments)
        self.assertEqual(done.returncode, 0 if done.stdout else 1, done.stderr)
        return len(done.stdout.splitlines())

    def test_lines(self):
        lines = self.why("--last").stdout.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[1], r"^20\d\d-\d\d-\d\dT[0-9:.]{12}Z \w{12} [0-9a-f-]{36} 127\.[0-9.]+:\d+ <a@other\.net> -> <nobody@example\.com>  "
                                   r'rcpt: deny  550 5\.1\.1 no such user  rule "recipients" at filter\.vsl:17:\d+$')
        self.assertRegex(lines[2], r" <> -> <x@elsewhere\.test>  relay-denied  554 ")
        self.assertEqual(self.why("--last", "2").stdout.splitlines(), lines[2:])

    def test_filters(self):
        client = self.records("--last", "1")[0]["client"].rsplit(":", 1)[0]
        self.assertEqual(self.count("--ip", client), 4)
        self.assertEqual(self.count("--ip", "192.0.2.1"), 0)
        self.assertEqual(self.count("--from", "a@other.net"), 2)
        self.assertEqual(self.count("--from", "<>"), 1)
        self.assertEqual(self.count("--rcpt", "ELSEWHERE.test"), 2)
        self.assertEqual(self.count("--rcpt", "elsewhere.test", "--from", "<>", "--ip", client, "--last", "5"), 1)
        self.assertEqual(self.count("--rcpt", "elsewhere.test", "--last", "1"), 1)

    def test_nothing_found(self):
        for arguments in (["00000000-0000-4000-8000-000000000000"], ["--from", "unheard.of"]):
            done = self.why(*arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr, r"hint: the 4 record\(s\) in '.*/spool/refusals' reach back to 20\d\d-")

    def test_usage(self):
        for arguments in ([], ["1234567"], ["12345678", "--last"], ["--ip", "nobody"], ["--last", "0"], ["--last", "x"]):
            self.assertEqual(self.why(*arguments).returncode, 2, arguments)

    def test_several_ids_begin_so(self):
        with open(self.trace(), encoding="utf-8") as file:
            first = json.loads(file.readline())
        with open(self.trace(), "a", encoding="utf-8") as file:
            first["session"] = first["session"][:11] + ("0" if first["session"][11] != "0" else "1")
            file.write(json.dumps(first) + "\n")
        done = self.why(first["session"][:11])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"several ids begin with '\w{11}':\n    \w{12}\n    \w{12}\n")
        self.assertEqual(self.why(first["session"]).returncode, 0)

    def test_a_torn_last_line_and_a_later_version(self):
        with open(self.trace(), "ab") as file:
            file.write(b'{"v":2,"time":"t","session":"s"}\n{"v":1,"time":"2026-')
        self.assertEqual(self.count("--last"), 4)
        server = self.start()
        with self.connect() as connection:
            connection.command("MAIL FROM:<spam@other.net>")
        self.stopped(server)
        done = self.why("--last")
        self.assertEqual(len(done.stdout.splitlines()), 5)
        self.assertEqual(done.stderr, "note: 1 damaged line(s) skipped, as a crash leaves them\n"
                                      "note: 1 line(s) of a later version of sluice skipped\n")

    def test_without_a_configuration(self):
        directory = os.path.dirname(self.trace())
        os.remove(self.configuration.path("conf.d", "config.vsl"))
        done = self.why("--last")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--dir", done.stderr)
        self.assertEqual(self.count("--last", "--dir", directory), 4)

    @unittest.skipIf(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), "root may read everything")
    def test_not_allowed_to_read(self):
        os.chmod(self.configuration.root, 0o755)
        os.chmod(self.configuration.path("spool"), 0o700)
        if os.geteuid() != 0:
            os.chmod(self.configuration.path("spool"), 0)
            done = self.why("--last")
            os.chmod(self.configuration.path("spool"), 0o700)
        else:
            done = sluice("why", "-c", self.configuration.root, "--last", user=65534, group=65534, extra_groups=[])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"error: cannot read '.*/refusals/\w+\.jsonl': Permission denied\n  hint: run it as root or as the user")


if __name__ == "__main__":
    unittest.main()
