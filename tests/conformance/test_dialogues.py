"""Plays the dialogues of this suite as tests/dialogs does: rows of the specification that only a session shows."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "dialogs"))

from dialog import play  # noqa: E402


class Dialogues(unittest.TestCase):
    pass


for path in sorted((HERE / "dialogues").glob("*.txt")):
    setattr(Dialogues, "test_" + path.stem, lambda self, path=path: play(path))
