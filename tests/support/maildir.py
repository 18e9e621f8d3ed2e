"""What has arrived in a Maildir."""

import os
import time


def messages(path):
    """The bytes of every message in new/, in the order of their file names."""
    folder = os.path.join(path, "new")
    if not os.path.isdir(folder):
        return []
    found = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            found.append(file.read())
    return found


def wait_for_messages(path, count, timeout=20):
    """Waits until there are that many; what is there at the end, be it too few."""
    end = time.monotonic() + timeout
    while True:
        found = messages(path)
        if len(found) >= count or time.monotonic() > end:
            return found
        time.sleep(0.02)
