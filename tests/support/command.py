"""Runs subcommands of the binary that end by themselves."""

import os
import subprocess


def binary():
    path = os.environ.get("SLUICE_BINARY")
    if not path:
        raise RuntimeError("SLUICE_BINARY must name the binary; CTest sets it: ctest --test-dir build/dev")
    return path


def sluice(*arguments, timeout=60, **options):
    """The finished process, with its output as text in .stdout and .stderr."""
    return subprocess.run([binary(), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout, text=True, errors="replace", **options)
