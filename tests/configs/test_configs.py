"""Configurations as vSMTP administrators have them: each loads as it is, `sluice check` says nothing against it, and its
rules do what their tests say."""

import pathlib
import unittest

from support.command import sluice

HERE = pathlib.Path(__file__).parent


class Configurations(unittest.TestCase):
    def load(self, directory):
        done = sluice("check", "-c", directory, cwd=HERE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for line in (done.stdout + done.stderr).splitlines():
            if "warning[" in line:
                self.assertIn("W0300", line)  # those without domains of their own
        done = sluice("test", directory, cwd=HERE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


for path in sorted(HERE.iterdir()):
    if path.is_dir() and (path / "vsmtp.vsl").exists():
        setattr(Configurations, "test_" + path.name.replace("-", "_"), lambda self, path=path: self.load(path))

if __name__ == "__main__":
    unittest.main()
