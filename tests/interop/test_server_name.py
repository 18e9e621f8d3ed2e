"""Which certificate a name gets: tests 1 to 6 of tls.md 8.1, with openssl s_client."""

import unittest

from support import Configuration, Server, s_client

MISSING_EXTENSION = 109
HANDSHAKE_FAILURE = 40
UNRECOGNIZED_NAME = 112


class Names(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration()
        self.addCleanup(self.configuration.__exit__)

    def start(self):
        server = Server(self.configuration)
        self.addCleanup(server.__exit__, None)
        return server

    def domain(self, name, *sans, keys="", default=False):
        path = self.configuration.certificate(name, *sans, keys=keys)
        self.configuration.domain(name, default=default)
        return path

    def connect(self, name=None, *options, implicit=False):
        c = self.configuration
        return s_client(c.address, c.implicit if implicit else c.relay, *options, starttls=not implicit, name=name)

    def expect(self, name, certificate):
        for implicit in (False, True):
            with self.subTest(name=name, implicit=implicit):
                result = self.connect(name, implicit=implicit)
                self.assertEqual(result.subject, certificate, result.output)
                self.assertIsNone(result.alert, result.output)
                self.assertEqual(result.exit_code, 0, result.output)

    def expect_alert(self, alert, name=None, *options):
        for implicit in (False, True):
            with self.subTest(name=name, options=options, implicit=implicit):
                result = self.connect(name, *options, implicit=implicit)
                self.assertEqual(result.alert, alert, result.output)
                self.assertIsNone(result.subject, result.output)
                self.assertNotEqual(result.exit_code, 0)

    def test_1_and_2_no_name_without_default(self):
        self.domain("example.com")
        server = self.start()
        self.expect_alert(MISSING_EXTENSION)
        self.expect_alert(MISSING_EXTENSION, None, "-noservername")
        self.expect_alert(HANDSHAKE_FAILURE, None, "-tls1_2")
        self.assertTrue(server.wait_for_line(r"tls-inbound-failed .*sni=- alert=109"), server.log())
        self.assertTrue(server.wait_for_line(r"tls-inbound-failed .*sni=- alert=40"), server.log())

    def test_3_each_domain_its_own(self):
        authorities = {name: self.domain(name) for name in ("a.test", "b.test")}
        self.start()
        for name, authority in authorities.items():
            self.expect(name, name)
            for implicit in (False, True):
                result = self.connect(name, "-CAfile", authority, "-verify_hostname", name, "-verify_return_error", implicit=implicit)
                self.assertIn("Verify return code: 0 (ok)", result.output)
        self.expect("A.Test", "a.test")  # names are case-blind

    def test_4_unknown_name(self):
        self.domain("example.com")
        self.start()
        self.expect_alert(UNRECOGNIZED_NAME, "nope.test")
        self.expect_alert(UNRECOGNIZED_NAME, "sub.example.com")
        self.expect_alert(UNRECOGNIZED_NAME, "nope.test", "-tls1_2")

    def test_4_and_5_with_default(self):
        self.domain("a.test")
        self.domain("example.com", default=True)
        self.start()
        self.expect(None, "example.com")
        self.expect("a.test", "a.test")
        self.expect("example.com", "example.com")
        self.expect_alert(UNRECOGNIZED_NAME, "nope.test")

    def test_4_default_for_unknown_names(self):
        self.configuration.configure("config.server.tls.default_for_unknown_sni = true;")
        self.domain("example.com", default=True)
        self.domain("a.test")
        self.start()
        self.expect("nope.test", "example.com")
        self.expect("a.test", "a.test")

    def test_5_default_by_the_key(self):
        self.configuration.certificate("example.com")
        self.configuration.domain("example.com", config="""fn on_domain_config(config) {
  config.is_default = true;
  config.tls = #{ certificate: "domain-available/example.com/fullchain.pem", private_key: "domain-available/example.com/privkey.pem" };
  config
}
""")
        self.start()
        self.expect(None, "example.com")

    def test_5_only_a_link_called_default(self):
        # The domain is that of the target, so its name works, too.
        self.configuration.certificate("example.com")
        self.configuration.domain("example.com", enable=False, default=True)
        self.start()
        self.expect(None, "example.com")
        self.expect("example.com", "example.com")

    def test_6_table_of_names(self):
        self.domain("example.com", "san.other.test")
        self.domain("named.test", keys='server_names: ["mx.elsewhere.test", "*.star.test", ".deep.test"],')
        self.domain("wild.test", "*.wild.test")
        self.domain("exact.star.test")
        self.start()
        for name, certificate in (
                ("example.com", "example.com"), ("san.other.test", "example.com"),      # directory; exact SAN
                ("mx.elsewhere.test", "named.test"),                                     # exact entry
                ("one.star.test", "named.test"), ("exact.star.test", "exact.star.test"),  # one label; exact wins
                ("one.wild.test", "wild.test"), ("wild.test", "wild.test"),              # wildcard SAN
                ("deep.test", "named.test"), ("a.deep.test", "named.test"), ("a.b.c.deep.test", "named.test")):
            self.expect(name, certificate)
        for name in ("star.test", "a.b.star.test", "a.b.wild.test", "other.test", "x.example.com", "notdeep.test"):
            self.expect_alert(UNRECOGNIZED_NAME, name)

    def test_6_certificate_names_can_be_ignored(self):
        self.configuration.configure("config.server.tls.match_certificate_names = false;")
        self.domain("example.com", "san.other.test")
        self.start()
        self.expect("example.com", "example.com")
        self.expect_alert(UNRECOGNIZED_NAME, "san.other.test")


if __name__ == "__main__":
    unittest.main()
