"""`sluice domain`: directories, links, and what is said about them."""

import json
import os
import unittest

from support import Configuration, Connection, Server, sluice, wait_for_messages


class Domain(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration('#{ rcpt: [ rule "relay for nobody" || state::deny(code::c554_7_1()) ] }')
        self.addCleanup(self.configuration.__exit__)
        self.path = self.configuration.path

    def domain(self, *arguments, exit_code=0):
        done = sluice("domain", *arguments, "-c", self.configuration.root)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return done

    def rows(self):
        return json.loads(self.domain("list", "--json").stdout)

    def check(self):
        done = sluice("check", "-c", self.configuration.root)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_add_enable_disable(self):
        self.assertEqual(self.rows(), [])
        self.domain("add", "Example.COM")
        self.assertEqual(sorted(os.listdir(self.path("domain-available", "example.com"))), ["config.vsl", "incoming.vsl", "internal.vsl", "outgoing.vsl"])
        self.assertEqual(self.rows(), [{"name": "example.com", "enabled": False, "default": False, "certificate": False}])
        self.domain("enable", "example.com")
        self.assertEqual(os.listdir(self.path("domain-enabled")), ["example.com"])
        self.assertEqual(os.readlink(self.path("domain-enabled", "example.com")), "../domain-available/example.com")
        self.assertEqual(self.check(), "ok: 1 domain(s), 0 certificate(s)\n")
        self.domain("enable", "example.com")  # again: no error
        self.domain("enable", "example.com", "--default")
        self.assertEqual(os.readlink(self.path("domain-enabled", "default")), "../domain-available/example.com")
        self.assertEqual(self.rows(), [{"name": "example.com", "enabled": True, "default": True, "certificate": False}])
        self.check()
        self.domain("disable", "example.com")
        self.assertEqual(os.listdir(self.path("domain-enabled")), [])
        self.assertEqual(len(os.listdir(self.path("domain-available", "example.com"))), 4)
        self.assertIn("is not enabled", self.domain("disable", "example.com").stdout)

    def test_the_scripts_are_formatted(self):
        for name in ("a.example", "a-name-that-is-longer-than-most-others-are.example.com"):
            self.domain("add", name)
        done = sluice("fmt", "--check", self.path("domain-available"))
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_default_moves(self):
        for name in ("a.test", "b.test"):
            self.domain("add", name)
            self.domain("enable", name)
        self.domain("enable", "a.test", "--default")
        said = self.domain("enable", "b.test", "--default").stdout
        self.assertIn("domain-enabled/default led to ../domain-available/a.test until now", said)
        self.assertEqual([(row["name"], row["default"]) for row in self.rows()], [("a.test", False), ("b.test", True)])
        self.assertEqual(sorted(os.listdir(self.path("domain-enabled"))), ["a.test", "b.test", "default"])
        # Only the links of a.test go.
        self.domain("disable", "a.test")
        self.assertEqual(sorted(os.listdir(self.path("domain-enabled"))), ["b.test", "default"])

    def test_links_made_by_hand_count(self):
        self.domain("add", "example.com")
        self.configuration.link("default", "example.com")
        self.assertEqual(self.rows(), [{"name": "example.com", "enabled": True, "default": True, "certificate": False}])
        self.domain("disable", "example.com")
        self.assertEqual(os.listdir(self.path("domain-enabled")), [])

    def test_add_keeps_what_is_there(self):
        mine = self.configuration.write("domain-available/example.com/incoming.vsl", "#{} // mine\n")
        said = self.domain("add", "example.com").stdout
        self.assertIn("kept domain-available/example.com/incoming.vsl", said)
        with open(mine, encoding="utf-8") as file:
            self.assertEqual(file.read(), "#{} // mine\n")
        done = self.domain("add", "example.com", exit_code=1)
        self.assertIn("has all its scripts already", done.stderr)

    def test_names_that_are_none(self):
        for name in ("", ".", "..", "../x", "a/b", "a..b", ".a.test", "default", "1.2.3.4", "-a.test", "a b", "x" * 64 + ".test", "a@b.test", "*.test",
                     ".".join(["abcdefghi"] * 30)):
            with self.subTest(name=name):
                done = sluice("domain", "-c", self.configuration.root, "add", "--", name)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn("is not a domain name", done.stderr)
        self.assertFalse(os.path.exists(self.path("domain-available")))

    def test_unicode_name(self):
        self.domain("add", "Bücher.example")
        self.assertEqual(os.listdir(self.path("domain-available")), ["xn--bcher-kva.example"])
        self.domain("enable", "bücher.example")
        self.assertEqual([row["name"] for row in self.rows()], ["xn--bcher-kva.example"])
        self.check()

    def test_unknown_domain(self):
        self.domain("add", "example.com")
        done = self.domain("enable", "exampel.com", exit_code=1)
        self.assertIn("there is no domain exampel.com", done.stderr)
        self.assertIn("did you mean example.com?", done.stderr)
        self.domain("disable", "exampel.com", exit_code=1)

    def test_something_in_the_way(self):
        self.domain("add", "example.com")
        os.makedirs(self.path("domain-enabled", "example.com"))
        self.assertIn("is in the way: it is not a link", self.domain("enable", "example.com", exit_code=1).stderr)
        self.assertIn("is a directory, not a link", self.domain("disable", "example.com", exit_code=1).stderr)

    def test_dangling_link_is_removed(self):
        self.configuration.link("gone.test", "gone.test")
        done = self.domain("disable", "gone.test")
        self.assertIn("removed domain-enabled/gone.test", done.stdout)
        self.assertIn("the configuration has 1 error(s)", done.stderr)
        self.check()

    def test_broken_configuration(self):
        self.configuration.write("conf.d/config.vsl", "fn on_config(config) {")
        done = self.domain("add", "example.com")
        self.assertIn("`sluice check -c", done.stderr)
        self.domain("enable", "example.com")
        self.assertTrue(os.path.islink(self.path("domain-enabled", "example.com")))

    def test_no_directory(self):
        done = sluice("domain", "list", "-c", self.path("nowhere"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no configuration directory", done.stderr)

    def test_configured_directory(self):
        self.configuration.configure('config.app.vsl.domain_dir = "live";')
        os.mkdir(self.path("live"))
        self.domain("add", "example.com")
        self.domain("enable", "example.com")
        self.assertEqual(os.readlink(self.path("live", "example.com")), "../domain-available/example.com")
        self.assertTrue(self.rows()[0]["enabled"])

    def test_every_domain_enabled(self):
        self.configuration.configure('config.app.vsl.domain_dir = "domain-available";')
        os.mkdir(self.path("domain-available"))
        self.domain("add", "example.com")
        self.assertIn("every domain is enabled", self.domain("enable", "example.com").stdout)
        self.assertTrue(self.rows()[0]["enabled"])

    def test_templates_are_safe(self):
        """Mail for the domain comes in, nobody relays, nobody borrows its name."""
        self.domain("add", "example.com")
        self.domain("enable", "example.com")
        with Server(self.configuration):
            with Connection(self.configuration.address, self.configuration.relay) as connection:
                connection.greeting()
                connection.ehlo()
                self.assertRegex(connection.send_message("a@other.net", "b@example.com"), "^250 ")
                self.assertEqual(connection.send_message("a@other.net", "b@elsewhere.org"), "554 5.7.1 Relay access denied")
                connection.command("RSET")
                self.assertEqual(connection.send_message("a@example.com", "b@example.com"), "530 5.7.0 Authentication required")
                self.assertEqual(connection.send_message("a@example.com", "b@elsewhere.org"), "530 5.7.0 Authentication required")
            self.assertEqual(len(wait_for_messages(self.configuration.mailbox("b@example.com"), 1)), 1)


if __name__ == "__main__":
    unittest.main()
