"""A sample: a bad configuration and what `sluice check` says about it. It has sections, each begun by a line "== KIND ...":

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

from support import Configuration, sluice

HERE = pathlib.Path(__file__).parent


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


class Played:
    """What `sluice check` says about the sample, as text and as JSON."""

    def __init__(self, path):
        sections = read_sample(path)
        with Configuration() as configuration:
            configuration.configure(tls=False)
            prepare(sections, configuration)
            done = sluice("check", "-c", configuration.root)
            as_json = sluice("check", "-c", configuration.root, "--json")
            self.said = done.stdout.replace(os.path.realpath(configuration.root), "@root@").replace(configuration.root, "@root@")
        self.returncode, self.json_returncode, self.stderr = done.returncode, as_json.returncode, done.stderr
        self.diagnostics = json.loads(as_json.stdout)
        if os.environ.get("SLUICE_UPDATE"):
            text = "".join(f"== {' '.join(names)}\n{text}" for names, text in sections if names[0] != "expected")
            path.write_text(text + "== expected\n" + self.said, encoding="utf-8")
            sections = read_sample(path)
        self.expected = next((text for names, text in sections if names[0] == "expected"), None)
