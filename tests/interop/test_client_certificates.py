"""Client certificates: tests 17, 18 and 36 of tls.md 8.1, with openssl s_client and swaks, and what rules see of them."""

import json
import re
import subprocess
import unittest

from support import Authority, Configuration, Connection, Server, s_client, sluice, unverified_context, wait_for_messages

CERTIFICATE_REQUIRED = 116
HANDSHAKE_FAILURE = 40

# What a rule sees is what the client reads. MAIL from show@… is for looking, all else goes on.
FILTER = """#{
  mail: [
    rule "show" || {
      if ctx::mail_from().local_part != "show" { return state::next(); }
      let tls = ctx::tls();
      let c = tls.client;
      let words = [c.presented, c.verified, c.verify_code, tls.resumed, "[" + c.verify_error + "]", "[" + c.subject_cn + "]"];
      let line = "SEEN";
      for word in words { line += " " + word; }
      state::deny(code(550, "5.7.1", line))
    },
    rule "vars" || {
      if ctx::mail_from().local_part != "vars" { return state::next(); }
      let line = "VARS";
      for name in ["tls", "tls_client_verified", "tls_client_cert_subject", "tls_client_cert_issuer_cn"] { line += " " + name + "=" + ctx::variable(name); }
      state::deny(code(550, "5.7.1", line))
    },
    rule "is" || {
      if ctx::mail_from().local_part != "is" { return state::next(); }
      let c = ctx::tls().client;
      let line = "IS " + c.sans + " " + ctx::tls_client_is("spki", [c.spki]) + ctx::tls_client_is("fingerprint", [c.fingerprint])
        + ctx::tls_client_is("spki", ["@SPKI@"]) + ctx::tls_client_is("fingerprint", ["@FINGERPRINT@"])
        + ctx::tls_client_is("spki", [c.fingerprint]) + " "
        + ctx::tls_client_san_in(fqdn("mx.partner.test")) + ctx::tls_client_san_in(rg4("192.0.2.0/24"))
        + ctx::tls_client_san_in(address("ops@partner.test")) + ctx::tls_client_san_in(fqdn("mx.other.test"))
        + " " + ctx::tls_client_san_in("mx.partner.test") + ctx::tls_client_san_in(["a", "ops@partner.test"]) + ctx::tls_client_san_in([])
        + ctx::tls_client_san_in(address("x@mx.partner.test")) + ctx::tls_client_san_in(rg4("198.51.100.0/24"));
      state::deny(code(550, "5.7.1", line))
    },
  ],
  rcpt: [ rule "ours" || if ctx::rcpt().domain == "none.test" { state::accept() } else { state::next() } ],
}
"""
SEEN = re.compile(r"SEEN (\w+) (\w+) (\d+) (\w+) \[(.*?)\] \[(.*?)\]")
MAIL = "EHLO client.test\nMAIL FROM:<{}@client.test>\nQUIT\n"


class Certificates(unittest.TestCase):
    @classmethod
    def make(cls):
        cls.ca = Authority("Partner CA")
        cls.addClassCleanup(cls.ca.close)
        cls.rogue_ca = Authority("Partner CA")  # the same name: a name is no signature
        cls.addClassCleanup(cls.rogue_ca.close)
        cls.good = cls.ca.sign("mx.partner.test", "DNS:mx.partner.test,email:ops@partner.test,IP:192.0.2.7")
        cls.expired = cls.ca.sign("old.partner.test", start="20200101000000Z", end="20210101000000Z")
        cls.rogue = cls.rogue_ca.sign("rogue.test")


