"""AUTH with real clients: swaks for what it knows, GNU SASL for the rest, a socket for what no client does."""

import base64
import smtplib
import subprocess
import unittest

from support import Configuration, Connection, Server
from support.command import binary, sluice
from support.smtp import unverified_context

AUTH = """  config.server.smtp.auth = #{ mechanisms: ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5", "ANONYMOUS"] };
  config.server.tls.default_for_unknown_sni = true;  // gsasl sends the address it connects to as a name
"""
FILTER = """#{
  authenticate: [
    rule "blocked" || if !auth::credentials().type.contains("Anonymous") && auth::credentials().authid == "blocked" { state::deny() } else { state::next() },
    rule "guests" || if auth::credentials().type == "AnonymousToken" && auth::credentials().anonymous_token == "welcome" { state::accept() } else { state::next() },
  ],
  rcpt: [ rule "who" || { log("info", `from ${ctx::auth_user()}`); state::next() } ],
}"""


def plain(user, password):
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def add_user(configuration, name, password, *options):
    subprocess.run([binary(), "user", "add", name, "-c", configuration.root, "--stdin", *options], input=password, text=True,
                   check=True, capture_output=True, timeout=60)


class Auth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.configuration = Configuration(FILTER, AUTH)
        cls.addClassCleanup(cls.configuration.__exit__)
        cls.configuration.certificate("example.com")
        cls.configuration.domain("example.com", default=True)
        add_user(cls.configuration, "jane", "pass word", "--cram-md5")
        add_user(cls.configuration, "blocked", "secret")
        cls.server = Server(cls.configuration)
        cls.addClassCleanup(cls.server.__exit__, None)

    def swaks(self, *options):
        return subprocess.run(["swaks", "--server", self.configuration.address, "--port", str(self.configuration.submission),
                               "--from", "a@x.test", "--to", "b@elsewhere.test", "--quit-after", "RCPT", *options],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def gsasl(self, mechanism, *options, password="pass word"):
        return subprocess.run(["gsasl", "--client", "--smtp", "--connect",
                               f"{self.configuration.address}:{self.configuration.submission}", "--mechanism", mechanism,
                               "--authentication-id", "jane", "--password", password, "--authorization-id", "",
                               *options], input="", capture_output=True, text=True, timeout=60)

    def tls(self):
        client = smtplib.SMTP(self.configuration.address, self.configuration.submission, timeout=30)
        self.addCleanup(client.close)
        client.starttls(context=unverified_context())
        client.ehlo()
        return client

    def clear(self):
        connection = Connection(self.configuration.address, self.configuration.submission)
        self.addCleanup(connection.close)
        connection.greeting()
        connection.send("EHLO client.test")
        return connection, connection.reply()

    def test_swaks_with_each_mechanism_it_knows(self):
        for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5"):
            with self.subTest(mechanism):
                done = self.swaks("--tls", "--auth", mechanism, "--auth-user", "jane", "--auth-password", "pass word")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn("235 2.7.0 Authentication succeeded", done.stdout)
                done = self.swaks("--tls", "--auth", mechanism, "--auth-user", "jane", "--auth-password", "wrong")
                self.assertIn("535 5.7.8 Authentication credentials invalid", done.stdout)
                self.assertNotEqual(done.returncode, 0)

    def test_gnu_sasl_with_scram(self):
        for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256"):
            for options in (["--no-starttls"], ["--starttls", "--no-cb", "--x509-ca-file="]):
                with self.subTest(mechanism=mechanism, options=options):
                    done = self.gsasl(mechanism, *options)
                    self.assertIn("235 2.7.0 Authentication succeeded", done.stdout + done.stderr)
                    done = self.gsasl(mechanism, *options, password="wrong")
                    self.assertIn("535 5.7.8", done.stdout + done.stderr)

    def test_gnu_sasl_binds_to_the_tls_channel(self):
        for mechanism in ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"):
            with self.subTest(mechanism):
                done = self.gsasl(mechanism, "--starttls", "--x509-ca-file=")
                self.assertIn("235 2.7.0 Authentication succeeded", done.stdout + done.stderr)

    def test_only_what_works_is_offered(self):
        _, lines = self.clear()
        self.assertIn("250-AUTH SCRAM-SHA-256 SCRAM-SHA-1", [line.replace("250 ", "250-") for line in lines])
        self.assertEqual(self.tls().esmtp_features["auth"].strip(),
                         "SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5 ANONYMOUS")

    def test_passwords_do_not_go_in_clear(self):
        connection, _ = self.clear()
        connection.send("AUTH PLAIN " + plain("jane", "pass word"))
        self.assertEqual(connection.reply(), ["538 5.7.11 Encryption required for requested authentication mechanism"])
        connection.send("AUTH GSSAPI")
        self.assertEqual(connection.reply(), ["504 5.5.4 Mechanism is not supported"])
        connection.send("AUTH")
        self.assertEqual(connection.reply()[0][:3], "501")

    def test_only_those_who_have_authenticated_relay_and_it_lasts(self):
        client = self.tls()
        client.mail("a@x.test")
        self.assertEqual(client.rcpt("b@elsewhere.test")[0], 554)
        client.rset()
        self.assertEqual(client.docmd("AUTH PLAIN " + plain("jane", "pass word"))[0], 235)
        for _ in range(2):
            self.assertEqual(client.sendmail("a@x.test", ["b@elsewhere.test"], "Subject: x\r\n\r\nx\r\n"), {})
        self.assertTrue(self.server.wait_for_line(r"from jane"), self.server.log())
        self.assertEqual(client.docmd("AUTH PLAIN " + plain("jane", "pass word"))[0], 503)

    def test_rules_decide(self):
        self.assertEqual(self.tls().docmd("AUTH PLAIN " + plain("blocked", "secret"))[0], 535)
        self.assertEqual(self.tls().docmd("AUTH ANONYMOUS " + base64.b64encode(b"somebody").decode())[0], 535)
        guest = self.tls()
        self.assertEqual(guest.docmd("AUTH ANONYMOUS " + base64.b64encode(b"welcome").decode())[0], 235)
        guest.mail("a@x.test")
        self.assertEqual(guest.rcpt("b@elsewhere.test")[0], 554)  # an accepted guest is nobody who may relay

    def test_exchanges_that_go_wrong(self):
        client = self.tls()
        self.assertEqual(client.docmd("AUTH PLAIN"), (334, b""))
        self.assertEqual(client.docmd("*")[0], 501)
        self.assertEqual(client.docmd("AUTH PLAIN not-base64"), (501, b"5.5.2 Invalid, not base64"))
        self.assertEqual(client.docmd("AUTH CRAM-MD5 AAAA"), (501, b"5.7.0 Client must not start with this mechanism"))
        self.assertEqual(client.docmd("AUTH PLAIN ="), (501, b"5.5.4 Syntax error in parameters or arguments"))
        self.assertEqual(client.docmd("AUTH PLAIN " + "A" * 12276)[0], 501)
        self.assertEqual(client.docmd("AUTH PLAIN " + "A" * 12280)[0], 500)
        self.assertEqual(client.docmd("AUTH PLAIN " + plain("jane", "pass word"))[0], 235)
        self.assertEqual(client.docmd("MAIL FROM:<a@x.test> AUTH=<>")[0], 250)

    def test_a_client_that_guesses_is_sent_away(self):
        # The address is that of all tests of this process, so it has a server of its own.
        with Configuration("#{}", AUTH) as configuration:
            configuration.certificate("example.com")
            configuration.domain("example.com", default=True)
            add_user(configuration, "jane", "pass word")
            with Server(configuration):
                codes = []
                for _ in range(30):
                    client = smtplib.SMTP(configuration.address, configuration.submission, timeout=30)
                    client.starttls(context=unverified_context())
                    client.ehlo()
                    codes.append(client.docmd("AUTH PLAIN " + plain("jane", "guess"))[0])
                    client.close()
                self.assertEqual(codes[:10], [535] * 10)
                self.assertIn(421, codes)
                self.assertEqual(sorted(set(codes)), [421, 535])


class Off(unittest.TestCase):
    def test_auth_that_nobody_can_pass_is_warned_of(self):
        with Configuration("#{}", AUTH, tls=True) as configuration:
            done = sluice("check", "-c", configuration.root)
            self.assertEqual(done.returncode, 0)
            self.assertIn("nobody can log in", done.stdout + done.stderr)
            configuration.write("filter.vsl", '#{ authenticate: [ rule "system" || auth::unix_users() ] }')
            done = sluice("check", "-c", configuration.root)
            self.assertNotIn("nobody can log in", done.stdout + done.stderr)

    def test_without_configuration_there_is_no_auth(self):
        with Configuration("#{}", tls=False) as configuration, Server(configuration):
            with Connection(configuration.address, configuration.submission) as connection:
                connection.greeting()
                connection.send("EHLO client.test")
                self.assertNotIn("AUTH", " ".join(connection.reply()))
                connection.send("AUTH PLAIN")
                self.assertEqual(connection.reply()[0][:3], "502")


if __name__ == "__main__":
    unittest.main()
