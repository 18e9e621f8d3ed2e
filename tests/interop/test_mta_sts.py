"""MTA-STS of delivery (tls.md 4.1, 8.1 row 28): what a policy over HTTPS does to the way a message goes."""

import ssl
import unittest

from support import Configuration, Connection, Server, SmtpSink
from support.authority import Authority
from support.https_server import HttpsServer
from support.name_server import A, MX, RESOLVER, TXT, NameServer
from support.waiting import queued, wait_until

FILTER = """#{ rcpt: [ rule "all" || { transport::deliver_all(); state::accept() } ] }"""
EXTRA = """config.delivery.port = %d; config.delivery.loopback = true;
config.delivery.retry = #{ first_wait: "1h", longest_wait: "1h" };
config.delivery.mta_sts_port = %d; config.delivery.mta_sts_ca = "%s";
config.delivery.tls = #{ ca: "%s" %s };
"""
HOST, POLICY_HOST = "mx.dest.test", "mta-sts.dest.test"
PATH = "/.well-known/mta-sts.txt"

NO_CA = "451 4.7.5 [internal] remote node SSL certificate not signed by a valid CA"
NO_MATCH = "451 4.7.5 [internal] SSL certificate subject does not match host"
NOT_LISTED = "451 4.7.5 [internal] MX host not in MTA-STS policy"
NOT_OFFERED = "451 4.7.6 [internal] STARTTLS required but not advertised"
NO_POLICY = "451 4.7.5 [internal] MTA-STS policy required but not available"


def policy(mode, mx=HOST):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 86400\r\n"


class MtaSts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.close)
        stranger = Authority("Somebody else")
        cls.addClassCleanup(stranger.close)
        cls.good = cls.authority.sign("good", f"DNS:{HOST}")
        cls.rogue = stranger.sign("rogue", f"DNS:{HOST}")
        cls.other = cls.authority.sign("other", "DNS:other.test")
        cls.web = cls.authority.sign("web", f"DNS:{POLICY_HOST}")
        cls.wrong_web = cls.authority.sign("wrongweb", "DNS:www.dest.test")

    def start(self, text, pair, web=None, texts=("v=STSv1; id=1;",), keys=""):
        """`text` is the policy file, None for none; `pair` the certificate of the exchange, None for no TLS."""
        tls = None
        if pair:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(pair.certificate, pair.key)
        self.sink = SmtpSink(tls=tls)
        self.https = HttpsServer(web or self.web, {PATH: text})
        names = NameServer("127.0.0.1", delay=0, records={
            ("dest.test", MX): [(10, HOST)], (HOST, A): [self.sink.address], ("_mta-sts.dest.test", TXT): list(texts),
            (POLICY_HOST, A): [self.https.address]})
        ca = self.authority.certificate
        self.configuration = Configuration(FILTER, extra=EXTRA % (self.sink.port, self.https.port, ca, ca, keys) +
                                           RESOLVER.format("127.0.0.1", names.port))
        self.server = Server(self.configuration)
        for close in (self.sink.__exit__, self.https.close, names.close, self.configuration.__exit__, lambda: self.server.__exit__(None)):
            self.addCleanup(close)

    def send(self):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            self.assertRegex(connection.send_message("a@here.test", "jane@dest.test"), "^250")

    def outcome(self, count=1):
        """"TLS", "clear", or the text that the message waits with."""
        waits = lambda: [each["last_error"] for message in queued(self.configuration) for each in message["recipients"] if each["last_error"]]
        self.assertTrue(wait_until(lambda: len(self.sink.messages) >= count or waits()), self.server.log())
        if len(self.sink.messages) >= count:
            return "TLS" if self.sink.protected[-1] else "clear"
        return waits()[0].split(" ", 1)[1]

    def check(self, expected, *arguments, **options):
        with self.subTest(expected=expected, arguments=arguments, options=options):
            self.start(*arguments, **options)
            self.send()
            got = self.outcome()
            self.assertTrue(got.startswith(expected), (got, self.server.log()))
            self.doCleanups()

    def test_enforce(self):
        self.check("TLS", policy("enforce"), self.good)
        self.check("TLS", policy("enforce", "*.dest.test"), self.good)
        self.check(NO_CA, policy("enforce"), self.rogue)
        self.check(NO_MATCH, policy("enforce"), self.other)
        self.check(NOT_OFFERED, policy("enforce"), None)
        self.check(NOT_LISTED, policy("enforce", "mail.dest.test"), self.good)

    def test_modes_that_refuse_nothing(self):
        for mode in ("testing", "none"):
            self.check("TLS", policy(mode), self.rogue)
            self.check("clear", policy(mode), None)
            self.check("TLS", policy(mode, "mail.dest.test"), self.good)

    def test_no_policy(self):
        self.check("TLS", None, self.rogue)
        self.check("TLS", policy("enforce"), self.rogue, web=self.wrong_web)
        self.check("TLS", policy("enforced"), self.rogue)
        self.check("TLS", policy("enforce"), self.rogue, texts=("v=STSv1; id=1;", "v=STSv1; id=2;"))
        self.check("clear", policy("enforce"), None, texts=())

    def test_a_policy_that_is_required(self):
        self.check(NO_POLICY, None, self.good, keys=', mta_sts: "require"')
        self.check(NO_POLICY, policy("testing"), self.good, keys=', mta_sts: "require"')
        self.check("TLS", policy("enforce"), self.good, keys=', mta_sts: "require"')

    def test_switched_off(self):
        self.check("TLS", policy("enforce"), self.rogue, keys=', mta_sts: "off"')
        self.check("clear", policy("enforce"), None, keys=', mode: "none"')

    def test_the_policy_survives_a_restart(self):
        self.start(policy("enforce"), self.good)
        self.send()
        self.assertEqual(self.outcome(), "TLS")
        self.assertTrue(self.server.wait_for_line("delivered .*tls_policy=sts.*outbound_tls_verified=verified|"
                                                  "delivered .*outbound_tls_verified=verified.*tls_policy=sts"), self.server.log())
        self.server.__exit__(None)
        self.https.files.clear()
        asked = len(self.https.asked)
        self.server = Server(self.configuration)
        self.send()
        self.assertEqual(self.outcome(2), "TLS")
        self.assertTrue(self.server.wait_for_line("delivered .*tls_policy=sts"), self.server.log())
        self.assertEqual(len(self.https.asked), asked, "the policy on disk is young enough")


if __name__ == "__main__":
    unittest.main()
