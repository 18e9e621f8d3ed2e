"""Feeds the cases of vsl-language-cases.jsonl to `sluice eval --json-lines` and compares the answers as
vsl-language.md section 22 says. The binary is named by the environment variable SLUICE_BINARY.

Cases still failing are listed in known_failures.txt, one a line: line number, a blank, the script as JSON. That file may
only shrink: the test fails if a listed case passes, if an unlisted one fails, or if a listed script is not the one that
stands at its line. `run_cases.py --list` prints the file as it would have to be now.
"""
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
CASES = HERE / "vsl-language-cases.jsonl"
KNOWN = HERE / "known_failures.txt"


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


def main():
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    requests = []
    for number, case in enumerate(cases, 1):
        request = {"id": number, "script": case["script"]}
        if "modules" in case:
            request["modules"] = case["modules"]
        requests.append(json.dumps(request))
    done = subprocess.run([os.environ["SLUICE_BINARY"], "eval", "--json-lines"], input="\n".join(requests) + "\n",
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", timeout=300, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(answers) != len(cases):
        sys.exit(f"sluice ended with {done.returncode} after {len(answers)} of {len(cases)} answers")

    failures = {}
    for number, (case, answer) in enumerate(zip(cases, answers), 1):
        problem = f"answered out of order: {answer.get('id')}" if answer.get("id") != number else difference(case["want"], answer)
        if problem:
            failures[number] = problem
    if "--list" in sys.argv[1:]:
        for number in failures:
            print(number, json.dumps(cases[number - 1]["script"]))
        return

    known = {}
    for line in KNOWN.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            number, script = line.split(" ", 1)
            known[int(number)] = json.loads(script)
    bad = 0
    for number, script in known.items():
        if number > len(cases) or cases[number - 1]["script"] != script:
            print(f"known_failures.txt: line {number} of the cases is not {script!r}")
            bad += 1
        elif number not in failures:
            print(f"line {number} passes now, take it out of known_failures.txt: {script!r}")
            bad += 1
    for number, problem in failures.items():
        if number not in known:
            print(f"line {number}: {cases[number - 1]['script']!r}\n    wanted {cases[number - 1]['want']}\n    {problem}")
            bad += 1
    print(f"{len(cases) - len(failures)} of {len(cases)} cases pass, {len(known)} known failures")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
