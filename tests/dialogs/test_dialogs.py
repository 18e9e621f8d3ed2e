"""Plays every conversation of sessions/ against the real server: one server, one test for each file."""

import pathlib
import unittest

from dialog import Dialog, Player
from support import Configuration, Server


def with_ports(text, configuration):
    """Rules can tell listeners apart by their ports, which are others each time."""
    for name in ("address", "relay", "submission", "implicit"):
        text = text.replace(f"@{name}@", str(getattr(configuration, name)))
    return text


class Dialogs(unittest.TestCase):
    def play(self, path):
        dialog = Dialog(path)
        with Configuration() as configuration:
            configuration.write("filter.vsl", with_ports(dialog.filter, configuration))
            configuration.configure(with_ports(dialog.config, configuration))
            for name in dialog.certificates:
                configuration.certificate(name)
            for name in dict.fromkeys([*dialog.domains, *dialog.certificates]):
                configuration.domain(name, **dialog.domains.get(name, {}))
            with Server(configuration) as server:
                Player(dialog, server).play()


def add(path):
    setattr(Dialogs, "test_" + path.stem, lambda self: self.play(path))


for path in sorted((pathlib.Path(__file__).parent / "sessions").glob("*.txt")):
    add(path)
