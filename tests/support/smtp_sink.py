"""A next hop for tests: an SMTP or LMTP server that answers as it is told and keeps what it was given."""

import socket
import threading
import time

from .ports import free_ports, own_address


# As a reply: says nothing until the client has gone.
SILENCE = object()


class SmtpSink:
    """`replies` maps the beginning of a command ("RCPT TO:<b@", "DATA", ".") to a reply or a list of replies, used one
    after the other and the last one for ever; the first key that fits counts. None as a reply closes the connection,
    as 421 does behind the reply; an Event is waited for before the usual reply. It speaks LMTP with who says LHLO: then the final dot is asked for once for each
    accepted recipient, as ". TO:<b@away.test>". With `tls`, an ssl.SSLContext, it offers STARTTLS. Replies may be exchanged with change(). Use it with `with`."""

    def __init__(self, replies=None, extensions=("PIPELINING", "8BITMIME", "SIZE 0", "ENHANCEDSTATUSCODES"), port=None,
                 path=None, address=None, tls=None):
        """At `path` it is a local socket, else at a port of `address` or own_address()."""
        self.extensions = (*extensions, *(("STARTTLS",) if tls else ()))
        self.tls = tls
        self.handshakes = []  # ssl.SSLSocket of each that succeeded
        self.protected = []  # of each message: whether it came over TLS
        self.address = address or own_address()
        self.port = None if path else port or free_ports(1, self.address)[0]
        self.messages = []  # (sender, recipients, text)
        self.arrived = []  # the same, whatever the final dot was answered with
        self.begun = []  # of each message: when its connection began
        self.commands = []
        self.connections = 0
        self._changed = threading.Condition()
        self.change(replies or {})
        if path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(path)
            self._listener.listen()
        else:
            self._listener = socket.create_server((self.address, self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Only shutdown wakes the thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def change(self, replies):
        """From now on these replies."""
        with self._changed:
            self.replies = {key: list(value) if isinstance(value, list) else [value] for key, value in replies.items()}

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
        reply = self._next_reply(command, default)
        if not isinstance(reply, threading.Event):
            return reply
        reply.wait(60)
        return default

    def _next_reply(self, command, default):
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
                if not self._converse(stream):
                    return
                # The replies before were the last in clear.
                with self.tls.wrap_socket(connection, server_side=True) as secured:
                    self.handshakes.append(secured)
                    with secured.makefile("rwb") as stream:
                        self._converse(stream, secured=True)
        except (OSError, ValueError):
            pass  # the other side has gone

    def _say(self, stream, reply):
        """Whether the conversation goes on."""
        if reply is SILENCE:
            while stream.read1():
                pass
        if reply is None or reply is SILENCE:
            return False
        stream.write(reply.encode() + b"\r\n")
        stream.flush()
        return not reply.startswith("421")

    def _default(self, verb):
        # LMTP clients find the extensions of the SMTP side in the same place.
        hello = "\r\n".join(["250-sink.test"] + [f"250-{each}" for each in self.extensions] + ["250 HELP"])
        return {"EHLO": hello, "LHLO": hello, "STARTTLS": "220 go", "DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")

    def _converse(self, stream, secured=False):
        """True: TLS is next."""
        begun = time.monotonic()
        go_on = secured or self._say(stream, self._reply("CONNECT", "220 sink.test ESMTP"))
        lmtp, sender, recipients = False, None, []
        while go_on and (line := stream.readline()):
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            verb = command.split(" ")[0].upper()
            lmtp = lmtp or verb == "LHLO"
            nobody = lmtp and verb == "DATA" and not recipients  # RFC 2033 4.2
            reply = "503 5.5.1 no recipients" if nobody else self._reply(command, self._default(verb))
            code = reply[:3] if isinstance(reply, str) else ""
            if verb == "MAIL" and code[:1] == "2":
                sender, recipients = command.split("<")[1].split(">")[0], []
            if verb == "RCPT" and code[:1] == "2":
                recipients.append(command.split("<")[1].split(">")[0])
            go_on = self._say(stream, reply) and verb != "QUIT"
            if verb == "STARTTLS" and code == "220" and go_on:
                return True
            if go_on and verb == "DATA" and code == "354":
                text = self._read_data(stream)
                with self._changed:
                    self.arrived.append((sender, recipients, text))
                go_on = self._end(stream, begun, (sender, recipients, text), lmtp, secured)
        return False

    def _end(self, stream, begun, message, lmtp, secured):
        sender, recipients, text = message
        for group in [[each] for each in recipients] if lmtp else [recipients]:
            reply = self._reply(f". TO:<{group[0]}>" if lmtp else ".", "250 2.0.0 taken")
            if isinstance(reply, str) and reply.startswith("2"):
                with self._changed:
                    self.messages.append((sender, group, text))
                    self.begun.append(begun)
                    self.protected.append(secured)
                    self._changed.notify_all()
            if not self._say(stream, reply):
                return False
        return True

    @staticmethod
    def _read_data(stream):
        lines = []
        while (line := stream.readline()) != b".\r\n":
            if not line:
                raise OSError("the connection ended in the data")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)
