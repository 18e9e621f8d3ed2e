"""A rule that waits for the DNS delays its own session and nobody else's."""

import socket
import struct
import threading
import unittest

from support import Configuration, Connection, Server

FILTER = """#{
  helo: [ rule "lookup" || if ctx::helo() == "slow.test" { if "192.0.2.1" in dns::lookup("slow.test.") { state::next() } else { state::deny() } } else { state::next() } ],
  rcpt: [ rule "all" || state::accept() ],
}"""
DNS = """  config.server.dns = #{{ type: "custom", config: #{{ name_servers: [ #{{ socket_addr: "{0}:{1}", protocol: "udp" }} ] }},
    options: #{{ timeout: "30s", attempts: 1, use_hosts_file: false, ip_strategy: "Ipv4Only" }} }};
"""


class NameServer:
    """Answers A questions with 192.0.2.1, but not before it is told to."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]
        self.asked = threading.Event()
        self.release = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                question, client = self.socket.recvfrom(4096)
            except OSError:
                return
            self.asked.set()
            threading.Thread(target=self.answer, args=(question, client), daemon=True).start()

    def answer(self, question, client):
        self.release.wait(60)
        end = question.index(b"\0", 12) + 5
        name, kind = question[12:end - 4], question[end - 4:end - 2]
        records = name + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1]) if kind == b"\0\1" else b""
        header = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1 if records else 0, 0, 0)
        try:
            self.socket.sendto(header + question[12:end] + records, client)
        except OSError:
            pass

    def close(self):
        self.release.set()
        self.socket.close()


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
        with Configuration(FILTER, DNS.format("127.0.0.1", names.port), tls=False) as configuration, Server(configuration):
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
        extra = DNS.format("127.0.0.1", names.port).replace("30s", "1s")
        with Configuration(FILTER, extra, tls=False) as configuration, Server(configuration) as server:
            session = self.connect(configuration, "slow.test")
            self.assertEqual(session.reply()[0][:3], "451")
            self.assertTrue(server.wait_for_line(r"rule-failed .*the DNS does not answer for 'slow.test.'"), server.log())

    def test_a_session_that_ends_while_its_rule_waits_harms_nobody(self):
        names = NameServer("127.0.0.1")
        self.addCleanup(names.close)
        with Configuration(FILTER, DNS.format("127.0.0.1", names.port), tls=False) as configuration, Server(configuration) as server:
            gone = self.connect(configuration, "slow.test")
            self.assertTrue(names.asked.wait(30))
            gone.close()
            names.release.set()
            self.assertTrue(server.wait_for_line(r"closed session="), server.log())
            self.assertEqual(self.connect(configuration, "quick.test").reply()[0][:3], "250")


if __name__ == "__main__":
    unittest.main()
