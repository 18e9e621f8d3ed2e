"""Every diagnostic as the administrator sees it: one bad configuration for each code in samples/CODE*.txt (sample.py says
how they are written), and what `sluice check` says about it."""

import re
import unittest

from sample import HERE, Played
from support import Configuration, sluice

PROJECT = HERE.parent.parent
SAMPLES = sorted((HERE / "samples").glob("*.txt"))

# Codes no configuration can show, and why. A code stands here or has a sample.
WITHOUT_SAMPLE = {
    "E0002": "it takes a file of 1 GiB",
    "T0181": "it takes a system without CA certificates",
    "E0220": "an error of `sluice test` (tests/commands/test_test.py)",
    "E0125": "no name is forbidden in scripts of this server; the embedding interface can forbid some",
    "E0161": "caller-scope calls exist in `sluice eval` only",
    "E0162": "a setting of `sluice eval --json-lines`",
    "E0163": "a setting of `sluice eval --json-lines`",
    "E0164": "a setting of `sluice eval --json-lines`",
    "E0198": "an error of `sluice fmt` itself",
    "E0199": "an error of the compiler itself",
    "E0309": "an error of `sluice migrate` (tests/commands/test_migrate.py)",
    "T0161": "a failure of the TLS library itself",
}


def definitions(path):
    """(name, code) of every row."""
    text = (PROJECT / path).read_text(encoding="utf-8")
    return re.findall(r'^(?:SLUICE_DIAGNOSTIC|PROBLEM)\((\w+), "(\w\d{4})"', text, re.MULTILINE)


class Samples(unittest.TestCase):
    maxDiff = None

    def play(self, path):
        code = path.name[:5]
        played = Played(path)
        self.assertEqual(played.said, played.expected, played.stderr)
        self.assertIn(f"[{code}]", played.said)
        self.assertEqual(played.returncode, 0 if code.startswith("W") else 1)
        self.assertEqual(played.json_returncode, played.returncode)
        self.assertIn(code, {item["code"] for item in played.diagnostics})


def add(path):
    setattr(Samples, "test_" + path.stem, lambda self: self.play(path))


for sample in SAMPLES:
    add(sample)


class Large(unittest.TestCase):
    """Samples that are too large to be written down."""

    covered = ("E0155", "E0156", "E0157", "E0159", "E0160")

    def expect(self, code, filter, modules=()):
        with Configuration(filter) as configuration:
            for name, text in modules:
                configuration.write(name, text)
            done = sluice("check", "-c", configuration.root)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(f"error[{code}]", done.stdout[:5000])

    def test_too_many_modules(self):
        count = 5000
        self.expect("E0155", "".join(f'import "m/{i}" as m{i};\n' for i in range(count)) + "#{}\n", [(f"m/{i}.vsl", "") for i in range(count)])

    def test_too_many_variables(self):
        self.expect("E0156", "".join(f"let v{i} = {i % 7};\n" for i in range(61000)) + "#{}\n")

    def test_too_many_constants(self):
        self.expect("E0157", "let a = 0;\n" + "".join(f'a = "text {i}";\n' for i in range(66000)) + "#{}\n")

    def test_too_many_functions(self):
        self.expect("E0159", "".join(f"fn f{i}() {{ {i} }}\n" for i in range(66000)) + "#{}\n")

    def test_too_many_parameters(self):
        names = ", ".join(f"p{i}" for i in range(300))
        self.expect("E0160", f"fn f({names}) {{ 1 }}\n#{{}}\n")


class Warnings(unittest.TestCase):
    DOUBTFUL = """#{ mail: [ rule "five" || if ctx::mail_from() == 5 { state::deny() } else { state::next() } ] }"""

    def test_they_fail_the_check_only_if_asked(self):
        with Configuration(self.DOUBTFUL) as configuration:
            configuration.configure(tls=False)
            self.assertEqual(sluice("check", "-c", configuration.root).returncode, 0)
            self.assertEqual(sluice("check", "-c", configuration.root, "--deny-warnings").returncode, 1)
            self.assertEqual(sluice("check", "-c", configuration.root, "--deny-warnings", "--json").returncode, 1)
        with Configuration("#{}") as configuration:
            configuration.configure(tls=False)
            self.assertEqual(sluice("check", "-c", configuration.root, "--deny-warnings").returncode, 0)

    def test_rules_of_every_domain_are_looked_at(self):
        with Configuration("#{}") as configuration:
            configuration.configure(tls=False)
            configuration.domain("a.test", incoming=self.DOUBTFUL, outgoing=self.DOUBTFUL, internal=self.DOUBTFUL)
            said = sluice("check", "-c", configuration.root).stdout
        self.assertEqual(sorted(re.findall(r"(\w+\.vsl):1:\d+: warning\[W0103\]", said)), ["incoming.vsl", "internal.vsl", "outgoing.vsl"])

    def test_shipped_rules_have_none(self):
        domain = PROJECT / "domain-available/example.com"
        for path in (PROJECT / "filter.vsl", domain / "incoming.vsl", domain / "outgoing.vsl", domain / "internal.vsl"):
            with self.subTest(path=path), Configuration(path.read_text(encoding="utf-8")) as configuration:
                configuration.configure(tls=False)
                self.assertEqual(sluice("check", "-c", configuration.root, "--json").stdout.strip(), "[]")


class Complete(unittest.TestCase):
    def test_every_code_has_a_sample_or_a_reason(self):
        with_sample = {path.name[:5] for path in SAMPLES} | set(Large.covered)
        unit_tests = (PROJECT / "tests/unit/dsl_ast/errors.txt").read_text(encoding="utf-8") + "".join(
            path.read_text(encoding="utf-8") for path in (PROJECT / "tests/unit/dsl_ast").glob("*.cpp"))
        for name, code in (definitions("dsl/diag/diagnostics.def") + definitions("dsl/diag/program_diagnostics.def") +
                           definitions("dsl/diag/lints.def")):
            with self.subTest(code=code, name=name):
                syntax = code <= "E0121" and (f"[{code}]" in unit_tests or name in unit_tests)
                self.assertTrue(syntax or code in with_sample or code in WITHOUT_SAMPLE)
        for code in WITHOUT_SAMPLE:
            self.assertNotIn(code, with_sample, "it has a sample by now")

    def test_every_tls_problem_is_tested(self):
        folders = (PROJECT / "tests/unit/engine_tls", PROJECT / "tests/unit/engine_deliver")
        tests = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*"))
        tests += "".join(path.read_text(encoding="utf-8") for path in SAMPLES)
        for name, code in definitions("engine/tls/problems.def"):
            with self.subTest(code=code, name=name):
                self.assertTrue(code in tests or name in tests or code in WITHOUT_SAMPLE)


if __name__ == "__main__":
    unittest.main()
