"""The mistakes of those who write their first rules: each sample in newcomers/ has one, and `sluice check` says one thing
about it, at the right place, with a hint (sample.py says how samples are written)."""

import re
import unittest

from sample import HERE, Played

SAMPLES = sorted((HERE / "newcomers").glob("*.txt"))
# The ten that issue 3 names.
NAMED = ("missing-comma-stage-map", "assign-for-compare", "unknown-function", "wrong-stage", "unclosed-brace", "missing-semicolon",
         "verdict-in-action", "misspelt-stage", "import-missing", "compare-address-int")


class Newcomers(unittest.TestCase):
    maxDiff = None

    def play(self, path):
        played = Played(path)
        self.assertEqual(played.said, played.expected, played.stderr)
        self.assertEqual(len(played.diagnostics), 1, "one mistake, one diagnostic")
        item = played.diagnostics[0]
        self.assertTrue(item["hint"], "nothing says how to put it right")
        place = re.match(r"(\S+):(\d+):(\d+): (\w+)\[(\w+)\]: (.*)", played.said)
        self.assertIsNotNone(place, "no place")
        self.assertTrue(item["file"].endswith(place[1].replace("@root@/", "")), item["file"])
        self.assertEqual((int(place[2]), int(place[3])), (item["line"], item["column"]))
        self.assertEqual((place[4], place[5]), (item["severity"], item["code"]))
        self.assertEqual(played.returncode, 1 if item["severity"] == "error" else 0)
        self.assertEqual(played.json_returncode, played.returncode)

    def test_the_ten_of_the_issue_are_there(self):
        self.assertLessEqual(set(NAMED), {path.stem for path in SAMPLES})


def add(path):
    setattr(Newcomers, "test_" + path.stem.replace("-", "_"), lambda self: self.play(path))


for sample in SAMPLES:
    add(sample)


if __name__ == "__main__":
    unittest.main()
