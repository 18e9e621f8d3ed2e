"""Feeds cases to `sluice eval --json-lines` and compares the answers as vsl-language.md section 22 says. The binary is
named by the environment variable SLUICE_BINARY; the files of cases are the arguments, without any: all of this folder.
With --marks they are asked twice, the second time compiled as for coverage, which must not change a letter of an answer.

vsl-language-cases.jsonl is the acceptance list of the specification. conformance.jsonl is ours: every sentence of the
specification that can be tested, with what it says as the wanted answer.
"""
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def same(want, got):
    """Equal values: a boolean is no number, floats are compared exactly, "NaN", "inf", "-inf" stand for floats."""
    if isinstance(want, bool) or isinstance(got, bool):
        return want is got
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        return want == got or (math.isnan(want) and math.isnan(got))
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(same, want, got))
    if isinstance(want, dict) and isinstance(got, dict):
        return want.keys() == got.keys() and all(same(want[key], got[key]) for key in want)
    return want == got


def phase_matches(want, got):
    return want == "any" or want == ("runtime" if got == "limit" else got)


def difference(want, answer):
    """What is wrong with the answer, or None."""
    if want["kind"] != "error":
        if not answer.get("ok"):
            return f"{answer.get('error')}: {answer.get('message')}"
        if want["kind"] == "ok":
            return None
        if answer["kind"] != want["kind"]:
            return f"kind {answer['kind']}, value {answer.get('value')!r}"
        if "value" in want and not same(want["value"], answer.get("value")):
            return f"value {answer.get('value')!r}"
        return None
    if answer.get("ok"):
        return f"no error: {answer['kind']} {answer.get('value')!r}"
    if not phase_matches(want["phase"], answer["phase"]):
        return f"phase {answer['phase']}: {answer.get('error')}"
    if "thrown" in want:
        thrown = answer.get("thrown") or {}
        if thrown.get("kind") != want["thrown"]["kind"] or not same(want["thrown"].get("value"), thrown.get("value")):
            return f"throws {thrown}"
    wanted = {want[key] for key in ("name", "inner") if want.get(key)}
    given = {answer[key] for key in ("error", "inner") if answer.get(key)}
    if wanted and not wanted & given:
        return f"error {sorted(given)}"
    return None


REQUEST_KEYS = ("script", "modules", "setup", "mode", "needs")


def ask(path, cases):
    requests = [json.dumps({"id": number} | {key: case[key] for key in REQUEST_KEYS if key in case})
                for number, case in enumerate(cases, 1)]
    done = subprocess.run([os.environ["SLUICE_BINARY"], "eval", "--json-lines"], input="\n".join(requests) + "\n",
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", timeout=300, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(answers) != len(cases):
        sys.exit(f"{path.name}: sluice ended with {done.returncode} after {len(answers)} of {len(cases)} answers")
    return answers


def run(path, marks):
    """Number of cases of the file that fail; each one is printed."""
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    answers = ask(path, cases)
    marked = ask(path, [case | {"needs": case.get("needs", {}) | {"marks": True}} for case in cases]) if marks else answers

    bad = 0
    for number, (case, answer, with_marks) in enumerate(zip(cases, answers, marked), 1):
        if with_marks != answer:
            problem = f"with marks {with_marks}, without {answer}"
        elif answer.get("id") != number:
            problem = f"answered out of order: {answer.get('id')}"
        elif "skip" in answer:
            problem = f"skipped: {answer['skip']}"
        else:
            problem = difference(case["want"], answer)
        if problem:
            bad += 1
            print(f"{path.name} line {number} ({case['test']}): {case['script']!r}\n    wanted {case['want']}\n    {problem}")
    print(f"{path.name}: {len(cases) - bad} of {len(cases)} cases pass")
    return bad


def main():
    names = sys.argv[1:]
    marks = "--marks" in names
    if marks:
        names.remove("--marks")
    paths = [pathlib.Path(name) for name in names] or sorted(HERE.glob("*.jsonl"))
    sys.exit(1 if sum(run(path, marks) for path in paths) else 0)


if __name__ == "__main__":
    main()
