"""A subcommand that stays connected to the server (trace, shadow) and prints as long as it lives."""

import re
import signal
import socket
import subprocess
import threading
import time

from support import Connection, binary


class Watching:
    def __init__(self, *arguments, ready=r"^(watching|comparing)"):
        self.process = subprocess.Popen([binary(), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.out, self.err = [], []
        self._changed = threading.Condition()
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                         for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))]
        for reader in self._readers:
            reader.start()
        if ready and not self.wait_for(ready, lines=self.err):
            raise AssertionError(f"{arguments} did not begin: {self.err}")

    def _read(self, pipe, lines):
        for line in pipe:
            with self._changed:
                lines.append(line.decode().rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, pattern, timeout=20, lines=None):
        """The first line in which the pattern is found; None after the timeout or at the end."""
        expression = re.compile(pattern)
        lines = self.out if lines is None else lines
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for line in lines:
                    if expression.search(line):
                        return line
                left = end - time.monotonic()
                if left <= 0 or not any(reader.is_alive() for reader in self._readers):
                    return None
                self._changed.wait(min(left, 1))

    def text(self):
        with self._changed:
            return "\n".join(self.out)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def wait(self, timeout=30):
        """The exit code; all output has been read then."""
        code = self.process.wait(timeout)
        for reader in self._readers:
            reader.join(10)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def close(self):
        if self.process.returncode is None:
            self.process.kill()
            self.wait()


class Client(Connection):
    """Has said EHLO. `source` is the client's own address."""

    def __init__(self, configuration, source=None, name="client.test"):
        self.socket = socket.create_connection((configuration.address, configuration.relay), 20,
                                               source_address=(source, 0) if source else None)
        self.buffer = b""
        try:
            self.greeting()
            self.ehlo(name)
        except AssertionError:
            self.close()
            raise

    def leave(self):
        self.command("QUIT")
        self.close()
