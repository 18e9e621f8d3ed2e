"""What the real servers that tests talk to have in common: Postfix, Exim, Dovecot."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from .command import sluice
from .waiting import wait_until


class Missing(Exception):
    """A test that needs a program fails without it, and says how to get it."""


def program(path, how):
    """`path`, if it can be run."""
    if not os.access(path, os.X_OK):
        raise Missing(f"there is no {path}: {how}")
    return str(path)


def need_root(name):
    if os.geteuid() != 0:
        raise Missing(f"{name} changes to other users: run the tests as root, or leave these out (ctest -LE peers)")


def takes_connections(address, port):
    try:
        socket.create_connection((address, port), 1).close()
        return True
    except OSError:
        return False


class Peer:
    """A server with all it has below `root`: configuration, queue, mailboxes and log. A peer has start(), stop(), a list
    of `log_files` and `name`."""

    log_files = ()

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"sluice-{self.name}-"))
        self.root.chmod(0o755)  # its processes run as other users

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def directory(self, name, owner=None):
        path = self.root / name
        path.mkdir(parents=True)
        if owner:
            shutil.chown(path, *owner)
        return path

    def certificate(self, owner):
        """A self-signed one for the peer's name in etc/fullchain.pem, its key in etc/privkey.pem."""
        done = sluice("cert", "self-signed", f"{self.name}.test", "--out", self.root / "etc", "--force")
        self.require(done.returncode == 0, f"has no certificate: {done.stderr}")
        shutil.chown(self.root / "etc/privkey.pem", *owner)

    @staticmethod
    def folder(address):
        """Of a mailbox, below mail/; "@domain" stands for all addresses of a domain."""
        local_part, domain = address.rsplit("@", 1)
        return f"{domain}/{local_part or 'all'}"

    def mailbox(self, address):
        """The Maildir of an address, as Configuration.mailbox() has it."""
        return str(self.root / "mail" / self.folder(address))

    def log(self):
        return "".join(path.read_text("utf-8", "replace") for path in map(pathlib.Path, self.log_files) if path.exists())

    def require(self, condition, what):
        if not condition:
            log = self.log()
            self.close()
            raise AssertionError(f"{self.name} {what}\n{log}")


class ForegroundPeer(Peer):
    """One that does not go to the background: `command` starts it, and what it says is in log/output."""

    command = ()
    environment = None  # that of the tests
    process = None

    def start(self):
        """Returns when it takes connections at `address` and `port`."""
        with open(self.root / "log/output", "ab") as output:
            self.process = subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        ready = wait_until(lambda: self.process.poll() is not None or takes_connections(self.address, self.port))
        self.require(ready and self.process.poll() is None, "does not start")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
