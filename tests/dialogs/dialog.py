"""Reads and plays SMTP conversations written as text (sessions/*.txt).

A file has sections, each begun by a line "== KIND ...":

    == filter                      text of filter.vsl; without this section the file is "#{}"
    == domain NAME KIND            text of incoming.vsl, outgoing.vsl, internal.vsl or config.vsl of an enabled domain
    == config                      lines for on_config
    == certificate NAME            a self-signed certificate for the domain, and a config.vsl that uses it
    == session TITLE               the conversation; several connections are parted by lines "---"

In filter.vsl and in the lines for on_config, @relay@, @submission@, @implicit@ stand for the ports, @address@ for the
address they are on.

In a session a line is one of

    C: text         sent with CRLF; neighbouring C lines go out in one piece
    C! text         sent as it is, after \\r \\n \\t \\0 \\\\ \\xHH and {x*N} (N times x) have been replaced
    S: text         the next line of the server, exactly; or /regular expression/ for all of it
    E:              the server closes the connection and says nothing more
    EHLO            short for: a greeting, EHLO client.test, and a list whatever it is
    PORT: kind      first line of a connection: relay (as without), submission or implicit (TLS at once, see TLS)
    TLS: name       changes to TLS with this server name
    CLOSE           the client closes the connection
    M: ADDRESS N    the mailbox holds N messages, after some waiting if there are fewer
    B: ADDRESS text the last message in the mailbox has this line: exact, or /regular expression/
    L: /regex/      the log has such a line, from this connection on
    # ...           a comment

A connection that ends without E: or CLOSE is ended with QUIT, to see that no reply was left over.
"""

import re
import ssl

from support import Configuration, Connection, Server, messages, wait_for_messages

KINDS = ("C:", "C!", "S:", "E:", "EHLO", "PORT:", "TLS:", "CLOSE", "M:", "B:", "L:")


class DialogError(Exception):
    pass


class Step:
    def __init__(self, number, kind, text):
        self.number, self.kind, self.text = number, kind, text


