"""Waits for what will come, not for a time."""

import json
import time

from .command import sluice


def wait_until(condition, timeout=20):
    """Whether it came true."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def queued(configuration):
    """What `sluice queue list` knows."""
    return json.loads(sluice("queue", "list", "--json", "-c", configuration.root).stdout)
