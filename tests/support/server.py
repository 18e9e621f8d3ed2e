"""Starts `sluice run` and ends it by its process id."""

import os
import re
import signal
import subprocess
import threading
import time

from .command import binary, sluice


class StartFailed(Exception):
    def __init__(self, exit_code, text):
        super().__init__(f"the server did not start: exit code {exit_code}\n{text}")
        self.exit_code = exit_code
        self.text = text


class Server:
    """Use it with `with`: at the end the server is stopped, and must have ended well."""

    def __init__(self, configuration, timeout=60, to_stderr=True, program=None, environment=None):
        """Unless `to_stderr`, the log goes where the configuration says. `program` takes the place of the binary,
        `environment` is added to ours."""
        self.configuration = configuration
        self.lines = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen([program or binary(), "run", "-c", configuration.root, *(["--stderr"] if to_stderr else [])], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self.wait_for_line(r"^sluice is ready$", timeout):
            if not self._reader.is_alive():
                self.process.wait(30)  # it has closed its standard error, so it is ending by itself
            self.kill()
            raise StartFailed(self.process.returncode, self.log())

    def _read(self):
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self.lines.append("")  # wakes who waits for a line that will not come
            self._changed.notify_all()

    def wait_for_line(self, pattern, timeout=10, begin=0):
        """The first line of the log from line `begin` on that `pattern` is found in; None after the timeout."""
        expression = re.compile(pattern)
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for line in self.lines[begin:]:
                    if expression.search(line):
                        return line
                begin = len(self.lines)
                left = end - time.monotonic()
                if left <= 0 or not self._reader.is_alive() and self.process.poll() is not None:
                    return None
                self._changed.wait(min(left, 1))

    def log(self):
        with self._changed:
            return "\n".join(self.lines)

    def reload(self):
        return sluice("reload", "-c", self.configuration.root)

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=60):
        code = self.process.wait(timeout)
        self._reader.join(10)
        self.process.stderr.close()
        return code

    def stop(self, timeout=60):
        if self.process.poll() is None:
            self.terminate()
        return self.wait(timeout)

    def kill(self):
        """As after a power failure: nothing is written any more."""
        if self.process.poll() is None:
            self.process.kill()
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.returncode is not None:
            return
        if kind:
            self.kill()
            return
        code = self.stop()
        if code != 0:
            raise AssertionError(f"the server ended with exit code {code}\n{self.log()}")