class Table(Certificates):
    @classmethod
    def setUpClass(cls):
        cls.make()
        filter = FILTER.replace("@SPKI@", cls.good.digest("spki")).replace("@FINGERPRINT@", cls.good.digest("fingerprint").upper())
        cls.configuration = Configuration(filter, extra='  config.server.tls = #{ received_header: "full" };')
        cls.addClassCleanup(cls.configuration.__exit__)
        ca = cls.ca.certificate
        for name, keys in (("none.test", f'client_ca: "{ca}", verify_mode: "none",'), ("optional.test", f'client_ca: "{ca}",'),
                           ("require.test", f'client_ca: "{ca}", verify_mode: "require",'), ("any.test", 'verify_mode: "optional",')):
            cls.configuration.certificate(name, keys=keys)
            cls.configuration.domain(name, incoming='#{ rcpt: [ rule "ours" || state::accept() ] }')
        cls.server = Server(cls.configuration)
        cls.addClassCleanup(cls.server.__exit__, None)

    def connect(self, name, *options, sender="show", starttls=False):
        c = self.configuration
        return s_client(c.address, c.relay if starttls else c.implicit, "-ign_eof", *options, starttls=starttls, name=name,
                        commands=MAIL.format(sender))

    def seen(self, result):
        """presented, verified, code, resumed, error, common name"""
        found = SEEN.search(result.output)
        self.assertIsNotNone(found, result.output)
        return found.groups()

    def test_17_every_certificate_in_every_mode(self):
        wanted = {"good": (self.good.options, "true", "true", "0", "", "mx.partner.test"),
                  "rogue": (self.rogue.options, "true", "false", "20", "unable to get local issuer certificate", "rogue.test"),
                  "expired": (self.expired.options, "true", "false", "10", "certificate has expired", "old.partner.test"),
                  "none": ((), "false", "false", "0", "no certificate", "")}
        for mode in ("none", "optional", "require"):
            for which, (options, *facts) in wanted.items():
                for version, alert in (("-tls1_2", HANDSHAKE_FAILURE), ("-tls1_3", CERTIFICATE_REQUIRED)):
                    for starttls in (False, True):
                        with self.subTest(mode=mode, which=which, version=version, starttls=starttls):
                            result = self.connect(f"{mode}.test", version, *options, starttls=starttls)
                            if mode == "require" and which == "none":
                                self.assertEqual(result.alert, alert, result.output)
                                self.assertNotIn("SEEN", result.output)
                                continue
                            presented, verified, code, resumed, error, name = self.seen(result)
                            expected = list(wanted["none"][1:]) if mode == "none" else facts
                            self.assertEqual([presented, verified, code, error, name], expected)
                            self.assertEqual(resumed, "false")

    def test_the_names_of_the_ca_are_a_hint(self):
        asked = self.connect("optional.test")
        self.assertRegex(asked.output, r"Acceptable client certificate CA names\nCN = Partner CA")
        self.assertIn("No client certificate CA names sent", self.connect("none.test").output)
        self.assertIn("No client certificate CA names sent", self.connect("any.test").output)

    def test_without_a_ca_any_certificate_is_taken_and_none_is_verified(self):
        _, verified, code, _, error, name = self.seen(self.connect("any.test", *self.good.options))
        self.assertEqual((verified, code, error, name), ("false", "0", "no client CA configured", "mx.partner.test"))

    def test_a_certificate_of_any_kind_of_key_ends_no_session(self):
        for algorithm in ("ed25519", "rsa"):
            with self.subTest(algorithm=algorithm):
                pair = self.ca.sign(f"{algorithm}.partner.test", algorithm=algorithm)
                self.assertEqual(self.seen(self.connect("require.test", *pair.options))[:2], ("true", "true"))

    def test_a_resumed_session_is_judged_again(self):
        for version in ("-tls1_2", "-tls1_3"):
            for pair, verified in ((self.good, "true"), (self.rogue, "false")):
                with self.subTest(version=version, verified=verified):
                    session = self.ca.path("session.pem")
                    first = self.seen(self.connect("require.test", version, *pair.options, "-sess_out", session))
                    again = self.seen(self.connect("require.test", version, "-sess_in", session))
                    self.assertEqual((first[3], again[3]), ("false", "true"))
                    self.assertEqual(first[1], verified)
                    self.assertEqual((*first[:3], *first[4:]), (*again[:3], *again[4:]))

    def test_the_same_through_momentums_names(self):
        output = self.connect("optional.test", *self.good.options, sender="vars").output
        self.assertIn("VARS tls=on tls_client_verified=yes tls_client_cert_subject=O=Partner,CN=mx.partner.test "
                      "tls_client_cert_issuer_cn=Partner CA", output)
        output = self.connect("optional.test", *self.rogue.options, sender="vars").output
        self.assertIn("tls_client_verified=no", output)

    def test_helpers_for_rules(self):
        output = self.connect("optional.test", *self.good.options, sender="is").output
        self.assertIn('["DNS:mx.partner.test", "email:ops@partner.test", "IP:192.0.2.7"] truetruetruetruefalse truetruetruefalse truetruefalsefalsefalse', output)

    def test_16_facts_survive_reset_and_several_messages(self):
        c = self.configuration
        context = unverified_context()
        context.load_cert_chain(self.good.certificate, self.good.key)
        with Connection(c.address, c.relay) as client:
            client.greeting()
            client.ehlo()
            self.assertTrue(client.command("STARTTLS").startswith("220"))
            client.start_tls("optional.test", context)
            client.ehlo()
            for number in range(3):
                client.send_message("a@client.test", f"n{number}@none.test")
                self.assertIn("SEEN true true", str(client.command("MAIL FROM:<show@client.test>")))
                client.command("RSET")
            self.assertIn("SEEN true true", str(client.command("MAIL FROM:<show@client.test>")))
        for number in range(3):
            stored = wait_for_messages(c.mailbox(f"n{number}@none.test"), 1)[0].decode()
            self.assertRegex(stored, r"tls TLS_AES_\w+ \(TLSv1.3, X25519, client-cert=verified CN=mx.partner.test\)")

    def test_the_log_tells(self):
        self.connect("optional.test", *self.good.options)
        self.assertTrue(self.server.wait_for_line(r"tls-inbound .*TLSv1.3 .*group=X25519 sni=optional.test domain=optional.test "
                                                  r"resumed=false ms=\d+ client=verified cn=mx.partner.test listener=[\d.]+:\d+"), self.server.log())
        self.connect("optional.test", *self.expired.options)
        self.assertTrue(self.server.wait_for_line(r"client=unverified cn=old.partner.test why=.*certificate has expired"), self.server.log())
        self.connect("none.test")
        self.assertTrue(self.server.wait_for_line(r"sni=none.test .*client=-"), self.server.log())
        self.connect("require.test")
        self.assertTrue(self.server.wait_for_line(r"tls-inbound-failed .*PEER_DID_NOT_RETURN_A_CERTIFICATE .*alert=116"), self.server.log())


