"""Plays the sessions of sessions/*.jsonl: what an editor sent, and fragments of what it must read.

Each line is an object with one key. `send`: a message. `expect`: the next message that matches it, others are skipped.
An object matches one that has its keys, a list one that has its elements, "~text" a string with the text in it. `exit`:
the exit code."""

import json
import unittest
from pathlib import Path

from editor import WAIT, Closed, Editor

SESSIONS = sorted((Path(__file__).parent / "sessions").glob("*.jsonl"))


def matches(found, expected):
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(k in found and matches(found[k], v) for k, v in expected.items())
    if isinstance(expected, list):
        if not expected:
            return found == []
        return isinstance(found, list) and all(any(matches(f, e) for f in found) for e in expected)
    if isinstance(expected, str) and expected.startswith("~"):
        return isinstance(found, str) and expected[1:] in found
    return found == expected


class Recorded(unittest.TestCase):
    def play(self, path):
        with Editor() as editor:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                step = json.loads(line)
                if "send" in step:
                    editor.send(step["send"])
                elif "exit" in step:
                    self.assertEqual(editor.process.wait(WAIT), step["exit"])
                else:
                    self.read_until(editor, step["expect"], f"{path.name}:{number}")

    def read_until(self, editor, expected, place):
        skipped = []
        while not skipped or not matches(skipped[-1], expected):
            try:
                skipped.append(editor.receive())
            except (Closed, TimeoutError) as end:
                self.fail(f"{place}: {end!r} before {expected}\nread: {json.dumps(skipped, indent=1)}")


def add(path):
    setattr(Recorded, "test_" + path.stem, lambda self: self.play(path))


for session in SESSIONS:
    add(session)

if __name__ == "__main__":
    unittest.main()
