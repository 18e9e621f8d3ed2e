"""TLS of delivery, end to end: what a server shows and does x our mode and verify, as tls.md 4.1, 4.4 and 4.11 have it."""

import ssl
import unittest

from support import Configuration, Connection, Server, SmtpSink
from support.authority import Authority
from support.name_server import A, MX, RESOLVER, NameServer
from support.waiting import queued, wait_until

FILTER = """#{ rcpt: [ rule "all" || { transport::deliver_all(); state::accept() } ] }"""
EXTRA = """config.delivery.port = %d; config.delivery.loopback = true;
config.delivery.retry = #{ first_wait: "1h", longest_wait: "1h" };
"""
HOST = "mx.dest.test"

NOT_OFFERED = "451 4.7.6 [internal] STARTTLS required but not advertised"
NO_GO_AHEAD = "451 4.7.5 [internal] no tls go-ahead"
FAILED = "451 4.7.5 [internal] TLS negotiation failed"
NO_CA = "451 4.7.5 [internal] remote node SSL certificate not signed by a valid CA"
NO_MATCH = "451 4.7.5 [internal] SSL certificate subject does not match host"
NO_PIN = "451 4.7.5 [internal] SSL certificate does not match pinned key"
EXPIRED = "454 certificate expired"
EARLY = "454 certificate not yet valid: possible clock skew"
REVOKED = "451 4.7.5 [internal] SSL certificate revoked"


def context(pair, **options):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pair.certificate, pair.key)
    for name, value in options.items():
        setattr(made, name, value)
    return made


def no_names(*_):
    return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


class OutboundTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.close)
        cls.stranger = Authority("Somebody else")
        cls.addClassCleanup(cls.stranger.close)
        name = f"DNS:{HOST}"
        cls.good = cls.authority.sign("good", name)
        cls.rogue = cls.stranger.sign("rogue", name)
        cls.other = cls.authority.sign("other", "DNS:other.test")
        cls.expired = cls.authority.sign("expired", name, "20200101000000Z", "20200201000000Z")
        cls.early = cls.authority.sign("early", name, "20900101000000Z", "20910101000000Z")
        cls.revoked = cls.authority.sign("revoked", name)
        cls.crl = cls.authority.revoke(cls.revoked)
        cls.client = cls.authority.sign("client", "DNS:here.test")

    def start(self, tls_keys, tls=None, replies=None, more="", filter=FILTER):
        self.sink = SmtpSink(replies, tls=tls)
        names = NameServer("127.0.0.1", delay=0, records={
            ("dest.test", MX): [(10, HOST)], ("strict.test", MX): [(10, HOST)], (HOST, A): [self.sink.address]})
        extra = EXTRA % self.sink.port + RESOLVER.format("127.0.0.1", names.port)
        self.configuration = Configuration(filter, extra=extra + f"config.delivery.tls = #{{ {tls_keys} }};\n" + more)
        self.server = Server(self.configuration)
        for close in (self.sink.__exit__, names.close, self.configuration.__exit__, lambda: self.server.__exit__(None)):
            self.addCleanup(close)

    def stop(self):
        self.doCleanups()

    def send(self, to="jane@dest.test", text="Subject: x\r\n\r\nhello\r\n"):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            self.assertRegex(connection.send_message("a@here.test", to, body=text), "^250")

    def delivered(self):
        """Whether it came over TLS."""
        self.assertTrue(self.sink.wait_for(1), self.server.log())
        self.assertTrue(wait_until(lambda: not queued(self.configuration)), self.server.log())
        return "TLS" if self.sink.protected[0] else "clear"

    def deferred(self):
        self.assertTrue(self.server.wait_for_line("delivery-(deferred|failed) "), self.server.log())
        self.assertEqual(self.sink.messages, [])
        last_error = lambda: queued(self.configuration)[0]["recipients"][0]["last_error"]
        self.assertTrue(wait_until(last_error), self.server.log())
        # The status comes first: "4.7.5 451 4.7.5 [internal] …".
        return last_error().split(" ", 1)[1]

    def outcome(self, expected):
        return self.delivered() if expected in ("TLS", "clear") else self.deferred()

    def check(self, rows):
        """Rows of (TLS keys, expected): "TLS", "clear" or the text of the reply that the message waits with."""
        for keys, expected, options in rows:
            with self.subTest(keys=keys, expected=expected):
                self.start(keys, **options)
                self.send()
                got = self.outcome(expected)
                self.assertTrue(got == expected or got.startswith(expected), (got, self.server.log()))
                self.stop()

    def test_a_server_without_starttls(self):
        self.check([('mode: "none"', "clear", {}), ('mode: "opportunistic"', "clear", {}),
                    ('mode: "required"', NOT_OFFERED, {}), ('mode: "opportunistic", verify: "host"', "clear", {})])

    def test_a_good_certificate(self):
        ca = f'ca: "{self.authority.certificate}"'
        server = {"tls": context(self.good)}
        self.check([(f'mode: "none", {ca}', "clear", server), ('mode: "opportunistic"', "TLS", server),
                    (f'mode: "required", verify: "ca", {ca}', "TLS", server),
                    (f'mode: "required", verify: "host", {ca}', "TLS", server),
                    (f'mode: "required", verify: "pin", pins: ["spki-sha256:{self.good.digest("spki")}"]', "TLS", server),
                    (f'mode: "required", verify: "pin", pins: ["sha256:{self.good.digest("fingerprint")}"]', "TLS", server),
                    # Without ca the CAs of the system count, of which this is none.
                    ('mode: "required", verify: "ca"', NO_CA, server)])

    def test_certificates_that_are_not_good(self):
        ca = f'ca: "{self.authority.certificate}"'
        for pair, chain, host in ((self.rogue, NO_CA, NO_CA), (self.other, "TLS", NO_MATCH), (self.expired, EXPIRED, EXPIRED),
                                  (self.early, EARLY, EARLY)):
            server = {"tls": context(pair)}
            self.check([(f'mode: "opportunistic", {ca}', "TLS", server), (f'mode: "required", {ca}', "TLS", server),
                        (f'mode: "required", verify: "optional", {ca}', "TLS", server),
                        (f'mode: "required", verify: "ca", {ca}', chain, server),
                        (f'mode: "required", verify: "host", {ca}', host, server),
                        # Who asks for verification never gets clear text for an answer.
                        (f'mode: "opportunistic", verify: "host", {ca}', host, server),
                        (f'mode: "required", verify: "pin", pins: ["spki-sha256:{self.good.digest("spki")}"]', NO_PIN, server)])
        self.check([(f'mode: "required", verify: "ca", {ca}, ca_crl: "{self.crl}"', REVOKED, {"tls": context(self.revoked)}),
                    (f'mode: "required", verify: "ca", {ca}, ca_crl: "{self.crl}"', "TLS", {"tls": context(self.good)})])

    def test_match(self):
        ca = f'mode: "required", verify: "host", ca: "{self.authority.certificate}"'
        server = {"tls": context(self.good)}
        self.check([(f'{ca}, "match": ["nexthop"]', NO_MATCH, server), (f'{ca}, "match": ["dot-nexthop"]', "TLS", server),
                    (f'{ca}, "match": ["hostname"]', "TLS", server), (f'{ca}, "match": ["other.test"]', NO_MATCH, server),
                    (f'{ca}, "match": [".test"]', "TLS", server)])

    def test_starttls_that_fails(self):
        refused = {"tls": context(self.good), "replies": {"STARTTLS": "454 4.7.0 not now"}}
        cut = {"tls": context(self.good), "replies": {"STARTTLS": None}}
        nonsense = {"tls": context(self.good), "replies": {"STARTTLS": "220 ok\r\n250-EVIL"}}
        self.check([('mode: "opportunistic"', "clear", refused), ('mode: "opportunistic", fallback: false', NO_GO_AHEAD, refused),
                    ('mode: "required"', NO_GO_AHEAD, refused), ('mode: "opportunistic"', "clear", cut),
                    ('mode: "required"', NO_GO_AHEAD, cut), ('mode: "opportunistic"', "clear", nonsense),
                    ('mode: "opportunistic", fallback: false', FAILED, nonsense), ('mode: "required"', FAILED, nonsense)])

    def test_handshakes_that_fail(self):
        old = context(self.good, maximum_version=ssl.TLSVersion.TLSv1_1)
        old.minimum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        self.check([('mode: "opportunistic"', "clear", {"tls": old}), ('mode: "opportunistic", fallback: false', FAILED, {"tls": old}),
                    ('mode: "required"', FAILED, {"tls": old}),
                    ('mode: "required", protocol_version: ["TLSv1.1"]', "TLS", {"tls": old})])

    def test_a_server_that_knows_no_name_is_asked_without(self):
        server = context(self.good)
        server.sni_callback = no_names
        self.start('mode: "required"', tls=server)
        self.send()
        # Python's callback is also called without a name, and refuses then, too: what counts is that it was tried.
        self.assertIn(FAILED, self.deferred())
        self.assertTrue(self.sink.wait_for_command("STARTTLS", count=2), self.server.log())

    def test_what_failed_once_is_left_alone_for_a_while(self):
        self.start('mode: "opportunistic"', tls=context(self.good), replies={"STARTTLS": "454 4.7.0 not now"})
        self.send()
        self.assertEqual(self.delivered(), "clear")
        self.server.wait_for_line("tls-fallback")
        before = self.sink.commands.count("STARTTLS")
        self.assertEqual(before, 1)
        self.sink.change({})
        # Another connection: the first one ends with its idle time.
        self.assertTrue(self.sink.wait_for_command("QUIT"))
        self.send()
        self.assertTrue(len(self.sink.wait_for(2)) == 2)
        self.assertEqual(self.sink.commands.count("STARTTLS"), 1)

    def test_the_client_certificate(self):
        server = context(self.good, verify_mode=ssl.CERT_REQUIRED)
        server.load_verify_locations(self.authority.certificate)
        self.start(f'mode: "required", certificate: "{self.client.certificate}", private_key: "{self.client.key}"', tls=server)
        self.send()
        self.assertEqual(self.delivered(), "TLS")
        self.assertIn((("commonName", "client"),), self.sink.handshakes[0].getpeercert()["subject"])

    def test_sessions_are_resumed(self):
        self.start('mode: "required"', tls=context(self.good), more='config.delivery.connection_idle = "100ms";\n')
        for count in (1, 2):
            self.send()
            self.assertTrue(len(self.sink.wait_for(count)) == count, self.server.log())
            self.assertTrue(self.sink.wait_for_command("QUIT", count=count))
        self.assertEqual([bool(each.session_reused) for each in self.sink.handshakes], [False, True])

    def test_log_fields(self):
        self.start(f'mode: "required", verify: "host", ca: "{self.authority.certificate}"', tls=context(self.good))
        self.send()
        self.assertEqual(self.delivered(), "TLS")
        self.assertTrue(self.server.wait_for_line(r"Host offered STARTTLS: \[mx.dest.test\]"), self.server.log())
        for field in ("tls=required", "outbound_tls=TLS", "outbound_tls_type=required", "outbound_tls_protocol=TLSv1.3",
                      "outbound_tls_verified=verified", "outbound_tls_subject=good", 'outbound_tls_issuer="Test CA"',
                      "outbound_tls_cipher_usebits=", "tls_sni=mx.dest.test", "tls_policy=static", "tls_scope=delivery",
                      f"remote_ip={self.sink.address}"):
            self.assertTrue(self.server.wait_for_line("delivered .*" + field), (field, self.server.log()))

    def test_rules_change_it(self):
        rule = """#{ rcpt: [ rule "all" || { transport::deliver_all(); %s state::accept() } ] }"""
        self.start('mode: "opportunistic"', filter=rule % 'transport::tls(#{ mode: "required" });')
        self.send()
        self.assertIn(NOT_OFFERED, self.deferred())
        self.stop()
        self.start('mode: "opportunistic"', filter=rule % 'transport::tls(ctx::rcpt(), #{ mode: "required" });')
        self.send()
        self.assertIn(NOT_OFFERED, self.deferred())
        self.stop()
        floor = 'config.delivery.domain["dest.test"] = #{ tls: #{ mode: "required", floor: true } };\n'
        self.start('mode: "opportunistic"', filter=rule % 'transport::tls(#{ mode: "none" });', more=floor)
        self.send()
        self.assertIn(NOT_OFFERED, self.deferred())
        self.stop()
        binding = 'config.delivery.binding["strict"] = #{ domain: #{ "dest.test": #{ tls: #{ mode: "required" } } } };\n'
        self.start('mode: "opportunistic"', filter=rule % 'transport::binding("strict");', more=binding)
        self.send()
        self.assertIn(NOT_OFFERED, self.deferred())

    def test_a_policy_for_sending(self):
        self.start('mode: "none"', more='config.tls_policy[".dest.test"] = #{ note: "contract" };\n')
        self.send()
        self.assertIn(NOT_OFFERED, self.deferred())

    def test_tls_required_no(self):
        ca = f'mode: "required", verify: "host", ca: "{self.authority.certificate}"'
        self.start(ca, tls=context(self.rogue))
        self.send(text="Subject: x\r\nTLS-Required: No\r\n\r\nhello\r\n")
        self.assertEqual(self.delivered(), "TLS")
        self.stop()
        floor = 'config.delivery.domain["dest.test"] = #{ tls: #{ mode: "required", floor: true } };\n'
        self.start(ca, more=floor)
        self.send(text="Subject: x\r\nTLS-Required: No\r\n\r\nhello\r\n")
        self.assertIn(NOT_OFFERED, self.deferred())

    def test_a_floor_is_not_met_by_the_connection_of_another_domain(self):
        """tls.md 8.1, 33: the same host, one domain without TLS and one that needs it."""
        self.start('mode: "none"', tls=context(self.good), more='config.tls_policy["strict.test"] = #{};\n')
        self.send()
        self.assertEqual(self.delivered(), "clear")
        self.send(to="jane@strict.test")
        self.sink.wait_for(2)
        self.assertEqual(self.sink.protected, [False, True], self.server.log())


if __name__ == "__main__":
    unittest.main()
