"""A rule that waits for the DNS delays its own session and nobody else's."""

import unittest

from support import Configuration, Connection, Server
from support.name_server import RESOLVER, NameServer

FILTER = """#{
  helo: [ rule "lookup" || if ctx::helo() == "slow.test" { if "192.0.2.1" in dns::lookup("slow.test.") { state::next() } else { state::deny() } } else { state::next() } ],
  rcpt: [ rule "all" || state::accept() ],
}"""


class SlowDns(unittest.TestCase):
    def connect(self, configuration, name):
        connection = Connection(configuration.address, configuration.relay)
        self.addCleanup(connection.close)
        connection.greeting()
        connection.send(f"EHLO {name}")
        return connection

    def test_others_are_served_meanwhile(self):
        names = NameServer("127.0.0.1")
        self.addCleanup(names.close)
        with Configuration(FILTER, RESOLVER.format("127.0.0.1", names.port), tls=False) as configuration, Server(configuration):
            slow = [self.connect(configuration, "slow.test") for _ in range(8)]  # more than there are threads
            self.assertTrue(names.asked.wait(30))
            for _ in range(20):
                quick = self.connect(configuration, "quick.test")
                self.assertEqual(quick.reply()[0][:3], "250")
                for command, code in (("MAIL FROM:<a@x.test>", "250"), ("RCPT TO:<b@y.test>", "250"), ("DATA", "354"),
                                      ("Subject: x\r\n\r\nx\r\n.", "250"), ("QUIT", "221")):
                    quick.send(command)
                    self.assertEqual(quick.reply()[0][:3], code, command)
            names.release.set()
            for session in slow:
                self.assertEqual(session.reply()[0][:3], "250")

    def test_no_answer_is_a_temporary_error(self):
        names = NameServer("127.0.0.1")
        self.addCleanup(names.close)
        extra = RESOLVER.format("127.0.0.1", names.port).replace("30s", "1s")
        with Configuration(FILTER, extra, tls=False) as configuration, Server(configuration) as server:
            session = self.connect(configuration, "slow.test")
            self.assertEqual(session.reply()[0][:3], "451")
            self.assertTrue(server.wait_for_line(r"rule-failed .*the DNS does not answer for 'slow.test.'"), server.log())

    def test_a_session_that_ends_while_its_rule_waits_harms_nobody(self):
        names = NameServer("127.0.0.1")
        self.addCleanup(names.close)
        with Configuration(FILTER, RESOLVER.format("127.0.0.1", names.port), tls=False) as configuration, Server(configuration) as server:
            gone = self.connect(configuration, "slow.test")
            self.assertTrue(names.asked.wait(30))
            gone.close()
            names.release.set()
            self.assertTrue(server.wait_for_line(r"closed session="), server.log())
            self.assertEqual(self.connect(configuration, "quick.test").reply()[0][:3], "250")


if __name__ == "__main__":
    unittest.main()
