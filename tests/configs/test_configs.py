"""Configurations as vSMTP administrators have them: each loads as it is, `sluice check` says nothing against it, and its
rules do what their tests say."""

import pathlib
import shutil
import tempfile
import unittest

from support.command import sluice

HERE = pathlib.Path(__file__).parent


class Configurations(unittest.TestCase):
    def load(self, directory):
        for script in directory.glob("domain-available/*/config.vsl"):
            if "fullchain.pem" in script.read_text():
                return self.load_with_certificate(directory, script.parent.name)
        self.check(directory, "W0300")  # those without domains of their own

    def load_with_certificate(self, directory, domain):
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(directory, copy, symlinks=True, dirs_exist_ok=True)
            made = sluice("cert", "self-signed", domain, "--out", f"{copy}/domain-available/{domain}")
            self.assertEqual(made.returncode, 0, made.stderr)
            self.check(copy, "W0202")  # the 451 5.7.3 of vSMTP's own example

    def check(self, directory, warning):
        done = sluice("check", "-c", directory, cwd=HERE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for line in (done.stdout + done.stderr).splitlines():
            if "warning[" in line:
                self.assertIn(warning, line)
        done = sluice("test", directory, cwd=HERE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


for path in sorted(HERE.iterdir()):
    if path.is_dir() and (path / "vsmtp.vsl").exists():
        setattr(Configurations, "test_" + path.name.replace("-", "_"), lambda self, path=path: self.load(path))

if __name__ == "__main__":
    unittest.main()
