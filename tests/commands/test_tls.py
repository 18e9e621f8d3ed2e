"""`sluice tls ciphers` and `sluice tls explain`."""

import json
import re
import unittest

from support import Configuration, sluice
from support.authority import Authority
from support.https_server import HttpsServer
from support.name_server import A, MX, RESOLVER, TXT, NameServer

DELIVERY = """config.delivery.tls = #{ mode: "opportunistic", remember_broken: "1h" };
config.delivery.domain["bank.fi"] = #{ tls: #{ mode: "required", verify: "host", floor: true } };
config.delivery.binding["customer-1"] = #{ tls: #{ mode: "none" }, domain: #{ ".fi": #{ tls: #{ sni: "none" } } } };
"""


class Ciphers(unittest.TestCase):
    def test_the_list(self):
        done = sluice("tls", "ciphers", "STRONG")
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("ECDHE")]
        self.assertEqual(len(names), 6, done.stdout)
        self.assertIn("ECDHE-RSA-AES128-GCM-SHA256", names)
        listed = json.loads(sluice("tls", "ciphers", "STRONG", "--json").stdout)
        self.assertEqual([each["name"] for each in listed], names)
        self.assertIn("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", [each["iana"] for each in listed])

    def test_what_cannot_be_had(self):
        for text, code, said in (("NORMAL", 1, "T0143"), ("DHE-RSA-AES256-SHA", 1, "T0141"), ("@SECLEVEL=2", 1, "T0142"),
                                 ("DEFAULT:!LOW:!EXP", 0, ""), ("DEFAULT:DHE-RSA-AES256-SHA", 0, "T0140")):
            with self.subTest(text):
                done = sluice("tls", "ciphers", text)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(said, done.stderr)


class Explain(unittest.TestCase):
    def explain(self, *arguments):
        with Configuration() as configuration:
            configuration.configure(DELIVERY)
            return sluice("tls", "explain", *arguments, "-c", configuration.root)

    def keys(self, *arguments):
        done = self.explain(*arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_each_key_with_its_place(self):
        done = self.explain("bank.fi")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'mode +"required" +delivery.domain\["bank.fi"\] \(domain\), conf.d/config.vsl:\d+')
        self.assertRegex(done.stdout, r'remember_broken +"3600s" +delivery \(global\), conf.d/config.vsl:\d+')
        self.assertRegex(done.stdout, r'fallback +true +built in')

    def test_a_floor_that_holds(self):
        keys = self.keys("bank.fi", "--binding", "customer-1")
        self.assertEqual((keys["mode"]["value"], keys["mode"]["floor"]), ("required", True))
        self.assertEqual((keys["sni"]["value"], keys["sni"]["scope"]), ("none", "domain in binding"))
        self.assertEqual(self.keys("shop.fi", "--binding", "customer-1")["mode"]["value"], "none")

    def test_mistakes(self):
        self.assertEqual(self.explain("no domain").returncode, 2)
        done = self.explain("bank.fi", "--binding", "customer-2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no binding 'customer-2'", done.stderr)


class Publish(unittest.TestCase):
    """A domain of ours, its zone, and the server of its policy."""

    def publish(self, files, texts, *arguments):
        with Authority() as authority:
            web = authority.sign("web", "DNS:mta-sts.ours.test")
            https = HttpsServer(web, files)
            names = NameServer("127.0.0.1", delay=0, records={
                ("ours.test", MX): [(10, "mx.ours.test")], ("_mta-sts.ours.test", TXT): texts, ("mta-sts.ours.test", A): [https.address]})
            self.addCleanup(https.close)
            self.addCleanup(names.close)
            with Configuration() as configuration:
                configuration.configure(RESOLVER.format("127.0.0.1", names.port) +
                                        f'config.delivery.mta_sts_port = {https.port}; config.delivery.mta_sts_ca = "{authority.certificate}";\n')
                configuration.domain("ours.test")
                configuration.certificate("ours.test", "mx.ours.test")
                return sluice("tls", "publish", "ours.test", *arguments, "-c", configuration.root)

    def test_what_is_to_be_published_and_what_is_not(self):
        done = self.publish({}, [], "--mode", "enforce", "--reports", "mailto:tls@ours.test")
        self.assertEqual(done.returncode, 1, done.stderr)
        for text in ("_mta-sts.ours.test.", "v=STSv1; id=", "v=TLSRPTv1; rua=mailto:tls@ours.test", "mode: enforce", "mx: mx.ours.test",
                     "_mta-sts.ours.test has no TXT record"):
            self.assertIn(text, done.stdout)
        self.assertIn("no policy is served at https://mta-sts.ours.test", done.stderr)

    def test_what_agrees(self):
        wanted = self.publish({}, [], "--mode", "testing").stdout
        record = re.search(r"v=STSv1; id=\w+;", wanted).group(0)
        files = {"/.well-known/mta-sts.txt": "version: STSv1\nmode: testing\nmx: mx.ours.test\nmax_age: 604800\n"}
        done = self.publish(files, [record], "--mode", "testing")
        self.assertNotIn("TXT record", done.stdout)
        self.assertNotIn("published policy", done.stdout)
        self.assertIn("the published policy has the mode testing instead of enforce", self.publish(files, [record], "--mode", "enforce").stdout)


class RequiredTls(unittest.TestCase):
    """tls.md 2.9: a public port 25 must not require TLS."""

    def said(self, address, security):
        with Configuration() as configuration:
            configuration.configure(f"""config.server.interfaces = #{{ addr: ["{address}"], addr_submission: [], addr_submissions: [] }};
config.server.tls.security = "{security}";
""")
            return sluice("check", "-c", configuration.root).stdout

    def test_it_is_told(self):
        warning = "requires TLS. RFC 3207 forbids this for a publicly referenced MX; senders without TLS will bounce"
        self.assertIn(f"listener 198.51.100.7:25 {warning}", self.said("198.51.100.7:25", "required"))
        for address, security in (("198.51.100.7:25", "opportunistic"), ("198.51.100.7:2525", "required"), ("127.0.0.1:25", "required"),
                                  ("10.1.2.3:25", "required"), ("172.20.0.1:25", "required"), ("192.168.7.7:25", "required"),
                                  ("[fd00::1]:25", "required")):
            with self.subTest(address=address, security=security):
                self.assertNotIn(warning, self.said(address, security))


if __name__ == "__main__":
    unittest.main()
