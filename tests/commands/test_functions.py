"""`sluice functions`: the reference of what rules may call."""

import json
import pathlib
import re
import unittest

from support.command import sluice

TABLE = pathlib.Path(__file__).parents[2] / "dsl" / "host" / "functions.def"


class Functions(unittest.TestCase):
    def test_one_function(self):
        done = sluice("functions", "ctx::helo")
        self.assertEqual(done.returncode, 0)
        self.assertIn("ctx::helo() -> string", done.stdout)
        self.assertIn("Available from stage `helo` on.", done.stdout)

    def test_a_wrong_name_is_told_the_right_one(self):
        done = sluice("functions", "ctx::hello")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean 'ctx::helo'?", done.stderr)

    def test_the_page_has_every_function_of_the_server(self):
        names = set(re.findall(r'^SLUICE_HOST\(\w+, "([^"]+)"', TABLE.read_text(), re.MULTILINE))
        self.assertGreater(len(names), 60)
        page = sluice("functions").stdout
        for name in names:
            self.assertIn(f"### {name}\n", page)
        listed = {row["name"]: row for row in json.loads(sluice("functions", "--json").stdout)}
        self.assertLessEqual(names, set(listed))
        self.assertEqual(listed["msg::mail"]["stage"], "preq")
        self.assertIn("parse_json", listed)


if __name__ == "__main__":
    unittest.main()
