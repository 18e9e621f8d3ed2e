"""SMTP over a socket, line by line: no client library stands between the test and the bytes."""

import socket
import ssl


def unverified_context(minimum=None, maximum=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if minimum:
        context.minimum_version = minimum
    if maximum:
        context.maximum_version = maximum
    return context


class Connection:
    def __init__(self, address, port, timeout=20):
        self.socket = socket.create_connection((address, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """Text gets a CRLF, bytes go out as they are."""
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape") + b"\r\n")

    def read_line(self):
        """Without its CRLF; None if the server has closed the connection."""
        while b"\n" not in self.buffer:
            try:
                data = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLEOFError):
                data = b""
            if not data:
                if self.buffer:
                    raise AssertionError(f"the connection ended in the middle of a line: {self.buffer!r}")
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        if not line.endswith(b"\r"):
            raise AssertionError(f"a line of the server ends in a bare LF: {line!r}")
        return line[:-1].decode("utf-8", "replace")

    def reply(self):
        """All lines of the next reply."""
        lines = []
        while not lines or lines[-1][3:4] == "-":
            line = self.read_line()
            if line is None:
                raise AssertionError(f"the server closed the connection instead of a reply, after {lines}")
            lines.append(line)
        return lines

    def command(self, line):
        """Sends one command; the last line of the reply."""
        self.send(line)
        return self.reply()[-1]

    def greeting(self):
        return self.reply()[-1]

    def ehlo(self, name="client.test"):
        """The keywords of the reply: name and parameters."""
        self.send(f"EHLO {name}")
        lines = self.reply()
        if not lines[0].startswith("250"):
            raise AssertionError(f"EHLO was refused: {lines}")
        return {keyword: rest for keyword, _, rest in (line[4:].partition(" ") for line in lines[1:])}

    def start_tls(self, name, context=None):
        """Changes to TLS after STARTTLS has been answered with 220, or on a port with implicit TLS."""
        self.socket = (context or unverified_context()).wrap_socket(self.socket, server_hostname=name)

    def send_message(self, sender, *recipients, body="Subject: test\r\n\r\ntext\r\n", mail="", rcpt=""):
        """One transaction; the last reply: of DATA, or the first that refuses. `mail` and `rcpt` are parameters of the commands."""
        for line in (f"MAIL FROM:<{sender}>{mail}", *(f"RCPT TO:<{recipient}>{rcpt}" for recipient in recipients)):
            answer = self.command(line)
            if not answer.startswith("250"):
                return answer
        answer = self.command("DATA")
        if not answer.startswith("354"):
            return answer
        self.send((body if isinstance(body, bytes) else body.encode()) + b".\r\n")
        return self.reply()[-1]

    def at_end(self):
        """Whether the server has closed the connection and said nothing more."""
        return self.read_line() is None
