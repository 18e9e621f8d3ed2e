"""Users of the machine that exist for one process and its children only (libnss-wrapper, which `./dev peers` unpacks)."""

import os
import pathlib
import shutil

from .peer import Missing, need_root

UNPACKED = pathlib.Path(__file__).resolve().parents[2] / "build/peers"
INSTALL = "./dev peers unpacks it"


def nss_wrapper(directory):
    """A copy that every user can read."""
    found = next(UNPACKED.glob("usr/lib/*/libnss_wrapper.so"), None)
    if not found:
        raise Missing(f"there is no libnss_wrapper.so below {UNPACKED}: {INSTALL}")
    copy = os.path.join(directory, found.name)
    shutil.copyfile(found, copy)
    return copy


def accounts(directory, users, groups):
    """The environment in which there are root, `users` (name -> (number, home)) and `groups` (name -> number). A user's own
    group has his name and number."""
    need_root("the test")
    os.makedirs(directory)
    files = {"passwd": "root:x:0:0::/root:/bin/sh\n" + "".join(f"{name}:x:{number}:{number}::{home}:/bin/sh\n" for name, (number, home) in users.items()),
             "group": "root:x:0:\n" + "".join(f"{name}:x:{number}:\n" for name, number in [*groups.items(), *((name, user[0]) for name, user in users.items())])}
    for name, text in files.items():
        with open(os.path.join(directory, name), "w", encoding="ascii") as file:
            file.write(text)
    return {"LD_PRELOAD": nss_wrapper(directory), "NSS_WRAPPER_PASSWD": os.path.join(directory, "passwd"),
            "NSS_WRAPPER_GROUP": os.path.join(directory, "group"),
            # The wrapper is no good company for sanitizers: it wants to be first, and its locks are not theirs.
            "NSS_WRAPPER_DISABLE_DEEPBIND": "1",
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0",
            "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "") + ":report_mutex_bugs=0"}
