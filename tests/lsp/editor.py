"""The other side of `sluice lsp`: what an editor sends and what it reads."""

import json
import os
import select
import subprocess
import time
from pathlib import Path

from support.command import binary

WAIT = 30


class Closed(Exception):
    """The server ended its output."""


class Editor:
    def __init__(self):
        self.process = subprocess.Popen([binary(), "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.buffer = b""
        self.last_id = 0
        self.diagnostics = {}
        self.versions = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    # --- bytes
    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send_text(self, text):
        data = text.encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def send(self, message):
        self.send_text(json.dumps({"jsonrpc": "2.0", **message}))

    def fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
            raise TimeoutError("the server says nothing")
        data = os.read(self.process.stdout.fileno(), 65536)
        if not data:
            raise Closed
        self.buffer += data

    def receive(self):
        deadline = time.monotonic() + WAIT
        while b"\r\n\r\n" not in self.buffer:
            self.fill(deadline)
        head, rest = self.buffer.split(b"\r\n\r\n", 1)
        length = int(head.split(b":")[1])
        while len(rest) < length:
            self.fill(deadline)
            rest = self.buffer.split(b"\r\n\r\n", 1)[1]
        self.buffer = rest[length:]
        message = json.loads(rest[:length])
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.diagnostics[params["uri"]] = params["diagnostics"]
            self.versions[params["uri"]] = params.get("version")
        return message

    # --- messages
    def request(self, method, params=None):
        """The whole answer."""
        self.last_id += 1
        self.send({"id": self.last_id, "method": method, "params": params or {}})
        while True:
            answer = self.receive()
            if answer.get("id") == self.last_id and "method" not in answer:
                return answer

    def notify(self, method, params=None):
        self.send({"method": method, "params": params or {}})

    def initialize(self, root=None):
        return self.request("initialize", {"processId": None, "capabilities": {},
                                           "rootUri": Path(root).as_uri() if root else None})["result"]

    def sync(self):
        """All that was sent is answered: diagnostics are up to date."""
        self.request("sluice/nothing")

    def open(self, uri, text):
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "vsl", "version": 1,
                                                              "text": text}})
        self.sync()
        return self.diagnostics[uri]

    def change(self, uri, *changes, version=2):
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version},
                                               "contentChanges": [c if isinstance(c, dict) else {"text": c}
                                                                  for c in changes]})
        self.sync()
        return self.diagnostics[uri]

    def ask(self, method, uri, line=0, character=0):
        return self.request("textDocument/" + method, {"textDocument": {"uri": uri},
                                                       "position": {"line": line, "character": character}})["result"]

    def ask_at(self, method, uri, text, needle, behind=True):
        """Asks about the place behind (or at) the first occurrence of `needle` in `text`."""
        at = text.index(needle) + (len(needle) if behind else 0)
        before = text[:at]
        start = before.rfind("\n") + 1
        units = len(before[start:].encode("utf-16-le")) // 2
        return self.ask(method, uri, before.count("\n"), units)

    def labels(self, uri, text, needle):
        return [item["label"] for item in self.ask_at("completion", uri, text, needle)["items"]]

    def leave(self):
        self.request("shutdown")
        self.notify("exit")
        return self.process.wait(WAIT)
