"""`sluice cert`: certificates as openssl sees them."""

import json
import os
import stat
import subprocess
import unittest

from support import Configuration, Server, s_client, sluice


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


class Cert(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration()
        self.addCleanup(self.configuration.__exit__)
        self.path = self.configuration.path

    def cert(self, *arguments, exit_code=0):
        done = sluice("cert", *arguments, "-c", self.configuration.root)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return done

    def file(self, name, domain="example.com"):
        return self.path("domain-available", domain, name)

    def test_self_signed(self):
        self.cert("self-signed", "example.com", "--days", "10", "--san", "mx.example.com", "--san", "*.example.com")
        text = openssl("x509", "-in", self.file("fullchain.pem"), "-noout", "-text")
        self.assertIn("DNS:example.com, DNS:mx.example.com, DNS:*.example.com", text)
        self.assertIn("prime256v1", text)
        self.assertIn("CA:FALSE", text)
        self.assertIn("Certificate will expire", openssl_checkend(self.file("fullchain.pem"), 10 * 86400 + 60))
        self.assertIn("Certificate will not expire", openssl_checkend(self.file("fullchain.pem"), 9 * 86400))
        self.assertEqual(stat.S_IMODE(os.stat(self.file("privkey.pem")).st_mode), 0o600)
        self.assertEqual(openssl("x509", "-in", self.file("fullchain.pem"), "-noout", "-pubkey"), openssl("pkey", "-in", self.file("privkey.pem"), "-pubout"))

    def test_rsa(self):
        self.cert("self-signed", "example.com", "--rsa")
        self.assertIn("Public-Key: (2048 bit)", openssl("x509", "-in", self.file("fullchain.pem"), "-noout", "-text"))

    def test_nothing_is_overwritten_without_force(self):
        self.cert("self-signed", "example.com")
        with open(self.file("privkey.pem"), "rb") as file:
            key = file.read()
        done = self.cert("self-signed", "example.com", exit_code=1)
        self.assertIn("fullchain.pem' exists", done.stderr)
        self.assertIn("--force", done.stderr)
        os.unlink(self.file("fullchain.pem"))
        self.assertIn("privkey.pem' exists", self.cert("self-signed", "example.com", exit_code=1).stderr)
        with open(self.file("privkey.pem"), "rb") as file:
            self.assertEqual(file.read(), key)
        self.cert("self-signed", "example.com", "--force")
        with open(self.file("privkey.pem"), "rb") as file:
            self.assertNotEqual(file.read(), key)

    def test_another_directory(self):
        self.cert("self-signed", "example.com", "--out", self.path("elsewhere"))
        self.assertEqual(sorted(os.listdir(self.path("elsewhere"))), ["fullchain.pem", "privkey.pem"])
        self.assertFalse(os.path.exists(self.path("domain-available")))

    def test_wrong_arguments(self):
        self.cert("self-signed", "not a name", exit_code=1)
        self.cert("self-signed", "example.com", "--san", "a b", exit_code=1)
        self.cert("self-signed", "example.com", "--days", "0", exit_code=2)
        self.cert("self-signed", "example.com", "--days", "4000", exit_code=2)
        self.assertFalse(os.path.exists(self.path("domain-available")))

    def test_show(self):
        self.cert("self-signed", "example.com", "--san", "mx.example.com")
        [by_domain] = json.loads(self.cert("show", "example.com", "--json").stdout)
        [by_file] = json.loads(self.cert("show", self.file("fullchain.pem"), "--json").stdout)
        self.assertEqual(by_domain["names"], ["example.com", "mx.example.com"])
        self.assertEqual(by_domain["key"], "EC-P-256")
        self.assertTrue(by_domain["self_signed"])
        self.assertEqual(by_domain["fingerprint"], by_file["fingerprint"])
        printed = openssl("x509", "-in", self.file("fullchain.pem"), "-noout", "-fingerprint", "-sha256").split("=")[1].strip()
        self.assertEqual(by_domain["fingerprint"], printed.replace(":", "").lower())
        text = self.cert("show", "example.com").stdout
        self.assertIn(f"TLSA         3 1 1 {by_domain['spki_fingerprint']}", text)
        self.assertIn("(self-signed)", text)

    def test_show_what_is_no_certificate(self):
        self.assertIn("no certificate of a domain nobody.test", self.cert("show", "nobody.test", exit_code=1).stderr)
        path = self.configuration.write("text.pem", "hello\n")
        self.assertIn("[T0103]", self.cert("show", path, exit_code=1).stderr)
        self.assertIn("there is no file", self.cert("show", "/no/such/file.pem", exit_code=1).stderr)

    def test_list(self):
        self.assertEqual(json.loads(self.cert("list", "--json").stdout), [])
        for name in ("b.test", "a.test"):
            self.configuration.certificate(name)
        self.configuration.domain("b.test")
        rows = json.loads(self.cert("list", "--json").stdout)
        self.assertEqual([row["domain"] for row in rows], ["a.test", "b.test"])
        self.assertIn("self-signed  EC-P-256  90 day(s) left", self.cert("list").stdout)
        self.configuration.write("domain-available/a.test/fullchain.pem", "hello\n")
        done = self.cert("list", exit_code=1)
        self.assertIn("[T0103]", done.stderr)
        self.assertIn("b.test", done.stdout)

    def test_from_nothing_to_tls(self):
        """The way a new administrator goes; each command says the next one."""
        for arguments in (("domain", "add"), ("cert", "self-signed"), ("domain", "enable")):
            done = sluice(*arguments, "example.com", "-c", self.configuration.root)
            self.assertEqual(done.returncode, 0, done.stderr)
        with Server(self.configuration):
            result = s_client(self.configuration.address, self.configuration.implicit, name="example.com")
            self.assertEqual(result.subject, "example.com", result.output)

    def test_a_config_of_the_administrator_is_left_alone(self):
        script = self.configuration.write("domain-available/example.com/config.vsl", "fn on_domain_config(config) { config }\n")
        done = self.cert("self-signed", "example.com")
        self.assertIn("config.vsl must name it: config.tls = #{ certificate:", done.stdout)
        with open(script, encoding="utf-8") as file:
            self.assertEqual(file.read(), "fn on_domain_config(config) { config }\n")

    def test_a_config_of_the_administrator_that_names_it_already(self):
        self.configuration.write("domain-available/example.com/config.vsl", """// ours
fn on_domain_config(config) {
  config.tls = #{ certificate: "domain-available/example.com/fullchain.pem", private_key: "domain-available/example.com/privkey.pem" };
  config
}
""")
        done = self.cert("self-signed", "example.com")
        self.assertIn("config.vsl uses it\n", done.stdout)
        self.assertNotIn("must name it", done.stdout)

    def test_a_config_that_names_it_in_a_comment_only(self):
        self.configuration.write("domain-available/example.com/config.vsl", """fn on_domain_config(config) {
  // config.tls = #{ certificate: "domain-available/example.com/fullchain.pem", private_key: "domain-available/example.com/privkey.pem" };
  config
}
""")
        self.assertIn("must name it", self.cert("self-signed", "example.com").stdout)

    def test_certificate_before_the_domain(self):
        self.cert("self-signed", "example.com")
        self.assertEqual(sluice("domain", "add", "example.com", "-c", self.configuration.root).returncode, 0)
        self.assertEqual(sluice("domain", "enable", "example.com", "-c", self.configuration.root).returncode, 0)
        self.assertIn("ok: 1 domain(s), 1 certificate(s)", sluice("check", "-c", self.configuration.root).stdout)


def openssl_checkend(path, seconds):
    return subprocess.run(["openssl", "x509", "-in", path, "-noout", "-checkend", str(seconds)], stdout=subprocess.PIPE, text=True, check=False).stdout


if __name__ == "__main__":
    unittest.main()
