"""Hostile configurations through `sluice check`: what runs when rules are loaded is bounded too, and regular expressions
that blow up when they are compiled are refused."""
import time
import unittest

from support import Configuration, sluice


class HostileRules(unittest.TestCase):
    def check(self, filter):
        with Configuration(filter) as configuration:
            begin = time.monotonic()
            done = sluice("check", "-c", configuration.root)
            self.assertLess(time.monotonic() - begin, 50, filter[:200])
            return done

    def refused(self, filter, text):
        done = self.check(filter)
        self.assertEqual(done.returncode, 1, filter[:200] + done.stderr)
        self.assertIn(text, done.stdout + done.stderr, filter[:200])

    def test_regular_expressions(self):
        for pattern in ("((a{100}){100}){100}", "(((a{30}){30}){30}){30}"):
            self.refused(f'const R = regex("{pattern}"); #{{}}', "regular expression")

    def test_nested_groups(self):
        done = self.check('const R = regex("' + "(" * 5000 + "a" + ")" * 5000 + '"); #{}')
        self.assertIn(done.returncode, (0, 1), done.stderr[-500:])

    def test_matching_is_linear(self):
        done = self.check('const R = regex("(a*)*(a|a?)*(x+x+)+y$"); let s = "a"; s.pad(200000, "ax"); '
                          'if s == R { throw "matched"; } #{}')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_loading_has_budgets(self):
        self.refused("loop { } #{}", "operations")
        self.refused('let a = "x"; loop { a += a; } #{}', "limit")
        self.refused("let a = [1]; loop { a = a + a; } #{}", "limit")
        self.refused("fn f() { f() } f(); #{}", "verflow")
        self.refused("let all = []; loop { let n = []; n.pad(100000, 7); all.push(n); } #{}", "bytes")

    def test_closures_that_hold_themselves(self):
        done = self.check("for i in 0..1000 { let a = []; let f = || a; a.push(f); } #{}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
