"""Scripts that want to hang, crash or exhaust the process. Each is answered with the limit it met (or an ordinary value),
in time, in bounded memory, and the next line is served. Unless the build has sanitizers the address space is limited
as well, so that memory that no budget counts shows up as a crash."""
import json
import os
import resource
import subprocess
import unittest

SLUICE = os.environ["SLUICE_BINARY"]
ADDRESS_SPACE = 1536 << 20  # the budget of a run is 256 MiB; a container grows by doubling
SECONDS = 240               # for a loaded machine with thread sanitizer; what it must not do is never end

LARGE = "ErrorDataTooLarge"
OPERATIONS = "ErrorTooManyOperations"
DEPTH = "ErrorStackOverflow"
WALL = "ErrorTerminated"


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def sanitized():
    """Address sanitizers reserve terabytes of address space."""
    done = subprocess.run([SLUICE, "eval", "1"], capture_output=True, preexec_fn=limited, timeout=SECONDS, check=False)
    return done.returncode != 0


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.limit = None if sanitized() else limited

    def ask(self, script, **needs):
        lines = [{"id": 1, "script": script, "needs": needs}, {"id": 2, "script": "40 + 2"}]
        done = subprocess.run([SLUICE, "eval", "--json-lines"], input="\n".join(map(json.dumps, lines)) + "\n", text=True,
                              capture_output=True, timeout=SECONDS, preexec_fn=type(self).limit, check=False)
        self.assertEqual(done.returncode, 0, f"{script[:200]}\n{done.stderr[-2000:]}")
        first, second = map(json.loads, done.stdout.splitlines())
        self.assertEqual(second.get("value"), 42, script[:200])
        return first

    def ends(self, script, *errors, **needs):
        if sanitized() and OPERATIONS in errors:
            needs.setdefault("max_operations", 100000)  # a million of them may outlast the wall clock's limit there
        answer = self.ask(script, **needs)
        got = {answer.get("error"), answer.get("inner")} - {None} or {"a value"}
        self.assertTrue(got & set(errors), f"{script[:200]}: {got}, {answer.get('message', '')[:200]}")
        return answer

    def test_strings_that_grow(self):
        self.ends('let a = "x"; loop { a += a; }', LARGE)
        self.ends('let a = "x"; loop { a = a + a; }', LARGE)
        self.ends('let a = "x"; loop { a = `${a}${a}${a}`; }', LARGE)
        self.ends('let a = "x"; a.pad(9223372036854775807, "ab")', LARGE)
        self.ends('let a = "x"; a.pad(16000000, "a"); a.replace("a", a);', LARGE)
        self.ends('let a = "x"; a.pad(1000000, "a"); let l = []; loop { l.push(a + l.len); }', LARGE)
        self.ends('let a = "x"; a.pad(1000000, "a"); let m = #{}; loop { m[a + m.len()] = 1; }', LARGE)
        self.ends('let a = "x"; a.pad(4000000, "a"); a.to_chars()', LARGE)
        self.ends('let a = ","; a.pad(4000000, ","); a.split(",")', LARGE)

    def test_containers_that_grow(self):
        self.ends("let a = [1]; loop { a += a; }", LARGE)
        self.ends("let a = [1]; loop { a = a + a; }", LARGE)
        self.ends("let a = []; a.pad(9223372036854775807, 1)", LARGE)
        self.ends("let a = []; loop { a.push([a.len, a.len, a.len]); }", LARGE)
        self.ends("let a = [1]; loop { a.splice(0, 0, a); }", LARGE)
        self.ends("let m = #{}; for i in 0..10000000 { m[`${i}`] = i; }", LARGE)
        self.ends("let b = blob(9223372036854775807)", LARGE)
        self.ends("let b = blob(1); loop { b += b; }", LARGE)
        self.ends("let all = []; loop { let n = []; n.pad(100000, 7); all.push(n); }", LARGE)
        self.ends("let all = []; loop { let n = 1; all.push(|| n += 1); }", LARGE, OPERATIONS)
        self.ends("let f = |x| x; loop { f = f.curry(1); }", LARGE)

    def test_values_that_share_their_parts(self):
        """Small in memory, endless once written out or compared."""
        doubled = "let a = [1]; for i in 0..200 { a = [a, a]; } "
        self.ends(doubled + "a.to_string()", LARGE)
        self.ends(doubled + "`${a}`", LARGE)
        self.ends(doubled + "print(a)", LARGE)
        self.ends(doubled + "#{k: a}.to_json()", LARGE, "ErrorRuntime")
        self.ends(doubled + "let b = [1]; for i in 0..200 { b = [b, b]; } a == b", LARGE)
        self.ends(doubled + "a in [a, a]", LARGE, "a value")
        self.ends(doubled + "a", "a value")
        self.ends(doubled + "throw a", "ErrorRuntime")

    def test_deep_nesting(self):
        deep = "let a = []; for i in 0..100000 { a = [a]; } "
        self.ends(deep + "a.to_string()", LARGE)
        self.ends(deep + "debug(a)", LARGE)
        self.ends(deep + "a == [a]", LARGE, "a value")
        self.ends(deep + "#{k: a}.to_json()", LARGE, "ErrorRuntime")
        self.ends(deep + "a", "a value")
        self.ends(deep + "let b = a; b.push(1); a.len", "a value")
        self.ends("let m = #{}; for i in 0..100000 { m = #{k: m}; } m.to_string()", LARGE)
        self.ends("let f = || 1; for i in 0..100000 { let g = f; f = || g; } 1", "a value")
        self.ends("let s = \"\"; s.pad(200000, '['); parse_json(s)", LARGE, "ErrorRuntime")
        self.ends('let s = ""; s.pad(2000000, `{"a":`); parse_json(s)', LARGE, "ErrorRuntime")

    def test_recursion(self):
        self.ends("fn f(n) { f(n + 1) } f(0)", DEPTH)
        self.ends("fn f(n) { 1 + g(n) } fn g(n) { 1 + f(n) } f(0)", DEPTH)
        self.ends("let f = |g| g.call(g); f.call(f)", DEPTH)
        self.ends("fn f(a) { a.map(|x| f(a)) } f([1, 2])", DEPTH)
        self.ends("fn f() { this.f() } 1.f()", DEPTH)
        self.ends("let o = #{}; o.f = || this.f(); o.f()", DEPTH)
        self.ends("fn f(a) { a.sort(|x, y| { f(a); 1 }) } f([1, 2, 3])", DEPTH)
        self.ends("fn f(x) { `${f(x)}` } f(1)", DEPTH)
        self.ends("fn f(n) { f(n + 1) } f(0)", DEPTH, LARGE, OPERATIONS, max_call_levels=100000000)
        self.ends("fn f(a) { a.map(|x| f(a)) } f([1, 2])", DEPTH, LARGE, OPERATIONS, max_call_levels=100000000)
        self.ends("fn f() { try { f() } catch { f() } } f()", DEPTH)

    def test_endless_loops(self):
        self.ends("loop { }", OPERATIONS)
        self.ends("while true { continue; }", OPERATIONS)
        self.ends("do { continue; } while false;", OPERATIONS)
        self.ends("for i in 0..9223372036854775807 { }", OPERATIONS)
        self.ends("for i in range(0, 9223372036854775807, 1) { }", OPERATIONS)
        self.ends("for i in range(0.0, 1e300, 1e-300) { }", OPERATIONS, "ErrorArithmetic")
        self.ends("loop { try { throw 1 } catch { } }", OPERATIONS)
        self.ends("let a = [1]; loop { a.map(|x| x); }", OPERATIONS)
        self.ends("loop { try { loop { } } catch { } }", OPERATIONS)

    def test_callbacks(self):
        """A comparator that contradicts itself, callbacks that change what is walked."""
        self.ends("let a = []; for i in 0..5000 { a.push(i); } a.sort(|x, y| 1); a.sort(|x, y| -1); a.len", "a value")
        self.ends("let n = 0; let a = []; a.pad(5000, 1); a.sort(|x, y| { n += 7; n % 3 - 1 }); a.len", "a value")
        self.ends("let a = [3, 1, 2]; a.sort(|x, y| { a.clear(); a.push(9); x - y }); a.len", "a value")
        self.ends("let a = [1, 2, 3]; a.map(|x| { a.push(x); x }); a.len", "a value")
        self.ends("let a = [1, 2, 3]; a.for_each(|| { a = (); this += 1; })", "a value")
        self.ends("let a = [1, 2, 3]; a.retain(|x| { a.clear(); true }); a.len", "a value")
        self.ends("let a = [1, 2, 3]; a.reduce(|s, x| { a += x; a }, 0)", "a value")
        self.ends("let a = [1]; for x in a { a.push(x); } a.len", "a value")
        self.ends("let m = #{a: 1, b: 2}; m.filter(|k, v| { m.clear(); true })", "a value")
        self.ends("let f = || { f = (); 1 }; f.call()", "a value")

    def test_cycles_are_freed(self):
        """Each round leaves a closure that holds itself; what a run made is given back at its end."""
        once = "for i in 0..20000 { let a = []; let f = || a; a.push(f); let m = #{}; m.f = || m; }"
        self.ends(once, "a value", LARGE)
        answer = self.ask("let held = []; held.pad(100000, 1); let f = || held; held.push(f); 1")
        self.assertTrue(answer["ok"])
        script = "let held = []; held.pad(500000, 1); let f = || held; held.push(f); 1"
        lines = "\n".join(json.dumps({"id": n, "script": script}) for n in range(300)) + "\n"
        done = subprocess.run([SLUICE, "eval", "--json-lines"], input=lines, text=True, capture_output=True,
                              timeout=10 * SECONDS, preexec_fn=type(self).limit, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(all(json.loads(line)["ok"] for line in done.stdout.splitlines()))

    def test_what_the_parser_reads(self):
        for opening, closing in ("(", ")"), ("[", "]"), ("#{a:", "}"), ("{", "}"), ("!", ""), ("-", ""), ("||", ""), ("`${", "}`"):
            answer = self.ask(opening * 100000 + "1" + closing * 100000)
            self.assertIn(answer.get("phase"), ("parse", None), opening)
        for text in ("if true {" * 50000, "fn f() {" * 50000, "/*" * 300000, '"' + "x" * (20 << 20), "`" * 100001, "a." * 200000,
                     "1 +" * 200000, "(" * 200000, "x" * (1 << 20), "switch 1 {" * 50000, "|" * 100001, "try {" * 50000):
            answer = self.ask(text)
            self.assertFalse(answer["ok"], text[:20])
        self.ends('"' + "x" * (1 << 20) + '".len', "a value")
        self.ends("1" + " + 1" * 250000, "a value")
        self.ends("let a = 1;" + "a" * 3 + ";", "ErrorVariableNotFound")

    def test_programs_of_great_size(self):
        count = 100000
        self.ends("switch 7 {" + "".join(f"{i} => {i}, " for i in range(count)) + "}", "a value", "TooManyConstants")
        self.ends('switch "k7" {' + "".join(f'"k{i}" => 1, ' for i in range(count)) + "}", "a value", "TooManyConstants")
        for script in ("".join(f"let v{i} = {i};" for i in range(65000)) + "v7",
                       "".join(f"fn f{i}() {{ {i} }}" for i in range(70000)) + "f7()",
                       "".join("(|| 1);" for _ in range(70000)),
                       "#{" + ",".join(f"k{i}: 1" for i in range(count)) + "}",
                       "[" + "1," * 999999 + "]",
                       "[" + "1," * 1000001 + "]",
                       "if false { } else " * 50000 + "{ 3 }",
                       "let m = #{}; m" + ".a" * 100000,
                       "print(" + ",".join("1" * 3 for _ in range(100000)) + ")"):
            answer = self.ask(script)
            self.assertIn(answer.get("phase"), (None, "parse", "runtime"), script[:40])

    def test_wall_clock(self):
        """Natives that take long are few operations; the clock is asked all the same."""
        big = 'let s = "x"; s.pad(16000000, "xyz"); '
        for body in ("loop { s.index_of(\"no\"); }", "loop { s.len(); }", "loop { let t = s.to_upper(); }", "loop { s[15999999]; }",
                     "let t = s + \"\"; loop { s == t; }", "loop { s.contains(\"no\"); }", "loop { `${s.len}`; }"):
            self.ends(big + body, WALL, max_wall_ms=300, max_operations=0)
        self.ends("loop { }", WALL, max_wall_ms=200, max_operations=0)
        self.ends("let a = []; a.pad(900000, 1); loop { a.reverse(); }", WALL, max_wall_ms=300, max_operations=0)
        self.ends("let a = []; a.pad(900000, 1); loop { a.index_of(2); }", WALL, max_wall_ms=300, max_operations=0)
        self.ends("let a = []; a.pad(900000, 1); loop { 2 in a; }", WALL, max_wall_ms=300, max_operations=0)
        self.ends("let a = []; a.pad(900000, 1); loop { a.sort(|x, y| 0); }", WALL, max_wall_ms=300, max_operations=0)
        self.ends("let a = []; a.pad(900000, 1); loop { let b = a; b[0] = 2; }", WALL, max_wall_ms=300, max_operations=0)

    def test_small_budgets(self):
        self.ends("let a = []; loop { a.push(1..2); }", LARGE, max_memory=1 << 20)
        self.ends("let f = |x| x; let a = [f]; loop { a.push(f.curry(a)); }", LARGE, max_memory=1 << 20)
        self.ends("loop { }", OPERATIONS, max_operations=1)
        self.ends("fn f() { } f()", DEPTH, "a value", max_call_levels=1)


if __name__ == "__main__":
    unittest.main()