RELAY = """#{
  connect: [ rule "knock" || if ctx::tls_failures("10m") >= 3 { state::deny(code(554, "5.7.1", "too many failed handshakes")) } else { state::next() } ],
  mail: [
    rule "who" || {
      if ctx::mail_from().local_part != "who" { return state::next(); }
      state::deny(code(550, "5.7.1", "WHO " + ctx::is_authenticated() + " " + ctx::auth_user() + " " + ctx::can_relay()))
    },
  ],
}
"""


class Relaying(Certificates):
    @classmethod
    def setUpClass(cls):
        cls.make()

    def serve(self, keys, filter='#{}', crl=None):
        configuration = Configuration(filter)
        self.addCleanup(configuration.__exit__)
        lists = f', client_crl: "{crl}"' if crl else ""
        configuration.configure(f"""
  config.server.listener["{configuration.address}:{configuration.relay}"] = #{{ tls: #{{ client_ca: "{self.ca.certificate}"{lists}, {keys} }} }};
""")
        configuration.certificate("mx.test")
        configuration.domain("mx.test", incoming='#{ rcpt: [ rule "ours" || state::accept() ] }')
        server = Server(configuration)
        self.addCleanup(server.__exit__, None)
        return configuration

    def swaks(self, c, *options, port=None, sender="you@partner.test"):
        done = subprocess.run(["swaks", "--server", c.address, "--port", str(port or c.relay), "--from", sender, "--helo", "client.test",
                               "--to", "someone@elsewhere.test", "--tls", "--tls-sni", "mx.test", *options], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.stdout

    def certificate(self, pair):
        return ("--tls-cert", pair.certificate, "--tls-key", pair.key)

    def test_18_a_verified_peer_may_relay(self):
        c = self.serve("verified_peer_can_relay: true")
        output = self.swaks(c, *self.certificate(self.good))
        self.assertIn("<~  250 2.0.0", output)
        self.assertEqual(len(wait_for_messages(c.mailbox("someone@elsewhere.test"), 1)), 1)
        for options in (self.certificate(self.rogue), self.certificate(self.expired), ()):
            with self.subTest(options=options):
                self.assertIn("<~* 554 5.7.1 Relay access denied", self.swaks(c, *options))
        # The other listeners know nothing of it.
        self.assertIn("<~* 554 5.7.1", self.swaks(c, *self.certificate(self.good), port=c.submission))

    def test_18_only_where_it_is_set(self):
        c = self.serve('verify_mode: "optional"')
        self.assertIn("<~* 554 5.7.1 Relay access denied", self.swaks(c, *self.certificate(self.good)))

    def test_a_revoked_certificate_may_not(self):
        gone = self.ca.sign("gone.partner.test")
        c = self.serve("verified_peer_can_relay: true", crl=self.ca.revoke(gone))
        self.assertIn("<~* 554 5.7.1", self.swaks(c, *self.certificate(gone)))
        self.assertIn("<~  250 2.0.0", self.swaks(c, *self.certificate(self.good)))

    def test_a_verified_peer_is_logged_in(self):
        c = self.serve("verified_peer_is_authorized: true", RELAY)
        names = ((self.good, "ops@partner.test"), (self.ca.sign("cn.partner.test", "DNS:a.partner.test"), "a.partner.test"),
                 (self.ca.sign("bare.partner.test"), "bare.partner.test"))
        for pair, user in names:
            with self.subTest(user=user):
                self.assertIn(f"WHO true {user} true", self.swaks(c, *self.certificate(pair), sender="who@partner.test"))
        self.assertIn("WHO false  false", self.swaks(c, *self.certificate(self.rogue), sender="who@partner.test"))
        self.assertIn("<~  250 2.0.0", self.swaks(c, *self.certificate(self.good)))

    def test_failed_handshakes_are_counted(self):
        c = self.serve('verify_mode: "require"', RELAY)
        for _ in range(3):
            failed = s_client(c.address, c.relay, "-ign_eof", starttls=True, name="mx.test", commands="QUIT\n")
            self.assertEqual(failed.alert, CERTIFICATE_REQUIRED, failed.output)
        with Connection(c.address, c.relay) as client:
            self.assertIn("too many failed handshakes", str(client.greeting()))

    def test_36_a_ticket_of_a_lax_listener_is_worth_nothing_on_a_strict_one(self):
        configuration = Configuration(FILTER)
        self.addCleanup(configuration.__exit__)
        lax, strict, address = configuration.submission, configuration.implicit, configuration.address
        configuration.configure(f"""
  config.server.interfaces = #{{ addr_submissions: ["{address}:{lax}", "{address}:{strict}"] }};
  config.server.listener["{address}:{strict}"] = #{{ tls: #{{ client_ca: "{self.ca.certificate}", verify_mode: "require" }} }};
""")
        configuration.certificate("mx.test")
        configuration.domain("mx.test")
        server = Server(configuration)
        self.addCleanup(server.__exit__, None)
        session = self.ca.path("lax.pem")

        def connect(port, *options):
            return s_client(address, port, "-ign_eof", *options, name="mx.test", commands=MAIL.format("show"))

        for version, alert in (("-tls1_2", HANDSHAKE_FAILURE), ("-tls1_3", CERTIFICATE_REQUIRED)):
            with self.subTest(version=version):
                self.assertIn("SEEN false", connect(lax, version, "-sess_out", session).output)
                self.assertIn("Reused, TLS", connect(lax, version, "-sess_in", session).output)
                refused = connect(strict, version, "-sess_in", session)
                self.assertEqual(refused.alert, alert, refused.output)
                taken = connect(strict, version, "-sess_in", session, *self.good.options)
                self.assertIn("New, TLS", taken.output)
                self.assertIn("SEEN true true 0 false", taken.output)


class Check(Certificates):
    """What `sluice check` says of the keys."""

    @classmethod
    def setUpClass(cls):
        cls.make()

    def codes(self, tls, listener="", domain=""):
        with Configuration() as c:
            extra = f"  config.server.tls = #{{ {tls} }};\n" if tls else ""
            if listener:
                extra += f'  config.server.listener["{c.address}:{c.relay}"] = #{{ tls: #{{ {listener} }} }};\n'
            c.configure(extra)
            c.certificate("mx.test", keys=domain)
            c.domain("mx.test")
            done = sluice("check", "-c", c.root, "--json")
            return done.returncode, {item["code"]: item for item in json.loads(done.stdout)}

    def test_what_is_wrong(self):
        ca = self.ca.certificate
        both = self.ca.write("both.pem", self.ca.pem() + self.rogue_ca.pem())
        empty = self.ca.write("empty.pem", "")
        for keys, code, status in (
                (dict(tls='client_ca: "nowhere.pem"'), "T0170", 1),
                (dict(tls="", listener='client_ca: "nowhere.pem"'), "T0170", 1),
                (dict(tls="", domain='client_ca: "nowhere.pem",'), "T0170", 1),
                (dict(tls=f'client_ca: "{empty}"'), "T0172", 1),
                (dict(tls=f'client_ca: "{ca}", client_crl: ["{ca}"]'), "T0178", 1),
                (dict(tls=f'client_crl: "{ca}"'), "T0182", 0),
                (dict(tls=f'client_ca: "{both}", verified_peer_can_relay: true'), "T0183", 0),
                (dict(tls="", listener=f'client_ca: "{both}", verified_peer_is_authorized: true'), "T0183", 0),
                (dict(tls=f'client_ca: "{both}"', listener="verified_peer_can_relay: true"), "T0183", 0),
                (dict(tls=f'client_ca: "{ca}", verified_peer_can_relay: true', domain=f'client_ca: "{both}",'), "T0183", 0),
                (dict(tls='client_ca: "/etc/ssl/certs/ca-certificates.crt", verified_peer_can_relay: true'), "T0184", 0),
                (dict(tls="verified_peer_can_relay: true"), "T0185", 0),
                (dict(tls=f'client_ca: "{ca}", verify_mode: "none", verified_peer_can_relay: true'), "T0185", 0)):
            with self.subTest(**keys):
                returncode, found = self.codes(**keys)
                self.assertIn(code, found)
                self.assertEqual(returncode, status)
                self.assertNotEqual(found[code]["line"], 0)

    def test_what_is_right(self):
        ca = self.ca.certificate
        for keys in (dict(tls=f'client_ca: "{ca}", verified_peer_can_relay: true'), dict(tls=f'client_ca: "{ca}"', domain='verify_mode: "none",'),
                     dict(tls="", listener=f'client_ca: "{ca}", verify_mode: "require", verified_peer_is_authorized: true')):
            with self.subTest(**keys):
                returncode, found = self.codes(**keys)
                self.assertEqual((returncode, [code for code in found if code.startswith("T")]), (0, []))

    def test_values_that_are_none(self):
        for keys in (dict(tls='verify_mode: "maybe"'), dict(tls="client_ca: 5"), dict(tls='client_ca: ""'),
                     dict(tls="verified_peer_is_authorized: true"), dict(tls="", domain="verified_peer_can_relay: true,")):
            with self.subTest(**keys):
                self.assertEqual(self.codes(**keys)[0], 1)


if __name__ == "__main__":
    unittest.main()
