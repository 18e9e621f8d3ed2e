"""Plays every conversation of sessions/ against the real server: one server, one test for each file."""

import pathlib
import unittest

from dialog import play


class Dialogs(unittest.TestCase):
    pass


for path in sorted((pathlib.Path(__file__).parent / "sessions").glob("*.txt")):
    setattr(Dialogs, "test_" + path.stem, lambda self, path=path: play(path))
