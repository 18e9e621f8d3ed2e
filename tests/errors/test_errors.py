"""Every diagnostic as the administrator sees it: one bad configuration for each code in samples/CODE*.txt, and what
`sluice check` says about it.

A sample has sections, each begun by a line "== KIND ...":

    == filter            text of filter.vsl; without it the file is "#{}"
    == config            lines for on_config
    == file PATH         any file below the configuration directory
    == domain NAME       enables the domain
    == no PATH           removes a file that every configuration has
    == expected          what is printed; @root@ stands for the configuration directory

SLUICE_UPDATE=1 writes what is printed now into the samples; look at the difference before you commit it.
"""

import json
import os
import pathlib
import re
import unittest

from support import Configuration, sluice

HERE = pathlib.Path(__file__).parent
PROJECT = HERE.parent.parent
SAMPLES = sorted((HERE / "samples").glob("*.txt"))

# Codes no configuration can show, and why. A code stands here or has a sample.
WITHOUT_SAMPLE = {
    "E0002": "it takes a file of 1 GiB",
    "E0125": "no name is forbidden in scripts of this server; the embedding interface can forbid some",
    "E0161": "caller-scope calls exist in `sluice eval` only",
    "E0162": "a setting of `sluice eval --json-lines`",
    "E0163": "a setting of `sluice eval --json-lines`",
    "E0164": "a setting of `sluice eval --json-lines`",
    "E0199": "an error of the compiler itself",
    "T0161": "a failure of the TLS library itself",
}


def read_sample(path):
    sections, current = [], None
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("== "):
            current = [line[3:].split(), ""]
            sections.append(current)
        else:
            current[1] += line
    return sections


def prepare(sections, configuration):
    for (kind, *names), text in sections:
        if kind == "filter":
            configuration.write("filter.vsl", text)
        elif kind == "config":
            configuration.configure(text, tls=False)
        elif kind == "file":
            configuration.write(names[0], text)
        elif kind == "domain":
            configuration.domain(names[0])
        elif kind == "no":
            os.unlink(configuration.path(names[0]))
        elif kind != "expected":
            raise ValueError(f"unknown section {kind}")


def definitions(path):
    """(name, code) of every row."""
    text = (PROJECT / path).read_text(encoding="utf-8")
    return re.findall(r'^(?:SLUICE_DIAGNOSTIC|PROBLEM)\((\w+), "(\w\d{4})"', text, re.MULTILINE)


class Samples(unittest.TestCase):
    maxDiff = None

    def play(self, path):
        sections = read_sample(path)
        code = path.name[:5]
        with Configuration() as configuration:
            configuration.configure(tls=False)
            prepare(sections, configuration)
            done = sluice("check", "-c", configuration.root)
            said = done.stdout.replace(os.path.realpath(configuration.root), "@root@").replace(configuration.root, "@root@")
            as_json = sluice("check", "-c", configuration.root, "--json")
        if os.environ.get("SLUICE_UPDATE"):
            text = "".join(f"== {' '.join(names)}\n{text}" for names, text in sections if names[0] != "expected")
            path.write_text(text + "== expected\n" + said, encoding="utf-8")
            return
        self.assertEqual(said, next(text for names, text in sections if names[0] == "expected"), done.stderr)
        self.assertIn(f"[{code}]", said)
        self.assertEqual(done.returncode, 0 if code.startswith("W") else 1)
        self.assertEqual(as_json.returncode, done.returncode)
        self.assertIn(code, {item["code"] for item in json.loads(as_json.stdout)})


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


class Complete(unittest.TestCase):
    def test_every_code_has_a_sample_or_a_reason(self):
        with_sample = {path.name[:5] for path in SAMPLES} | set(Large.covered)
        unit_tests = (PROJECT / "tests/unit/dsl_ast/errors.txt").read_text(encoding="utf-8") + "".join(
            path.read_text(encoding="utf-8") for path in (PROJECT / "tests/unit/dsl_ast").glob("*.cpp"))
        for name, code in definitions("dsl/diag/diagnostics.def") + definitions("dsl/diag/program_diagnostics.def"):
            with self.subTest(code=code, name=name):
                syntax = code <= "E0121" and (f"[{code}]" in unit_tests or name in unit_tests)
                self.assertTrue(syntax or code in with_sample or code in WITHOUT_SAMPLE)
        for code in WITHOUT_SAMPLE:
            self.assertNotIn(code, with_sample, "it has a sample by now")

    def test_every_tls_problem_is_tested(self):
        tests = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "tests/unit/engine_tls").glob("*"))
        tests += "".join(path.read_text(encoding="utf-8") for path in SAMPLES)
        for name, code in definitions("engine/tls/problems.def"):
            with self.subTest(code=code, name=name):
                self.assertTrue(code in tests or name in tests or code in WITHOUT_SAMPLE)


if __name__ == "__main__":
    unittest.main()
