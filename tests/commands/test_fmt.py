"""`sluice fmt`: files and directories in place, --check, --stdin."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import sluice
from support.command import binary

UGLY = "#{mail:[rule \"a\"||state::next()]}"
PRETTY = "#{\n    mail: [\n        rule \"a\" || state::next(),\n    ],\n}\n"
BROKEN = "#{ mail: [ }\n"


class Fmt(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_files_are_replaced_and_keep_their_mode(self):
        path = self.write("a.vsl", UGLY)
        path.chmod(0o640)
        done = sluice("fmt", path)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"formatted: {path}\n", ""))
        self.assertEqual(path.read_text(), PRETTY)
        self.assertEqual(path.stat().st_mode & 0o7777, 0o640)
        self.assertEqual(os.listdir(self.folder), ["a.vsl"])
        again = sluice("fmt", path)
        self.assertEqual((again.returncode, again.stdout), (0, ""))

    def test_directories(self):
        one, two = self.write("a.vsl", UGLY), self.write("domain-available/b/c.vsl", UGLY)
        other, hidden = self.write("a.txt", UGLY), self.write(".git/d.vsl", UGLY)
        (self.folder / "domain-enabled").mkdir()
        (self.folder / "domain-enabled/b").symlink_to("../domain-available/b")
        done = sluice("fmt", self.folder)
        self.assertEqual(done.stdout, f"formatted: {one}\nformatted: {two}\n")
        self.assertEqual([p.read_text() for p in (one, two, other, hidden)], [PRETTY, PRETTY, UGLY, UGLY])

    def test_a_link_stays_a_link(self):
        path = self.write("real/a.vsl", UGLY)
        link = self.folder / "b.vsl"
        link.symlink_to(path)
        self.assertEqual(sluice("fmt", link).returncode, 0)
        self.assertTrue(link.is_symlink())
        self.assertEqual(path.read_text(), PRETTY)

    def test_check_names_the_files_and_changes_nothing(self):
        ugly, pretty = self.write("a.vsl", UGLY), self.write("b.vsl", PRETTY)
        done = sluice("fmt", "--check", ugly, pretty)
        self.assertEqual((done.returncode, done.stdout), (1, f"would change: {ugly}\n"))
        self.assertEqual(ugly.read_text(), UGLY)
        self.assertEqual(sluice("fmt", "--check", pretty).returncode, 0)

    def test_a_file_with_errors_is_left_alone_and_the_others_are_formatted(self):
        broken, ugly = self.write("a.vsl", BROKEN), self.write("b.vsl", UGLY)
        done = sluice("fmt", broken, ugly)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{broken}:1:12: error[E00", done.stderr)
        self.assertEqual((broken.read_text(), ugly.read_text()), (BROKEN, PRETTY))

    def test_what_cannot_be_read(self):
        missing = self.folder / "missing.vsl"
        done = sluice("fmt", missing)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(missing), done.stderr)

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_a_directory_that_cannot_be_written(self):
        path = self.write("a.vsl", UGLY)
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)
        done = sluice("fmt", path)
        self.assertEqual((done.returncode, path.read_text()), (1, UGLY))

    def test_usage(self):
        self.assertEqual(sluice("fmt").returncode, 2)
        self.assertEqual(sluice("fmt", "--stdin", "a.vsl").returncode, 2)

    def test_standard_input(self):
        def run(text, *options):
            return subprocess.run([binary(), "fmt", "--stdin", *options], input=text, capture_output=True, text=True,
                                  timeout=60)

        self.assertEqual((run(UGLY).returncode, run(UGLY).stdout), (0, PRETTY))
        self.assertEqual((run(UGLY, "--check").returncode, run(PRETTY, "--check").returncode), (1, 0))
        broken = run(BROKEN)
        self.assertEqual((broken.returncode, broken.stdout), (1, ""))
        self.assertIn("standard input:1:12: error[E00", broken.stderr)


if __name__ == "__main__":
    unittest.main()
