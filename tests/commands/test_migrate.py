"""`sluice migrate`: what it writes, refuses and reports, and that `sluice check` takes the result.

samples/momentum-*.conf are the examples of Momentum's documentation (the one of enforced TLS with its listener of port 25
in place, and without the dots that stand for other options). What becomes of every option is in
tests/unit/engine_migrate."""

import json
import os
import re
import shutil
import unittest
from pathlib import Path

from support import Configuration, Server, s_client, sluice

SAMPLES = Path(__file__).resolve().parent / "samples"
FILTER = '#{ rcpt: [ rule "relay for nobody" || state::deny(code::c554_7_1()) ] }'


class Migrate(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration(FILTER)
        self.addCleanup(self.configuration.__exit__)
        self.path = self.configuration.path
        self.to = self.path("new")

    def migrate(self, *arguments, exit_code=0, cwd=None):
        done = sluice("migrate", *arguments, cwd=cwd)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return done

    def sample(self, name):
        """A copy of the sample whose certificates exist."""
        text = (SAMPLES / name).read_text(encoding="utf-8")
        made = self.path("made")
        if not os.path.exists(made):
            done = sluice("cert", "self-signed", "mx.test", "--out", made, "--san", "mx.example.test")
            self.assertEqual(done.returncode, 0, done.stderr)

        def place(match):
            path = self.path("files", match.group(1).replace("/", "_"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy(os.path.join(made, "privkey.pem" if path.endswith("key") or path.endswith("key.pem") else "fullchain.pem"), path)
            return f'"{path}"'

        text = re.sub(r'"(/path/to/[^"]+|[a-z-]+\.(?:pem|key|crt))"', place, text)
        self.assertNotIn("/path/to", text)
        return self.configuration.write("ecelerity.conf", text)

    def read(self, name):
        with open(os.path.join(self.to, name), encoding="utf-8") as file:
            return file.read()

    def check(self, *links):
        """The result, with a filter and with these domains enabled, passes; its scripts are formatted."""
        with open(os.path.join(self.to, "filter.vsl"), "w", encoding="utf-8") as file:
            file.write(FILTER)
        os.makedirs(os.path.join(self.to, "domain-enabled"), exist_ok=True)
        for link in links:
            os.symlink(f"../domain-available/{link}", os.path.join(self.to, "domain-enabled", link))
        formatted = sluice("fmt", "--check", os.path.join(self.to, "conf.d"), os.path.join(self.to, "domain-available"))
        self.assertNotIn("would change", formatted.stdout)
        done = sluice("check", "-c", self.to)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    # The three examples of the documentation.

    def test_inbound_tls(self):
        self.migrate("momentum", self.sample("momentum-inbound-tls.conf"), "--to", self.to)
        listeners = self.read("conf.d/momentum-listeners.vsl")
        self.assertIn('addr: ["0.0.0.0:25"]', listeners)
        self.assertIn('security: "opportunistic"', listeners)
        self.assertIn('verify_mode: "require"', listeners)
        self.assertIn("_path_to_clientca.bundle", listeners)
        self.assertIn("_path_to_cert.pem", self.read("domain-available/default/config.vsl"))

    def test_inbound_tls_passes_check(self):
        self.migrate("momentum", self.sample("momentum-inbound-tls.conf"), "--to", self.to)
        self.check("default")

    def test_outbound_tls(self):
        self.migrate("momentum", self.sample("momentum-outbound-tls.conf"), "--to", self.to)
        delivery = re.sub(r"\s+", " ", self.read("conf.d/momentum-delivery.vsl"))
        self.assertIn('config.delivery.tls = #{ mode: "none" };', delivery)
        self.assertRegex(delivery, r'config\.delivery\.binding\["customer-1"\] = #\{ tls: #\{ private_key: "[^"]+", certificate: "[^"]+", \}, '
                                   r'domain: #\{ "trusted\.partner\.example\.com": #\{ tls: #\{ mode: "required", ca: "[^"]+", \}, \}, \}, \};')
        self.assertEqual(sorted(os.listdir(self.to)), ["conf.d"])

    def test_outbound_tls_passes_check(self):
        self.migrate("momentum", self.sample("momentum-outbound-tls.conf"), "--to", self.to)
        self.check()

    def test_enforced_tls(self):
        said = self.migrate("momentum", self.sample("momentum-enforced-tls.conf"), "--to", self.to).stdout
        delivery = self.read("conf.d/momentum-delivery.vsl")
        self.assertIn('config.delivery.domain["bank.fi"]', delivery)
        for line in ('mode: "required"', 'verify: "ca"', 'ciphers: "DEFAULT"'):
            self.assertIn(line, delivery)
        listeners = self.read("conf.d/momentum-listeners.vsl")
        self.assertIn('addr: ["0.0.0.0:25"], addr_submission: []', listeners)
        self.assertIn("// Switched off, so left out: 0.0.0.0:587 (addr_submission)", listeners)
        self.assertIn("Enable = false: 0.0.0.0:587 is switched off and left out", said)

    def test_enforced_tls_passes_check(self):
        self.migrate("momentum", self.sample("momentum-enforced-tls.conf"), "--to", self.to)
        self.check("default")

    # What a migrated configuration does.

    def test_a_migrated_listener_serves(self):
        done = sluice("cert", "self-signed", "mx.test", "--out", self.path("made"))
        self.assertEqual(done.returncode, 0, done.stderr)
        address = f"{self.configuration.address}:{self.configuration.relay}"
        implicit = f"{self.configuration.address}:{self.configuration.implicit}"
        conf = self.configuration.write("ecelerity.conf", f"""
TLS_Certificate = "{self.path("made", "fullchain.pem")}"
TLS_Key = "{self.path("made", "privkey.pem")}"
ESMTP_Listener {{
  TLS_Ciphers = "DEFAULT:!LOW"
  Listen "{address}" {{ SMTP_Extensions = ( "STARTTLS" ) }}
  Listen "{implicit}" {{ Use_SSL = true }}
}}
""")
        self.migrate("momentum", conf, "--to", self.path("migrated"))
        # The parts stand beside the configuration that is there, whose directories they use.
        shutil.copytree(self.path("migrated", "domain-available"), self.path("domain-available"))
        shutil.copy(self.path("migrated", "conf.d", "momentum-listeners.vsl"), self.path("conf.d", "momentum-listeners.vsl"))
        self.configuration.link("default", "default")
        with Server(self.configuration):
            for options in ({"starttls": True, "port": self.configuration.relay}, {"port": self.configuration.implicit}):
                port = options.pop("port")
                result = s_client(self.configuration.address, port, **options)
                self.assertEqual(result.subject, "mx.test", result.output)

    # The door.

    def test_without_a_directory_it_prints(self):
        done = self.migrate("momentum", self.sample("momentum-outbound-tls.conf"))
        self.assertTrue(done.stdout.startswith("==> conf.d/momentum-delivery.vsl <==\n//! TLS of delivery"), done.stdout)
        self.assertIn("0 not carried over", done.stderr)

    def test_nothing_is_overwritten(self):
        sample = self.sample("momentum-inbound-tls.conf")
        self.configuration.write("new/domain-available/default/config.vsl", "// mine\n")
        done = self.migrate("momentum", sample, "--to", self.to, exit_code=2)
        self.assertIn("domain-available/default/config.vsl' exists, nothing was written", done.stderr)
        self.assertEqual(self.read("domain-available/default/config.vsl"), "// mine\n")
        self.assertFalse(os.path.exists(os.path.join(self.to, "conf.d")))

    def test_what_is_not_carried_over_is_told_and_the_rest_written(self):
        conf = self.configuration.write("e.conf", "TLS = ifavailable\nTLS_Engine = gnutls\nHostname = mx.test\n")
        done = self.migrate("momentum", conf, "--to", self.to, exit_code=1)
        self.assertIn(f"{conf}:2: not carried over: TLS_Engine = gnutls: one TLS library is built in (BoringSSL)", done.stdout)
        self.assertIn(f"{conf}:3: not carried over: Hostname = mx.test", done.stdout)
        self.assertIn('mode: "opportunistic"', self.read("conf.d/momentum-delivery.vsl"))

    def test_syntax_error(self):
        conf = self.configuration.write("e.conf", "Domain bank.fi {\n\tTLS required\n}\n")
        done = self.migrate("momentum", conf, "--to", self.to, exit_code=2)
        self.assertIn(f"{conf}:3:1: error[E0309]: expected `{{` to open the stanza\n    3 | }}\n      | ^\n", done.stderr)
        self.assertIn("= hint: a stanza is written", done.stderr)
        self.assertFalse(os.path.exists(self.to))
        [told] = json.loads(self.migrate("momentum", conf, "--json", exit_code=2).stdout)
        self.assertEqual((told["code"], told["line"], told["column"]), ("E0309", 3, 1))

    def test_usage(self):
        self.migrate(exit_code=2)
        self.migrate("sendmail", "x", exit_code=2)
        self.migrate("momentum", exit_code=2)
        self.assertIn("cannot read '/no/such/file'", self.migrate("hermes", "/no/such/file", exit_code=2).stderr)
        self.assertIn("main.cf", self.migrate("postfix", self.path("nothing"), exit_code=2).stderr)

    def test_json(self):
        conf = self.configuration.write("e.conf", 'domain x.test { tls = required gateway = "y" }\n')
        told = json.loads(self.migrate("momentum", conf, "--json", exit_code=1).stdout)
        self.assertEqual(told["product"], "momentum")
        self.assertFalse(told["written"])
        [file] = told["files"]
        self.assertEqual(file["path"], "conf.d/momentum-delivery.vsl")
        self.assertIn('config.delivery.domain["x.test"]', file["text"])
        self.assertIn({"file": conf, "line": 1, "option": "tls = required", "to": 'config.delivery.domain["x.test"].tls.mode'}, told["carried"])
        [refused] = told["not_carried"]
        self.assertEqual(refused["option"], 'gateway = "y"')
        self.assertTrue(refused["why"] and refused["instead"])
        self.assertEqual(told["next"], ["sluice check -c ."])

    # Postfix and Hermes.

    def postfix(self):
        self.sample("momentum-inbound-tls.conf")  # for the certificate
        made = self.path("made")
        self.configuration.write("postfix/main.cf", f"""
certs = {made}
smtpd_tls_security_level = may
smtpd_tls_chain_files = $certs/privkey.pem,
    $certs/fullchain.pem
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_security_level = may
smtp_tls_CAfile = $certs/fullchain.pem
smtp_tls_policy_maps = hash:/etc/postfix/tls_policy
inet_interfaces = {self.configuration.address}
""")
        self.configuration.write("postfix/master.cf", """
smtp       inet n - y - - smtpd
submission inet n - y - - smtpd
  -o smtpd_tls_security_level=encrypt
smtps      inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
""")
        self.configuration.write("postfix/tls_policy", "bank.fi secure match=.bank.fi ciphers=high\n.gov.example dane-only\n")
        return self.path("postfix")

    def test_postfix(self):
        said = self.migrate("postfix", self.postfix(), "--to", self.to).stdout
        self.assertIn("0 not carried over", said)
        listeners = self.read("conf.d/postfix-listeners.vsl")
        address = self.configuration.address
        self.assertIn(f'addr: ["{address}:25"]', listeners)
        self.assertIn(f'addr_submissions: ["{address}:465"]', listeners)
        self.assertIn(f'config.server.listener["{address}:587"] = #{{', listeners)
        delivery = self.read("conf.d/postfix-delivery.vsl")
        self.assertIn('config.delivery.domain[".gov.example"]', delivery)
        self.assertIn('config.delivery.domain["gov.example"]', delivery)
        self.assertIn(f'private_key: "{self.path("made", "privkey.pem")}"', self.read("domain-available/default/config.vsl"))

    def test_postfix_passes_check(self):
        self.migrate("postfix", self.postfix(), "--to", self.to)
        # dane-only wants a resolver that validates.
        self.configuration.write("new/conf.d/zz-dns.vsl", '''fn on_config(config) {
    config.server.dns = #{ type: "system", options: #{ dnssec: true } };

    config
}
''')
        self.check("default")

    def test_hermes(self):
        policy = self.configuration.write("tls_policy", "# contract 2026-14\n.hospital.example encrypt\nclinic.example encrypt\n")
        self.migrate("hermes", policy, "--to", self.to)
        policies = re.sub(r"\s+", " ", self.read("conf.d/hermes-policy.vsl"))
        self.assertIn('config.tls_policy[".hospital.example"] = #{ send: "required", note: "contract 2026-14" };', policies)
        self.assertIn('config.tls_policy["clinic.example"] = #{ send: "required" };', policies)

    def test_hermes_passes_check(self):
        policy = self.configuration.write("tls_policy", ".hospital.example encrypt\nclinic.example verify\n")
        self.migrate("hermes", policy, "--to", self.to)
        self.check()


if __name__ == "__main__":
    unittest.main()
