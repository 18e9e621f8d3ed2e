"""Mailboxes of system users: written with the rights of each by a helper that stays root, while the server does not."""

import os
import re
import shutil
import signal
import unittest

from support import Configuration, Connection, Server, wait_for_messages
from support.accounts import accounts
from support.server import StartFailed
from support.waiting import queued, wait_until

SERVER, JANE, JOE, MAILERS = 41000, 41001, 41002, 41100
FILTER = '#{ rcpt: [ rule "all" || { %s state::accept() } ] }'
EXTRA = """config.delivery.system_users = true; config.delivery.transport = "%s"; config.delivery.remote_transport = "%s";
config.server.system.user = "sluice-test"; config.delivery.retry = #{ first_wait: "1h", longest_wait: "1h" };
"""


class SystemUsers(unittest.TestCase):
    def start(self, transport="maildir:~/Maildir", extra="", rules=""):
        self.configuration = Configuration(FILTER % rules)
        self.addCleanup(self.configuration.__exit__)
        self.root = self.configuration.root
        os.chmod(self.root, 0o711)
        transport = transport.replace("ROOT", self.root)
        self.configuration.configure(EXTRA % (transport, transport) + extra)
        for name in ("spool", "app", "run"):
            self.directory(name, SERVER)
        self.directory("homes", 0, mode=0o755)
        homes = {name: (number, self.directory(f"homes/{name}", number)) for name, number in (("jane", JANE), ("joe", JOE))}
        self.environment = accounts(self.configuration.path("accounts"), {"sluice-test": (SERVER, "/"), **homes}, {"mailers": MAILERS})
        self.server = Server(self.configuration, environment=self.environment)
        self.addCleanup(self.server.__exit__, None)

    def directory(self, name, owner, group=None, mode=0o700):
        path = self.configuration.path(name)
        os.mkdir(path)
        os.chown(path, owner, owner if group is None else group)
        os.chmod(path, mode)
        return path

    def send(self, *to, sender="a@here.test", body="Subject: x\r\n\r\nhello\r\n"):
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            self.assertRegex(connection.send_message(sender, *to, body=body), "^250")

    def helper(self):
        with open(f"/proc/{self.server.process.pid}/task/{self.server.process.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def assert_owned(self, path, user, group, mode):
        facts = os.stat(path)
        self.assertEqual((facts.st_uid, facts.st_gid, oct(facts.st_mode & 0o777)), (user, group, oct(mode)), path)

    def assert_logged(self, pattern):
        self.assertTrue(self.server.wait_for_line(pattern), self.server.log())

    def test_maildirs(self):
        # A group that could do more than the user must not come along into his home.
        self.start(extra='config.server.system.group_local = "mailers";')
        lines = b"a line of a message that is not small\r\n" * 50_000
        self.send("jane@there.test", "JOE@there.test", body=b"Subject: x\r\n\r\n..caf\xe9\r\n" + lines)
        for name, number, address in (("jane", JANE, b"jane@there.test"), ("joe", JOE, b"JOE@there.test")):
            maildir = self.configuration.path("homes", name, "Maildir")
            (message,) = wait_for_messages(maildir, 1)
            self.assertIn(b"Delivered-To: " + address + b"\n", message)
            self.assertTrue(message.endswith(b"\n.caf\xe9\n" + lines.replace(b"\r", b"")), message[:500])
            self.assert_owned(maildir, number, number, 0o700)
            (file,) = os.listdir(os.path.join(maildir, "new"))
            self.assert_owned(os.path.join(maildir, "new", file), number, number, 0o600)
        self.assertTrue(wait_until(lambda: not queued(self.configuration)), self.server.log())

    def test_who_is_root(self):
        self.start()

        def users(pid):
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                return re.search(r"(?m)^Uid:\t(\d+)\t(\d+)\t(\d+)", file.read()).groups()

        self.assertEqual(set(users(self.server.process.pid)), {str(SERVER)})
        helper = self.helper()
        self.assertEqual(set(users(helper)), {"0"})
        self.server.stop()
        self.assertTrue(wait_until(lambda: not os.path.exists(f"/proc/{helper}")))

    def test_nobody_of_that_name_and_root(self):
        self.start()
        self.send("nobody-here@there.test", "root@there.test", '"../jane"@there.test', sender="")
        for address, why in (("nobody-here", "5.1.1 no such user"), ("root", "5.1.1 root has no mailbox"), ("../jane", "5.1.1 no such user")):
            self.assert_logged(f"delivery-failed .* to=.*{re.escape(address)}.*@there.test.*{why}")
        self.assertEqual(sorted(os.listdir(self.configuration.path("homes"))), ["jane", "joe"])

    def test_a_user_cannot_lead_it_elsewhere(self):
        self.start()
        theirs = self.directory("theirs", 0)
        os.symlink(theirs, self.configuration.path("homes/jane/Maildir"))
        self.send("jane@there.test")
        self.assert_logged("delivery-deferred .* to=jane@there.test .*4.2.0 cannot write to mailbox .*Permission denied")
        self.assertEqual(os.listdir(theirs), [])
        (left,) = queued(self.configuration)
        self.assertEqual(left["queue"], "deferred")

    def test_mboxes_with_a_group(self):
        self.start("mbox:ROOT/var-mail/%u", 'config.server.system.group_local = "mailers";')
        self.directory("var-mail", 0, MAILERS, 0o2775)
        self.send("Jane@there.test")
        path = self.configuration.path("var-mail/jane")
        self.assertTrue(wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > 0), self.server.log())
        self.assert_owned(path, JANE, MAILERS, 0o600)
        self.assertTrue(wait_until(lambda: not queued(self.configuration)), self.server.log())
        self.assertEqual(os.listdir(self.configuration.path("var-mail")), ["jane"])

    def test_rules_that_say_maildir(self):
        self.start("lmtp:ROOT/nobody", rules="transport::maildir_all();")
        self.send("jane@there.test")
        self.assertEqual(len(wait_for_messages(self.configuration.path("homes/jane/Maildir"), 1)), 1, self.server.log())

    def test_without_the_helper_mail_waits(self):
        self.start()
        os.kill(self.helper(), signal.SIGKILL)
        self.send("jane@there.test")
        self.assert_logged("delivery-deferred .*4.3.0 the helper that writes mailboxes of system users does not answer")
        self.assertEqual(len(queued(self.configuration)), 1)

    def test_another_mailbox_needs_a_restart(self):
        self.start()
        other = "maildir:~/Elsewhere"
        self.configuration.configure(EXTRA % (other, other))
        done = self.server.reload()
        self.assertIn("mailboxes of system users", done.stdout)
        self.send("jane@there.test")
        self.assert_logged("delivery-deferred .*4.3.5 the server was started without 'maildir:~/Elsewhere': restart it")

    def test_it_must_be_root_at_the_start(self):
        with Configuration() as configuration:
            configuration.configure('config.delivery.system_users = true; config.delivery.transport = "maildir:~/Maildir";')
            program = configuration.path("start")
            binary = configuration.path("sluice")
            shutil.copy(os.environ["SLUICE_BINARY"], binary)
            configuration.write("start", f'#!/bin/sh\nexec setpriv --reuid=41000 --regid=41000 --clear-groups {binary} "$@"\n')
            for path in (configuration.root, program, binary):
                os.chmod(path, 0o755)
            with self.assertRaisesRegex(StartFailed, "config.delivery.system_users needs a start as root.*\n  hint: "):
                Server(configuration, program=program)


if __name__ == "__main__":
    unittest.main()
