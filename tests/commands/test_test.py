"""`sluice test`: the tests of rules, and what it says when a rule is broken."""

import pathlib
import re
import shutil
import unittest
import xml.etree.ElementTree as xml

from support import Configuration, sluice

PROJECT = pathlib.Path(__file__).parents[2]

FILTER = """#{
  rcpt: [
    rule "ours" || {
      if ctx::rcpt().domain == "ours.test" {
        state::accept()
      } else {
        state::next()
      }
    },
    rule "not from Mallory" || if ctx::mail_from() == "mallory@elsewhere.test" { state::deny() } else { state::next() },
    rule "no relay" || state::deny(code(554, "5.7.1", "Not here")),
  ],
}
"""
TESTS = """fn rcpt_of(sender, recipient) {
  let s = session();
  s.ehlo("client.test");
  s.mail(sender).expect(250);
  s.rcpt(recipient)
}
#{
  "mail for us": || rcpt_of("john@elsewhere.test", "jane@ours.test").expect("accept"),
  "others": || rcpt_of("john@elsewhere.test", "jane@theirs.test").expect("554 5.7.1 Not here"),
}
"""


class Rules(unittest.TestCase):
    def run_tests(self, tests, *arguments, filter=FILTER, extra=""):
        with Configuration(filter, extra=extra, tls=False) as configuration:
            configuration.write("filter.test.vsl", tests)
            return sluice("test", configuration.root, *arguments)

    def failure(self, body, **options):
        done = self.run_tests('#{ "t": || {' + body + "} }", **options)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_all_pass(self):
        done = self.run_tests(TESTS)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "filter.test.vsl\n  ok    mail for us\n  ok    others\n2 passed, 0 failed\n")

    def test_a_broken_rule_fails_its_test_only(self):
        done = self.run_tests(TESTS, filter=FILTER.replace("Not here", "Never"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("  ok    mail for us\n  FAIL  others\n        at filter.test.vsl:9:67\n", done.stdout)
        self.assertIn('expected reply: "554 5.7.1 Not here"\n          actual reply: "554 5.7.1 Never"\n', done.stdout)
        self.assertIn('stage rcpt: rule "no relay" at filter.vsl:11:21 gave deny\n', done.stdout)
        self.assertIn("1 passed, 1 failed\n", done.stdout)

    def test_a_rule_that_no_longer_decides(self):
        done = self.run_tests(TESTS, filter="#{ rcpt: [ rule \"asleep\" || state::next() ] }")
        self.assertIn('expected verdict: "accept"\n          actual verdict: "next"\n', done.stdout)
        self.assertIn('stage rcpt: no rule of filter.vsl decided; "asleep" ran\n', done.stdout)
        self.assertIn("reply: 554 5.7.1 Relay access denied\n", done.stdout)

    def test_only(self):
        done = self.run_tests(TESTS, "--only", "oth")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, "1 passed, 0 failed"))
        done = self.run_tests(TESTS, "--only", "nothing like that")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no test has 'nothing like that' in its name", done.stderr)

    def test_coverage(self):
        done = self.run_tests(TESTS, "--coverage")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("filter.vsl: rules 3 of 3, branches 3 of 4\n", done.stdout)
        self.assertIn("filter.vsl:10:35: the condition is never true\n", done.stdout)
        self.assertIn("rules 3 of 3, branches 3 of 4\n", done.stdout)

    def test_junit(self):
        with Configuration(FILTER, tls=False) as configuration:
            configuration.write("filter.test.vsl", TESTS.replace("554 5.7.1 Not here", "a < \\\"b\\\" & c"))
            configuration.write("broken.test.vsl", "#{ \"x\": 1 }")
            report = configuration.path("report.xml")
            done = sluice("test", "-c", configuration.root, "--junit", report)
            self.assertEqual(done.returncode, 1)
            suites = {suite.get("name"): suite for suite in xml.parse(report).getroot()}
        self.assertEqual(suites["filter.test.vsl"].get("tests"), "2")
        self.assertEqual(suites["filter.test.vsl"].get("failures"), "1")
        failure = suites["filter.test.vsl"].find("testcase/failure")
        self.assertIn('"a < "b" & c" is neither a verdict', failure.get("message"))
        self.assertEqual(suites["broken.test.vsl"].get("errors"), "1")
        done = self.run_tests(TESTS, "--junit", "/nowhere/report.xml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write '/nowhere/report.xml'", done.stderr)

    def test_files_that_cannot_be_run(self):
        for tests, said in (
            ("1", "the value is of type i64"),
            ('#{ "x": 1 }', "the test 'x' is not a closure"),
            ('#{ "x": |a| a }', "the test 'x' takes parameters"),
            ('let s = session(); #{}', "a session is played inside of a test"),
            ('#{ "x": || { sesion() } }', "did you mean 'session'?"),
        ):
            done = self.run_tests(tests)
            self.assertEqual(done.returncode, 1, tests)
            self.assertIn(said, done.stdout, tests)
            self.assertIn("0 passed, 1 failed", done.stdout, tests)

    def test_no_tests(self):
        with Configuration(FILTER, tls=False) as configuration:
            done = sluice("test", configuration.root)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there are no tests: no file *.test.vsl in", done.stderr)

    def test_rules_that_do_not_load(self):
        done = self.run_tests(TESTS, filter="#{ rcpt: [ rule \"x\" || ctx::is_securd() ] }")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no test was run", done.stderr)

    def test_client_certificates(self):
        rules = """#{ mail: [ rule "bank" || {
  let t = ctx::tls();
  if t == () { return state::deny(code(451, "4.7.5", "no TLS")); }
  if t.client.verified && ctx::tls_client_san_in(fqdn("mx.bank.test")) { return state::next(); }
  if ctx::tls_client_is("spki", ["DIGEST"]) { return state::accept(); }
  state::deny(code(451, "4.7.5", `${t.client.presented} ${t.client.verify_error} ${t.client.subject_cn}`))
} ] }""".replace("DIGEST", "ab" * 32)
        tests = """#{ "bank": || {
  let mail = |tls| { let s = session(#{ tls: tls }); s.ehlo("mx.bank.test"); s.starttls().expect(220); s.ehlo("mx.bank.test"); s.mail("a@bank.test") };
  let proven = #{ client: #{ verified: true, subject_cn: "mx", sans: ["DNS:mx.bank.test", "email:a@bank.test"] } };
  mail.call(proven).expect("next");
  mail.call(#{ client: #{ verified: true, sans: ["DNS:mx.evil.test"] } }).expect("451 4.7.5 true");
  mail.call(#{ client: #{ sans: ["DNS:mx.bank.test"], subject_cn: "me" } }).expect("451 4.7.5 true unable to get local issuer certificate me");
  mail.call(#{ client: #{ spki: "DIGEST" } }).expect("accept");
  mail.call(#{ client: #{ presented: false } }).expect("451 4.7.5 false no certificate");
  mail.call(true).expect("451 4.7.5 false no certificate");
} }""".replace("DIGEST", "ab" * 32)
        done = self.run_tests(tests, filter=rules)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_wrong_descriptions(self):
        self.assertIn("a session has no 'client_i': did you mean 'client_ip'?", self.failure("session(#{ client_i: 1 })"))
        self.assertIn("client_ip: 'x' is not an IP address", self.failure('session(#{ client_ip: "x" })'))
        self.assertIn("client_port: expected a port, not 0", self.failure("session(#{ client_port: 0 })"))
        self.assertIn('listener: expected "relay"', self.failure('session(#{ listener: "smtp" })'))
        self.assertIn("tls: colour: no such fact", self.failure('session(#{ tls: #{ colour: "red" } })'))
        self.assertIn("tls: client: colour: a certificate has no such fact", self.failure('session(#{ tls: #{ client: #{ colour: "red" } } })'))
        self.assertIn("tls: client: verified: expected true or false", self.failure('session(#{ tls: #{ client: #{ verified: "yes" } } })'))
        self.assertIn('tls: client: sans: expected a name like "DNS:mx.example.com"', self.failure('session(#{ tls: #{ client: #{ sans: ["a.test"] } } })'))
        self.assertIn("without a certificate", self.failure('session(#{ tls: #{ client: #{ presented: false, verified: true } } })'))
        self.assertIn("what is verified has no verify_error", self.failure('session(#{ tls: #{ client: #{ verified: true, verify_error: "x" } } })'))
        self.assertIn("dns: x.test: 'cname' is not a type", self.failure('session(#{ dns: #{ "x.test": #{ cname: "y" } } })'))
        self.assertIn("is not a record of type A", self.failure('session(#{ dns: #{ "x.test": #{ a: "::1" } } })'))
        self.assertIn("dns: x.test: 'gone' is no answer", self.failure('session(#{ dns: #{ "x.test": "gone" } })'))
        self.assertIn("commands: p: expected an exit code", self.failure('session(#{ commands: #{ "p": 256 } })'))
        self.assertIn("users: john: expected a password", self.failure("session(#{ users: #{ john: 1 } })"))

    def test_files_for_tests(self):
        with Configuration(FILTER, tls=False) as configuration:
            configuration.write("mail.eml", "Subject: s\n\n.x\n")
            configuration.write("filter.test.vsl", """#{ "reads": || {
              if read_file("mail.eml") != "Subject: s\\n\\n.x\\n" { throw read_file("mail.eml") } } }""")
            done = sluice("test", configuration.root)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for path in ("nowhere", "."):
            self.assertIn("cannot read the file '", self.failure(f'read_file("{path}")'))

    def test_wrong_expectations(self):
        self.assertIn('"dney" is neither a verdict', self.failure('session().greeting.expect("dney")'))
        self.assertIn("there is no 'verdit' here: did you mean 'verdict'?", self.failure('session().greeting.expect(#{ verdit: "next" })'))
        self.assertIn("differs from line 2 on (- expected, + actual)\n        - x\n        + b\n", self.failure('expect("a\\nb\\nc", "a\\nx\\nc")'))
        self.assertIn("the server has closed this session before", self.failure('let s = session(); s.quit(); s.ehlo("x")'))

    def test_nothing_reaches_the_world(self):
        rules = """#{ rcpt: [ rule "all" || state::accept() ], preq: [
          action "copy" || fs::write("copies"),
          rule "program" || if cmd::build(#{ command: "/usr/bin/touch", args: ["TOUCHED"] }).run().code == 0 { state::next() } else { state::deny() },
        ] }"""
        tests = """fn sent(s) {
          s.ehlo("client.test"); s.mail("a@b.test"); s.rcpt("c@d.test").expect("accept");
          s.data("Subject: x\\n\\nx\\n")
        }
        #{
          "runs": || sent(session(#{ commands: #{ "/usr/bin/touch": 0 } })).expect(250),
          "fails": || sent(session(#{ commands: #{ "/usr/bin/touch": 1 } })).expect("deny"),
          "is not told": || sent(session()).expect(#{ verdict: "failed", code: 451 }),
        }"""
        with Configuration(tls=False) as configuration:
            touched = configuration.path("touched")
            configuration.write("filter.vsl", rules.replace("TOUCHED", touched))
            configuration.write("filter.test.vsl", tests)
            done = sluice("test", configuration.root)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertFalse(pathlib.Path(touched).exists())
            self.assertFalse(pathlib.Path(configuration.path("app")).exists())

    def test_rules_behind_the_queue(self):
        rules = """#{
          rcpt: [ rule "all" || state::accept() ],
          postq: [ action "mark" || msg::append_header("X-Postq", msg::count_header("Received").to_string()),
                   rule "virus" || if msg::get_header("Subject") == "virus" { state::deny() } else { state::next() },
                   rule "odd" || if msg::get_header("Subject") == "odd" { state::quarantine("odd") } else { state::next() },
                   rule "broken" || if msg::get_header("Subject") == "broken" { throw "no" } else { state::accept() } ],
          delivery: [ action "route" || transport::forward_all("relay.test") ],
        }"""
        tests = """
        fn sent(subject) {
          let s = session(); s.ehlo("client.test"); s.mail("a@b.test"); s.rcpt("c@d.test");
          s.data("Subject: " + subject + "\\n\\nx\\n").expect(250)
        }
        #{
          "plain": || { let step = sent("x"); step.messages[0].expect(#{ fate: "deliver", added: ["X-Postq: 1"],
              transports: #{ "c@d.test": "forward relay.test" }, text: "Subject: x\\r\\nX-Postq: 1\\r\\n\\r\\nx\\r\\n" });
              step.stages.len().expect(3); step.stages[2].expect(#{ stage: "delivery", ran: ["route"] }) },
          "virus": || sent("virus").messages[0].expect(#{ fate: "deny" }),
          "odd": || sent("odd").messages[0].expect(#{ fate: "quarantine", quarantine: "odd", transports: #{} }),
          "broken": || sent("broken").messages[0].expect(#{ fate: "hold" }),
        }"""
        with Configuration(rules, tls=False) as configuration:
            configuration.write("filter.test.vsl", tests)
            done = sluice("test", configuration.root)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            message = configuration.write("mail.eml", "Subject: virus\n\nx\n")
            done = sluice("simulate", "--from", "a@b.test", "--rcpt", "c@d.test", "--message", message, "-c", configuration.root)
        self.assertIn("denied at postq: the sender is told 554 5.7.1", done.stdout)
        self.assertIn('postq', done.stdout)

    def test_a_split_message_and_two_sessions(self):
        with Configuration('#{ rcpt: [ rule "no" || state::deny() ] }', tls=False) as configuration:
            for name in ("a.test", "b.test"):
                configuration.domain(name, incoming='#{ rcpt: [ rule "yes" || state::accept() ], preq: [ action "mark" || msg::append_header("X-For", "%s") ] }' % name)
            configuration.write("filter.test.vsl", """#{ "split": || {
              let s = session();
              let other = session(#{ client_ip: "2001:db8::1" });
              s.ehlo("client.test"); other.ehlo("other.test");
              s.mail("x@elsewhere.test"); other.mail("y@elsewhere.test");
              s.rcpt("1@a.test"); other.rcpt("3@a.test"); s.rcpt("2@b.test");
              let done = s.data("Subject: x\\n\\n.dot\\n").expect(250);
              done.messages.len().expect(2);
              done.messages[0].expect(#{ rcpt: ["1@a.test"], added: ["X-For: a.test"], domain: "a.test" });
              done.messages[1].expect(#{ rcpt: ["2@b.test"], added: ["X-For: b.test"], text: "Subject: x\\r\\nX-For: b.test\\r\\n\\r\\n.dot\\r\\n" });
              other.data("Subject: y\\n\\ny\\n").messages[0].expect(#{ mail_from: "y@elsewhere.test" });
            } }""")
            done = sluice("test", configuration.root)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Shipped(unittest.TestCase):
    """The rules that come with the server keep what their tests say; each broken rule makes its own test fail."""

    BREAKS = {
        "filter.vsl": ('state::deny(code::c554_7_1())', 'state::accept()', {"we relay for nobody", "TLS is offered, and changes nothing of this"}),
        "domain-available/example.com/incoming.vsl": ("state::accept()", "state::deny()", {"mail for our domain is taken", "bounces are taken"}),
        "domain-available/example.com/outgoing.vsl": ('state::deny(code(530, "5.7.0", "Authentication required"))', "state::next()", {"nobody may claim to be one of us"}),
    }

    def setUp(self):
        self.configuration = Configuration(filter=None)
        for name in ("domain-available", "filter.vsl", "conf.d"):
            source, target = PROJECT / name, pathlib.Path(self.configuration.path(name))
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)
        self.configuration.link("example.com", "example.com")

    def tearDown(self):
        self.configuration.__exit__()

    def failed(self):
        done = sluice("test", self.configuration.root, cwd=self.configuration.root)
        lines = done.stdout.splitlines()
        return {line[8:] for line in lines if line.startswith("  FAIL  ")}, done

    def test_they_pass(self):
        failed, done = self.failed()
        self.assertEqual((failed, done.returncode), (set(), 0), done.stdout + done.stderr)

    def test_breaking_a_rule_fails_exactly_its_tests(self):
        for name, (before, after, expected) in self.BREAKS.items():
            path = pathlib.Path(self.configuration.path(name))
            text = path.read_text()
            self.assertIn(before, text)
            path.write_text(text.replace(before, after))
            failed, done = self.failed()
            path.write_text(text)
            self.assertEqual(failed, expected, name + "\n" + done.stdout)
            self.assertRegex(done.stdout, re.escape(name) + r"(:\d+:\d+ gave | decided)")


if __name__ == "__main__":
    unittest.main()
