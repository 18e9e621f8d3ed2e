"""A domain with two mail exchangers: whom the better one does not take now, the other one is offered at once."""

import re
import threading
import unittest

from support import Configuration, Connection, Server, SmtpSink
from support.name_server import A, MX, RESOLVER, NameServer
from support.ports import own_address
from support.waiting import queued, wait_until

FILTER = """#{ rcpt: [ rule "all" || { transport::deliver_all(); state::accept() } ] }"""
EXTRA = """config.delivery.port = %d; config.delivery.loopback = true;
config.delivery.retry = #{ first_wait: "1h", longest_wait: "1h" };
"""


class BackupHost(unittest.TestCase):
    def start(self, better, backup):
        """The two hosts, with these replies."""
        hosts = [SmtpSink(better)]
        hosts.append(SmtpSink(backup, port=hosts[0].port, address=own_address(1)))
        names = NameServer("127.0.0.1", delay=0, records={
            ("two.test", MX): [(10, "better.two.test"), (20, "backup.two.test")],
            ("better.two.test", A): [hosts[0].address], ("backup.two.test", A): [hosts[1].address]})
        self.configuration = Configuration(FILTER, extra=EXTRA % hosts[0].port + RESOLVER.format("127.0.0.1", names.port))
        self.server = Server(self.configuration)
        for close in (*(host.__exit__ for host in hosts), names.close, self.configuration.__exit__, lambda: self.server.__exit__(None)):
            self.addCleanup(close)
        return hosts

    def send(self, *to):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            self.assertRegex(connection.send_message("a@here.test", *to), "^250")

    def test_one_of_two_recipients(self):
        better, backup = self.start({"RCPT TO:<joe@": "452 4.2.2 over quota"}, {})
        self.send("jane@two.test", "joe@two.test")
        self.assertEqual([each[1] for each in better.wait_for(1)], [["jane@two.test"]])
        self.assertEqual([each[1] for each in backup.wait_for(1)], [["joe@two.test"]])
        self.assertTrue(wait_until(lambda: not queued(self.configuration)), self.server.log())

    def test_the_better_host_has_no_room(self):
        better, backup = self.start({"MAIL": "452 4.3.1 no room"}, {})
        self.send("jane@two.test", "joe@two.test")
        self.assertEqual([each[1] for each in backup.wait_for(1)], [["jane@two.test", "joe@two.test"]])
        self.assertEqual(better.messages, [])
        self.assertTrue(wait_until(lambda: not queued(self.configuration)), self.server.log())

    def test_a_crash_while_the_backup_takes_its_time(self):
        goes_on = threading.Event()
        self.addCleanup(goes_on.set)
        better, backup = self.start({"RCPT TO:<joe@": "452 4.2.2 over quota"}, {"EHLO": goes_on})
        self.send("jane@two.test", "joe@two.test")
        self.assertTrue(backup.wait_for_command("EHLO"))
        self.assertTrue(wait_until(lambda: [each["state"] for each in queued(self.configuration)[0]["recipients"]] == ["sent", "waiting"]),
                        queued(self.configuration))
        self.server.kill()
        goes_on.set()
        self.server = Server(self.configuration)
        self.assertEqual([each[1] for each in backup.wait_for(1)], [["joe@two.test"]])
        self.assertTrue(wait_until(lambda: not queued(self.configuration)), self.server.log())
        # A DATA without recipients is ended by a lone dot.
        self.assertEqual([each[1] for each in better.messages if each[1]], [["jane@two.test"]])

    def test_a_backup_that_knows_nobody_does_not_end_it(self):
        self.start({"RCPT": "451 4.7.1 come back later"}, {"RCPT": "550 5.7.1 relaying denied"})
        self.send("jane@two.test")
        self.assertTrue(self.server.wait_for_line("delivery-deferred .*451 4.7.1 come back later"), self.server.log())
        ((recipient,),) = [each["recipients"] for each in queued(self.configuration)]
        self.assertEqual((recipient["state"], recipient["attempts"]), ("deferred", 1))
        self.assertFalse(re.search("delivery-failed", self.server.log()))


if __name__ == "__main__":
    unittest.main()
