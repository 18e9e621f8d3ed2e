"""`sluice user`: the password file, checked against Python's own PBKDF2."""

import base64
import hashlib
import hmac
import json
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import tempfile
import unittest

from support.command import binary


def stored_key(line, mechanism, password):
    """(key in the file, key of the password)"""
    iterations, salt, stored = re.search(re.escape(mechanism) + r"\$(\d+):([^$]+)\$([^:]+):", line).groups()
    name = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}[mechanism]
    salted = hashlib.pbkdf2_hmac(name, password.encode(), base64.b64decode(salt), int(iterations))
    client_key = hmac.new(salted, b"Client Key", name).digest()
    return stored, base64.b64encode(hashlib.new(name, client_key).digest()).decode()


class PasswordFile(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="sluice-test-")
        self.addCleanup(shutil.rmtree, self.root)
        self.file = os.path.join(self.root, "users")

    def user(self, *arguments, password=None, exit_code=0, place=None):
        command = [binary(), "user", *arguments, *(place or ("-c", self.root))]
        if password is not None:
            command.append("--stdin")
        done = subprocess.run(command, input=password or "", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              text=True, start_new_session=True)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return done

    def lines(self):
        with open(self.file, encoding="utf-8") as file:
            return {line.split()[1]: line for line in file if line.startswith("user ")}

    def names(self):
        return [row["name"] for row in json.loads(self.user("list", "--json").stdout)]

    def holds(self, name, password):
        results = [stored_key(self.lines()[name], mechanism, password) for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256")]
        return all(stored == derived for stored, derived in results)


class User(PasswordFile):
    def test_add(self):
        self.assertEqual(self.user("add", "jane@example.com", password="correct horse\n").stdout,
                         f"added jane@example.com to {self.file}\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        self.assertTrue(self.holds("jane@example.com", "correct horse"))
        self.assertFalse(self.holds("jane@example.com", "correct"))
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("sluice-users 1\nsecret "))
        self.assertNotIn("horse", text)
        self.assertNotIn("CRAM-MD5", text)

    def test_line_ends(self):
        for name, password in (("a", "x"), ("b", "x\n"), ("c", "x\r\n")):
            self.user("add", name, password=password)
            self.assertTrue(self.holds(name, "x"), name)

    def test_list(self):
        self.user("add", "john", password="x")
        self.user("add", "jane", "--cram-md5", password="x")
        self.assertEqual(json.loads(self.user("list", "--json").stdout),
                         [{"name": "jane", "scram_iterations": 32768, "cram_md5": True},
                          {"name": "john", "scram_iterations": 32768, "cram_md5": False}])
        self.assertEqual(self.user("list").stdout, "jane  (with a key for CRAM-MD5)\njohn\n")

    def test_remove(self):
        self.user("add", "john", password="x")
        self.user("add", "jane", password="x")
        self.user("remove", "john")
        self.assertEqual(self.names(), ["jane"])
        self.assertIn("there is no user john", self.user("remove", "john", exit_code=1).stderr)
        self.user("remove", "jane")
        self.assertIn("no users; add one", self.user("list").stdout)
        self.assertEqual(self.names(), [])

    def test_passwd(self):
        self.user("add", "jane", "--cram-md5", password="old")
        before = self.lines()["jane"]
        self.assertEqual(self.user("passwd", "jane", password="new").stdout, "jane has a new password\n")
        self.assertTrue(self.holds("jane", "new"))
        self.assertNotEqual(before.split("CRAM-MD5$")[1], self.lines()["jane"].split("CRAM-MD5$")[1])
        self.assertIn("there is no user john", self.user("passwd", "john", password="x", exit_code=1).stderr)

    def test_twice(self):
        self.user("add", "jane", password="x")
        done = self.user("add", "jane", password="y", exit_code=1)
        self.assertIn("the user jane exists", done.stderr)
        self.assertIn("sluice user passwd jane", done.stderr)
        self.assertTrue(self.holds("jane", "x"))

    def test_bad_passwords(self):
        for password, text in (("", "no password on standard input"), ("\n", "no password on standard input"),
                               ("a\nb\n", "more than one line"), ("a\n\n", "more than one line"),
                               ("a\tb\n", "SASLprep"), ("x" * 1025, "more than 1024 octets"), ("x" * 5000, "more than 1024 octets")):
            self.assertIn(text, self.user("add", "jane", password=password, exit_code=1).stderr, password[:20])
        self.assertFalse(os.path.exists(self.file))
        self.user("add", "jane", password="x" * 1024 + "\r\n")
        self.assertTrue(self.holds("jane", "x" * 1024))

    def test_bad_names(self):
        for name in ("", "a b", "a\tb", "n" * 256):
            self.assertIn("cannot be a user name", self.user("add", name, password="x", exit_code=1).stderr)
        self.assertEqual(os.listdir(self.root), [])

    def test_without_a_terminal(self):
        done = self.user("add", "jane", exit_code=1)
        self.assertIn("no terminal", done.stderr)
        self.assertIn("--stdin", done.stderr)

    def test_places(self):
        other = os.path.join(self.root, "elsewhere")
        self.user("add", "jane", password="x", place=("-f", other))
        self.assertEqual(os.listdir(self.root), ["elsewhere"])
        script = os.path.join(self.root, "sluice.vsl")
        with open(script, "w", encoding="utf-8") as file:
            file.write("fn on_config(config) { config }\n")
        self.user("add", "john", password="x", place=("-c", script))
        self.assertEqual(list(self.lines()), ["john"])
        self.user("list", place=("-f", other, "-c", self.root), exit_code=2)
        self.assertIn("cannot open the directory", self.user("add", "x", password="x", place=("-c", "/no/such"), exit_code=1).stderr)
        self.assertIn("cannot read '/no/such/users'", self.user("list", place=("-c", "/no/such"), exit_code=1).stderr)

    def test_usage(self):
        self.user(exit_code=2)
        self.user("add", exit_code=2)
        self.user("frobnicate", exit_code=2)
        self.user("add", "jane", "secret", exit_code=2)
        self.user("list", "--stdin", exit_code=2)
        self.assertIn("only for clients that know nothing better", " ".join(self.user("add", "--help").stdout.split()))

    def test_damaged_and_open_files(self):
        self.user("add", "jane", password="x")
        os.chmod(self.file, 0o644)
        done = self.user("list", exit_code=1)
        self.assertIn("mode 0644", done.stderr)
        self.assertIn("chmod 600", done.stderr)
        os.chmod(self.file, 0o600)
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("user john\nrubbish\n")
        done = self.user("list", exit_code=1)
        self.assertIn(f"{self.file}:4: SCRAM-SHA-1 is missing", done.stderr)
        self.assertIn(f"{self.file}:5: only `user` lines may stand here", done.stderr)
        self.user("add", "other", password="x", exit_code=1)

    def test_many_at_once(self):
        processes = []
        for i in range(8):
            process = subprocess.Popen([binary(), "user", "add", f"user{i}", "--stdin", "-c", self.root],
                                       stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            process.stdin.write(b"secret\n")
            process.stdin.close()
            processes.append(process)
        for process in processes:
            self.assertEqual(process.wait(60), 0)
        self.assertEqual(self.names(), [f"user{i}" for i in range(8)])
        self.assertEqual(os.listdir(self.root), ["users"])


class Prompt(PasswordFile):
    """The same program on a terminal of its own."""

    def ask(self, *answers, exit_code=0):
        """What the terminal showed."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(binary(), [binary(), "user", "add", "jane", "-c", self.root])
        shown = b""
        answers = list(answers)
        while True:
            if not select.select([terminal], [], [], 60)[0]:
                self.fail(f"no prompt within a minute: {shown}")
            try:
                more = os.read(terminal, 4096)
            except OSError:  # what Linux says once the program has ended
                more = b""
            if not more:
                break
            shown += more
            if shown.endswith(b": ") and answers:
                os.write(terminal, answers.pop(0))
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), exit_code, shown)
        return shown.decode().replace("\r\n", "\n")

    def test_right(self):
        shown = self.ask(b"correct horse\n", b"correct horse\n")
        self.assertEqual(shown, f"Password for jane: \nAgain: \nadded jane to {self.file}\n")
        self.assertTrue(self.holds("jane", "correct horse"))

    def test_mistyped(self):
        self.assertIn("the passwords differ", self.ask(b"one\n", b"other\n", exit_code=1))
        self.assertFalse(os.path.exists(self.file))

    def test_cancelled(self):
        for keys in (b"\x03", b"half\x03", b"\x04"):
            self.assertIn("cancelled", self.ask(keys, exit_code=1))
        self.assertFalse(os.path.exists(self.file))


if __name__ == "__main__":
    unittest.main()
