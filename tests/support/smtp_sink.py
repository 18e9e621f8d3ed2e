"""A next hop for tests: an SMTP or LMTP server that answers as it is told and keeps what it was given."""

import socket
import threading
import time

from .ports import free_ports, own_address


class SmtpSink:
    """`replies` maps the beginning of a command ("RCPT TO:<b@", "DATA", ".") to a reply or a list of replies, used one
    after the other and the last one for ever; None as a reply closes the connection. Use it with `with`."""

    def __init__(self, replies=None, extensions=("PIPELINING", "8BITMIME", "SIZE 0", "ENHANCEDSTATUSCODES"), port=None):
        self.replies = {key: list(value) if isinstance(value, list) else [value] for key, value in (replies or {}).items()}
        self.extensions = extensions
        self.address = own_address()
        self.port = port or free_ports(1, self.address)[0]
        self.messages = []  # (sender, recipients, text)
        self.begun = []  # of each message: when its connection began
        self.commands = []
        self.connections = 0
        self._changed = threading.Condition()
        self._listener = socket.create_server((self.address, self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Only shutdown wakes the thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def wait_for(self, count, timeout=20):
        """The messages, as soon as there are that many."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.messages) >= count, timeout)
            return list(self.messages)

    def wait_for_command(self, beginning, count=1, timeout=20):
        with self._changed:
            return self._changed.wait_for(
                lambda: sum(each.startswith(beginning) for each in self.commands) >= count, timeout)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _reply(self, command, default):
        with self._changed:
            self.commands.append(command)
            self._changed.notify_all()
            for beginning, replies in self.replies.items():
                if command.upper().startswith(beginning.upper()):
                    return replies.pop(0) if len(replies) > 1 else replies[0]
        return default

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rwb") as stream:
                self._converse(stream)
        except (OSError, ValueError):
            pass  # the other side has gone

    def _converse(self, stream):
        def say(reply):
            stream.write(reply.encode() + b"\r\n")
            stream.flush()

        begun = time.monotonic()
        greeting = self._reply("CONNECT", "220 sink.test ESMTP")
        if greeting is None:
            return
        say(greeting)
        sender, recipients = None, []
        while line := stream.readline():
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            verb = command.split(" ")[0].upper()
            default = {"EHLO": "\r\n".join(["250-sink.test"] + [f"250-{each}" for each in self.extensions] + ["250 HELP"]),
                       "LHLO": "250-sink.test\r\n250 PIPELINING", "DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
            reply = self._reply(command, default)
            if reply is None:
                return
            if verb == "MAIL" and reply.startswith("250"):
                sender, recipients = command.split("<")[1].split(">")[0], []
            if verb == "RCPT" and reply.startswith("250"):
                recipients.append(command.split("<")[1].split(">")[0])
            say(reply)
            if verb == "QUIT":
                return
            if verb == "DATA" and reply.startswith("354"):
                text = self._read_data(stream)
                final = self._reply(".", "250 2.0.0 taken")
                if final is None:
                    return
                if final.startswith("250"):
                    with self._changed:
                        self.messages.append((sender, recipients, text))
                        self.begun.append(begun)
                        self._changed.notify_all()
                say(final)

    @staticmethod
    def _read_data(stream):
        lines = []
        while (line := stream.readline()) != b".\r\n":
            if not line:
                raise OSError("the connection ended in the data")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)
