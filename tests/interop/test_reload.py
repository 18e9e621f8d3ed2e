"""Reload while sessions are open: new sessions get the new rules and certificates, old ones keep theirs, and what is
broken is refused as a whole."""

import ssl
import unittest

from support import Configuration, Connection, Server, sluice, unverified_context


def denying(text):
    return f"""#{{ mail: [ rule "say it" || state::deny("550 5.7.1 {text}") ] }}\n"""


class Reload(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration(denying("old rules"))
        self.addCleanup(self.configuration.__exit__)
        self.server = Server(self.configuration)
        self.addCleanup(self.server.__exit__, None)

    def session(self):
        connection = Connection(self.configuration.address, self.configuration.relay)
        self.addCleanup(connection.close)
        connection.greeting()
        connection.ehlo()
        return connection

    def expect_rules(self, connection, text):
        self.assertEqual(connection.command("MAIL FROM:<a@other.net>"), f"550 5.7.1 {text}")

    def wait_for_event(self, event, begin):
        self.assertTrue(self.server.wait_for_line(event, 20, begin), self.server.log())

    def test_reload_command(self):
        old = self.session()
        self.expect_rules(old, "old rules")
        self.configuration.write("filter.vsl", denying("new rules"))
        self.expect_rules(self.session(), "old rules")  # a changed file alone changes nothing
        done = self.server.reload()
        self.assertEqual((done.returncode, done.stdout), (0, "reloaded\n"), done.stderr)
        self.expect_rules(old, "old rules")
        self.expect_rules(self.session(), "new rules")
        self.expect_rules(old, "old rules")

    def test_hang_up_signal(self):
        old = self.session()
        self.configuration.write("filter.vsl", denying("new rules"))
        begin = len(self.server.lines)
        self.server.hang_up()
        self.wait_for_event(r" reloaded ", begin)
        self.expect_rules(old, "old rules")
        self.expect_rules(self.session(), "new rules")

    def test_broken_filter_is_refused_with_its_diagnostics(self):
        self.configuration.write("filter.vsl", "#{\n  mail: [ rule \"broken\" || state::dney() ],\n}\n")
        done = self.server.reload()
        self.assertEqual(done.returncode, 1)
        self.assertIn("filter.vsl:2:", done.stderr)
        self.assertIn("error[E0151]", done.stderr)
        self.assertIn("did you mean", done.stderr)
        self.assertIn('rule "broken" || state::dney()', done.stderr, "the quoted line")
        self.assertIn("the running rules stay", done.stderr)
        self.expect_rules(self.session(), "old rules")
        begin = len(self.server.lines)
        self.server.hang_up()
        self.wait_for_event("reload-refused .*E0151", begin)
        self.expect_rules(self.session(), "old rules")
        self.configuration.write("filter.vsl", denying("repaired"))
        self.assertEqual(self.server.reload().returncode, 0)
        self.expect_rules(self.session(), "repaired")

    def test_all_errors_are_told(self):
        self.configuration.write("filter.vsl", "#{ mail: [ rule \"a\" || stat::deny() ] }\n")
        self.configuration.domain("example.com", incoming="#{ rctp: [] }\n")
        done = self.server.reload()
        self.assertEqual(done.returncode, 1)
        self.assertIn("filter.vsl:1:", done.stderr)
        self.assertRegex(done.stderr, r"domain-(available|enabled)/example\.com/incoming\.vsl:1:")
        self.assertIn("'rctp'", done.stderr)
        self.expect_rules(self.session(), "old rules")

    def test_broken_configuration_is_refused(self):
        self.configuration.configure("config.server.smpt = 1;")
        done = self.server.reload()
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean 'smtp'?", done.stderr)
        self.expect_rules(self.session(), "old rules")

    def test_configuration_that_does_not_parse_is_refused_by_signal(self):
        self.configuration.write("conf.d/config.vsl", "fn on_config(config) {")
        begin = len(self.server.lines)
        self.server.hang_up()
        self.wait_for_event("reload-refused", begin)
        self.expect_rules(self.session(), "old rules")

    def test_domain_enabled_and_disabled(self):
        self.configuration.domain("example.com", outgoing=denying("rules of example.com"), enable=False)
        connection = self.session()
        self.assertEqual(connection.command("MAIL FROM:<a@example.com>"), "550 5.7.1 old rules")
        self.assertEqual(sluice("domain", "enable", "example.com", "-c", self.configuration.root).returncode, 0)
        self.assertEqual(self.server.reload().returncode, 0)
        self.assertEqual(self.session().command("MAIL FROM:<a@example.com>"), "550 5.7.1 rules of example.com")
        self.assertEqual(sluice("domain", "disable", "example.com", "-c", self.configuration.root).returncode, 0)
        self.assertEqual(self.server.reload().returncode, 0)
        self.assertEqual(self.session().command("MAIL FROM:<a@example.com>"), "550 5.7.1 old rules")

    def test_without_a_server(self):
        self.server.stop()
        done = self.server.reload()
        self.assertEqual(done.returncode, 3)
        self.assertIn("hint", done.stderr)


class Certificates(unittest.TestCase):
    def serial(self):
        """DER of the certificate shown now, as something to compare."""
        with Connection(self.configuration.address, self.configuration.implicit) as connection:
            connection.start_tls("example.com")
            return connection.socket.getpeercert(binary_form=True)

    def test_new_certificate(self):
        self.configuration = Configuration()
        self.addCleanup(self.configuration.__exit__)
        self.configuration.certificate("example.com")
        self.configuration.domain("example.com")
        with Server(self.configuration) as server:
            with Connection(self.configuration.address, self.configuration.implicit) as old:
                old.start_tls("example.com")
                self.assertEqual(old.greeting(), "220 example.com Service ready")
                first = self.serial()
                self.configuration.certificate("example.com")
                self.assertEqual(self.serial(), first)
                self.assertEqual(server.reload().returncode, 0)
                second = self.serial()
                self.assertNotEqual(second, first)
                # A pair that does not fit is refused, and the old one stays.
                self.configuration.write("domain-available/example.com/privkey.pem", "no key\n")
                done = server.reload()
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("privkey.pem", done.stderr)
                self.assertEqual(self.serial(), second)
                self.assertEqual(old.command("NOOP"), "250 2.0.0 Ok")

    def test_first_domain_with_tls(self):
        self.configuration = Configuration()
        self.addCleanup(self.configuration.__exit__)
        with Server(self.configuration) as server:
            self.configuration.certificate("example.com")
            self.configuration.domain("example.com")
            with Connection(self.configuration.address, self.configuration.relay) as before:
                before.greeting()
                self.assertEqual(server.reload().returncode, 0)
                self.assertNotIn("STARTTLS", before.ehlo())
            with Connection(self.configuration.address, self.configuration.relay) as after:
                after.greeting()
                self.assertIn("STARTTLS", after.ehlo())
                self.assertTrue(self.serial())

    def test_tickets_survive(self):
        """Test 10 of tls.md 8.1 as far as reload goes: the same name resumes, another does not."""
        self.configuration = Configuration()
        self.addCleanup(self.configuration.__exit__)
        for name in ("a.test", "b.test"):
            self.configuration.certificate(name)
            self.configuration.domain(name)
        context = unverified_context(maximum=ssl.TLSVersion.TLSv1_2)  # its ticket is there when the handshake ends

        def connect(name, session=None):
            with Connection(self.configuration.address, self.configuration.implicit) as connection:
                connection.socket = context.wrap_socket(connection.socket, server_hostname=name, session=session)
                connection.greeting()
                return connection.socket.session_reused, connection.socket.session

        with Server(self.configuration) as server:
            reused, session = connect("a.test")
            self.assertFalse(reused)
            self.assertTrue(connect("a.test", session)[0])
            self.assertFalse(connect("b.test", session)[0])
            self.assertEqual(server.reload().returncode, 0)
            self.assertTrue(connect("a.test", session)[0])


if __name__ == "__main__":
    unittest.main()
