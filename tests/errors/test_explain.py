"""`sluice explain`: every code has a long text, the wrong example of each text gives that code, the right one nothing.

The texts are dsl/diag/explanations/*.md and engine/tls/explanations/*.md; dsl/diag/explanation.hpp says how they are
written."""

import json
import re
import unittest

from sample import HERE
from support import Configuration, sluice

PROJECT = HERE.parent.parent
BOOKS = sorted(PROJECT.glob("dsl/diag/explanations/*.md")) + sorted(PROJECT.glob("engine/tls/explanations/*.md"))
TABLES = ("dsl/diag/diagnostics.def", "dsl/diag/program_diagnostics.def", "dsl/diag/lints.def", "engine/tls/problems.def")


def codes():
    text = "".join((PROJECT / path).read_text(encoding="utf-8") for path in TABLES)
    return re.findall(r'^(?:SLUICE_DIAGNOSTIC|PROBLEM)\(\w+, "(\w\d{4})"', text, re.MULTILINE)


def read_books():
    """code -> [(wrong or right, kind, text)]"""
    texts = {}
    for book in BOOKS:
        for section in re.split(r"^# (?=\w\d{4}$)", book.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            code, text = section.split("\n", 1)
            examples = re.findall(r"^```(wrong|right) ?([^\n]*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
            texts[code] = (text, examples)
    return texts


TEXTS = read_books()


def prepare(configuration, examples):
    """Writes the examples; False if they are only for reading."""
    for kind, text in examples:
        if kind == "":
            configuration.write("filter.vsl", text if "#{" in text else text + "#{}\n")
        elif kind == "config":
            configuration.configure(text, tls=False)
        elif kind.startswith("file "):
            path = kind.split()[1]
            configuration.write(path, text)
            if path.startswith("domain-available/"):
                configuration.domain(path.split("/")[1])
        else:
            return False
    return True


class Explain(unittest.TestCase):
    maxDiff = None

    def test_every_code_has_a_text_and_no_text_is_left_over(self):
        self.assertEqual(sorted(codes()), sorted(TEXTS))

    def test_every_text_has_both_examples(self):
        for code, (text, examples) in TEXTS.items():
            with self.subTest(code=code):
                self.assertEqual({"wrong", "right"}, {which for which, _, _ in examples})
                self.assertNotEqual(text.split("```")[0].strip(), "", "no word about what it means")

    def test_it_is_printed(self):
        for code in codes():
            with self.subTest(code=code):
                done = sluice("explain", code)
                self.assertEqual(done.returncode, 0, done.stderr)
                first = done.stdout.splitlines()[0]
                self.assertRegex(first, rf"^(error|warning|note)\[{code}\]: .+")
                words = TEXTS[code][0].split("```")[0].split()
                self.assertIn(" ".join(words[:5]), " ".join(done.stdout.split()))
                for _, _, example in TEXTS[code][1]:
                    for line in example.splitlines():
                        self.assertIn(line, done.stdout)

    def test_the_list(self):
        done = sluice("explain")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(sorted(codes()), [line.split()[0] for line in done.stdout.splitlines()])
        listed = json.loads(sluice("explain", "--json").stdout)
        self.assertEqual(sorted(codes()), [item["code"] for item in listed])

    def test_json(self):
        item = json.loads(sluice("explain", "E0053", "--json").stdout)
        self.assertEqual((item["code"], item["severity"]), ("E0053", "error"))
        self.assertIn("```wrong", item["explanation"])

    def test_case_does_not_matter(self):
        self.assertEqual(sluice("explain", "e0053").stdout, sluice("explain", "E0053").stdout)

    def test_an_unknown_code(self):
        done = sluice("explain", "E0253")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"there is no code 'E0253'\n  hint: did you mean [EWT]\d{4}\?")
        self.assertEqual(sluice("explain", "nonsense").returncode, 1)
        self.assertEqual(sluice("explain", "E0053", "E0054").returncode, 2)


TESTS = "E0220"  # what `sluice test` says, not `sluice check`


class Examples(unittest.TestCase):
    maxDiff = None

    def run_tests(self, configuration, which):
        configuration.write("filter.vsl", "#{}")
        done = sluice("test", configuration.root)
        self.assertEqual(done.returncode, 0 if which == "right" else 1, done.stdout + done.stderr)
        self.assertEqual(f"error[{TESTS}]" in done.stdout, which == "wrong", done.stdout)

    def play(self, code, which):
        examples = [(kind, text) for w, kind, text in TEXTS[code][1] if w == which]
        with Configuration() as configuration:
            configuration.configure(tls=False)
            if not prepare(configuration, examples):
                return
            if code == TESTS:
                return self.run_tests(configuration, which)
            done = sluice("check", "-c", configuration.root, "--json")
        found = [item for item in json.loads(done.stdout) if item["severity"] != "note" or item["code"] == code]
        if which == "right":
            self.assertEqual([], found)
        else:
            self.assertIn(code, {item["code"] for item in found}, done.stdout)


for known in TEXTS:
    for side in ("wrong", "right"):
        setattr(Examples, f"test_{known}_{side}", lambda self, code=known, which=side: self.play(code, which))


if __name__ == "__main__":
    unittest.main()