class Dialog:
    def __init__(self, path):
        self.path = path
        self.filter = "#{}"
        self.config = ""
        self.domains = {}
        self.certificates = []
        self.connections = []
        self._read()

    def _read(self):
        section, text, begin = None, [], 0
        with open(self.path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        for number, line in enumerate(lines + ["== end"], 1):
            if not line.startswith("== "):
                text.append(line)
                continue
            if section:
                self._section(section, text, begin)
            section, text, begin = line[3:].split(), [], number

    def _section(self, section, lines, begin):
        kind, text = section[0], "\n".join(lines).strip("\n") + "\n"
        if kind == "filter":
            self.filter = text
        elif kind == "config":
            self.config += text
        elif kind == "domain" and len(section) == 3:
            self.domains.setdefault(section[1], {})[section[2]] = text
        elif kind == "certificate" and len(section) == 2:
            self.certificates.append(section[1])
        elif kind == "session":
            self._session(lines, begin)
        else:
            raise DialogError(f"{self.path}:{begin}: unknown section '== {' '.join(section)}'")

    def _session(self, lines, begin):
        steps = []
        for number, line in enumerate(lines, begin + 1):
            if line == "---":
                self.connections.append(steps)
                steps = []
            elif line.strip() and not line.startswith("#"):
                kind = next((k for k in KINDS if line.startswith(k)), None)
                if not kind:
                    raise DialogError(f"{self.path}:{number}: cannot be read: {line}")
                text = line[len(kind):]
                steps.append(Step(number, kind, text[1:] if text.startswith(" ") else text))
        self.connections.append(steps)


def unescape(text):
    text = re.sub(r"\{(.)\*(\d+)\}", lambda m: m.group(1) * int(m.group(2)), text)
    plain = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
    out = b""
    for found in re.finditer(r"\\x([0-9a-fA-F]{2})|\\(.)|([^\\]+)", text):
        if found.group(1):
            out += bytes([int(found.group(1), 16)])
        elif found.group(2):
            out += plain[found.group(2)]
        else:
            out += found.group(3).encode()
    return out


def matches(expected, line):
    if len(expected) > 1 and expected.startswith("/") and expected.endswith("/"):
        return re.fullmatch(expected[1:-1], line) is not None
    return expected == line


class Player:
    """Plays one dialogue against a server that runs with its configuration."""

    def __init__(self, dialog, server):
        self.dialog, self.server, self.configuration = dialog, server, server.configuration

    def play(self):
        for steps in self.dialog.connections:
            self._play_connection(steps)

    def _fail(self, step, what):
        raise AssertionError(f"{self.dialog.path}:{step.number}: {what}\n  server log:\n{self.server.log()}")

    def _play_connection(self, steps):
        self.log_begin = len(self.server.lines)
        kind = steps[0].text if steps and steps[0].kind == "PORT:" else "relay"
        with Connection(self.configuration.address, getattr(self.configuration, kind)) as connection:
            ended = False
            pending = b""
            for step in steps:
                if step.kind in ("C:", "C!"):
                    pending += step.text.encode() + b"\r\n" if step.kind == "C:" else unescape(step.text)
                    continue
                if pending:
                    connection.send(pending)
                    pending = b""
                ended = self._play_step(connection, step) or ended
            if pending:
                connection.send(pending)
            if not ended and steps:
                connection.send("QUIT")
                lines = [connection.read_line(), connection.read_line()]
                if lines != ["221 2.0.0 Service closing transmission channel", None]:
                    self._fail(steps[-1], f"QUIT behind this was answered with {lines}")

    def _play_step(self, connection, step):
        """True if the connection is over."""
        if step.kind == "S:":
            line = connection.read_line()
            if line is None or not matches(step.text, line):
                self._fail(step, f"expected: {step.text}\n  got:      {'the end of the connection' if line is None else line}")
        elif step.kind == "E:":
            line = connection.read_line()
            if line is not None:
                self._fail(step, f"the server should have closed the connection, but said: {line}")
            return True
        elif step.kind == "EHLO":
            greeting = connection.greeting()
            if not greeting.startswith("220 "):
                self._fail(step, f"no greeting but {greeting}")
            connection.ehlo()
        elif step.kind == "TLS:":
            try:
                connection.start_tls(step.text)
            except (ssl.SSLError, ConnectionError) as error:
                self._fail(step, f"the TLS handshake failed: {error}")
        elif step.kind == "CLOSE":
            connection.close()
            return True
        elif step.kind == "M:":
            address, count = step.text.split()
            found = wait_for_messages(self.configuration.mailbox(address), int(count))
            if len(found) != int(count):
                self._fail(step, f"the mailbox of {address} holds {len(found)} message(s)")
        elif step.kind == "B:":
            address, _, expected = step.text.partition(" ")
            found = messages(self.configuration.mailbox(address))
            lines = found[-1].decode("utf-8", "surrogateescape").split("\n") if found else []
            if not any(matches(expected, line) for line in lines):
                self._fail(step, f"no such line in the last message of {address}:\n" + "\n".join(lines))
        elif step.kind == "L:":
            if not self.server.wait_for_line(step.text.strip("/"), 10, self.log_begin):
                self._fail(step, f"no such line in the log: {step.text}")
        return False


def with_ports(text, configuration):
    """Rules can tell listeners apart by their ports, which are others each time."""
    for name in ("address", "relay", "submission", "implicit"):
        text = text.replace(f"@{name}@", str(getattr(configuration, name)))
    return text


def play(path):
    """The dialogue of a file against a server of its own."""
    dialog = Dialog(path)
    with Configuration() as configuration:
        configuration.write("filter.vsl", with_ports(dialog.filter, configuration))
        configuration.configure(with_ports(dialog.config, configuration))
        for name in dialog.certificates:
            configuration.certificate(name)
        for name in dict.fromkeys([*dialog.domains, *dialog.certificates]):
            configuration.domain(name, **dialog.domains.get(name, {}))
        with Server(configuration) as server:
            Player(dialog, server).play()
