"""Plays rows of outcomes.txt: a server, next hops that do what the rows say, two tries; keeps what was seen."""

import json
import re
import socket
import time

from support import SILENCE, Configuration, Connection, Server, SmtpSink, messages, sluice
from support.ports import own_address

from outcome_rows import BUSY, NO_SUCH_USER

OUTCOME = re.compile(r" (delivered|delivery-deferred|delivery-failed) id=(\S+) to=(\S+)(.*)")
# Local parts begin with what happens to the recipient, so that the sink knows it.
FATED = {"": "met", "+": "spared", "-": "refused", "~": "busy"}
RETRY = 'config.delivery.retry = #{{ first_wait: "{}", longest_wait: "{}", expiry: "{}", delay_warning: "{}" }};'
# With "then" the next try comes when the test asks for it.
COURSES = {"then": ("1h", "4h", "5d", "4h"), "ever": ("1s", "1s", "2s", "0s"), "long": ("1s", "1s", "5d", "1s")}
TRIES = {"then": 1, "long": 4}  # before the peer changes: so often that a second report of a delay would have come
TIMEOUTS = {"greeting": "greeting", "EHLO": "ehlo", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data", "dot": "final_dot"}
KEYS = {"greeting": ["CONNECT"], "EHLO": ["EHLO", "LHLO"], "EHLO/HELO": ["EHLO", "HELO"], "MAIL": ["MAIL"],
        "RCPT": ["RCPT TO:<met."], "DATA": ["DATA"]}
PATIENCE = 30


def address(row, letter):
    recipient = next(each for each in row.recipients if each.letter == letter)
    return f"{FATED[recipient.mark]}.{letter}.r{row.number}@{domain_of(row)}"


def domain_of(row):
    """Rows whose peer does the same have the same next hop, by their domain."""
    text = f"{row.protocol} {row.step} {row.peer_text}".lower()
    return re.sub("[^a-z0-9]+", "-", text).strip("-") + ".test"


def sender(row):
    return f"r{row.number}@here.test"


class NextHop:
    """`seen`: for each of the two tries the commands, messages and arrived of the sink."""

    def __init__(self, row):
        self.row, self.phase = row, 0
        self.lmtp = row.protocol.startswith("lmtp")
        self.domain = domain_of(row)
        self.sink, self.seen, self._counted = None, [], (0, 0, 0)
        # A port that is bound and not listened at is nobody else's, and refuses.
        self._reserved = socket.socket()
        self._reserved.bind((own_address(), 0))
        self.port = self._reserved.getsockname()[1]
        if row.step != "connect":
            self._listen()

    def _listen(self):
        self._reserved.close()
        extensions = ["PIPELINING", "8BITMIME", "SIZE 0", "ENHANCEDSTATUSCODES"] + ["DSN"] * self.row.protocol.endswith("+dsn")
        self.sink = SmtpSink(self._replies(), extensions, self.port)

    def _replies(self):
        act = self.row.peer.acts[self.phase]
        dot = ". TO:<met." if self.lmtp else "."
        replies = {} if act == "2xx" else {
            key: {"cut": None, "silence": SILENCE}.get(act, act) for key in KEYS.get(self.row.step, [dot])}
        return replies | {"RCPT TO:<refused.": NO_SUCH_USER} | ({} if self.phase else {"RCPT TO:<busy.": BUSY})

    def end_phase(self):
        sink = (self.sink.commands, self.sink.messages, self.sink.arrived) if self.sink else ([], [], [])
        self.seen.append([each[begin:] for each, begin in zip(sink, self._counted)])
        self._counted = tuple(len(each) for each in sink)
        self.phase = 1
        if self.sink:
            self.sink.change(self._replies())
        elif self.row.peer.course != "ever":
            self._listen()

    def close(self):
        if self.sink:
            self.sink.__exit__()
        self._reserved.close()


class Play:
    """Rows for one server. After open(), proceed() is to be called until it says that all is over, then close(). `seen`
    is then, for each of the two tries: outcomes (id and address to the events of the log, with their details), listing (by
    id), reports (by row)."""

    def __init__(self, rows):
        self.rows, self.row, self.course = rows, rows[0], rows[0].peer.course
        self.ids, self.hops, self.seen = {}, {}, []
        self.configuration = self.server = None

    @staticmethod
    def kind(row):
        """What must be alike for rows to share a server: LMTP has one next hop, and each step its timeout."""
        silent = row.step if row.peer.acts[0] == "silence" else ""
        return row.peer.course, silent, domain_of(row) if row.protocol.startswith("lmtp") else ""

    def open(self):
        for row in self.rows:
            if domain_of(row) not in self.hops:
                self.hops[domain_of(row)] = NextHop(row)
        self.configuration = Configuration(self._rules())
        self._configure(self.row.peer.acts[0] == "silence")
        self.server = Server(self.configuration)
        with Connection(self.configuration.address, self.configuration.relay) as connection:
            connection.greeting()
            connection.ehlo()
            for row in self.rows:
                self._send(connection, row)
        self._until = time.monotonic() + PATIENCE

    def _rules(self):
        hop = self.hop(self.row)
        if hop.lmtp:
            # No rule can say LMTP: it is where the mail of our own domains goes.
            return '#{ rcpt: [ rule "all" || state::accept() ] }'
        targets = ", ".join(f'"{each.domain}": "smtp://{own_address()}:{each.port}"' for each in self.hops.values())
        return f"""const targets = #{{ {targets} }};
#{{ rcpt: [ rule "all" || {{ transport::forward(ctx::rcpt(), targets[`${{ctx::rcpt().domain}}`]); state::accept() }} ] }}"""

    def _configure(self, impatient):
        lines = RETRY.format(*COURSES[self.course])
        hop = self.hop(self.row)
        if hop.lmtp:
            lines += f'config.delivery.transport = "lmtp:{own_address()}:{hop.port}";'
        if impatient:
            lines += f'config.delivery.timeout = #{{ {TIMEOUTS[self.row.step]}: "1500ms" }};'
        self.configuration.configure(lines)
        if hop.lmtp and not self.seen:
            self.configuration.domain(hop.domain, incoming='#{ rcpt: [ rule "ours" || state::accept() ] }')

    def hop(self, row):
        return self.hops[domain_of(row)]

    def _send(self, connection, row):
        parameters = "".join(f" {key}={value}" for key, value in row.asks.items())
        replies = [connection.command(f"MAIL FROM:<{'' if row.null else sender(row)}>{parameters}")]
        for each in row.recipients:
            asks = f" NOTIFY={each.notify} ORCPT=rfc822;x+2B{each.letter}@orig.test" if each.notify else ""
            replies.append(connection.command(f"RCPT TO:<{address(row, each.letter)}>{asks}"))
        replies.append(connection.command("DATA"))
        connection.send(f"Subject: row {row.number}\r\n\r\nThe text of row {row.number}.\r\n.\r\n".encode())
        replies.append(connection.reply()[-1])
        queued = re.fullmatch(r"250 2\.0\.0 Ok: queued as (\S+)", replies[-1])
        if not queued:
            raise AssertionError(f"row {row.number} is not accepted: {replies}")
        self.ids[row] = queued.group(1)

    def _list(self):
        done = sluice("queue", "list", "--json", "-c", self.configuration.root)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return {each["id"]: each for each in json.loads(done.stdout)}

    def _settled(self, listing, last):
        """Whether all tries of this phase have been made, and all reports delivered."""
        for each in listing.values():
            if each["queue"] == "dead":
                continue
            left = [one for one in each["recipients"] if one["state"] not in ("sent", "failed")]
            if last or any(one["state"] == "waiting" or one["attempts"] < TRIES[self.course] for one in left):
                return False
        return True

    def proceed(self):
        """Goes on if it can; whether all is over."""
        last = bool(self.seen) or self.course == "ever"
        listing = self._list()
        if not self._settled(listing, last):
            if time.monotonic() > self._until:
                raise AssertionError(f"{PATIENCE} s have not been enough:\n{json.dumps(listing, indent=1)}\n{self.server.log()}")
            return False
        self._end_phase(listing)
        if last:
            return True
        # A new server, so that no destination rests any more; what it knows is what the old one has stored.
        self._configure(False)
        self.server = Server(self.configuration)
        sluice("queue", "retry", "--queue", "deferred", "-c", self.configuration.root)
        self._until = time.monotonic() + PATIENCE
        return False

    def _end_phase(self, listing):
        if self.server.stop() != 0:
            raise AssertionError(f"the server did not end well:\n{self.server.log()}")
        outcomes = {}
        for event, id, to, details in OUTCOME.findall(self.server.log()):
            outcomes.setdefault((id, to), []).append((event, details))
        self.seen.append({"outcomes": outcomes, "listing": listing,
                          "reports": {row: messages(self.configuration.mailbox(sender(row))) for row in self.rows}})
        for each in self.hops.values():
            each.end_phase()

    def close(self):
        if self.server and self.server.process.returncode is None:
            self.server.kill()
        for each in self.hops.values():
            each.close()
        if self.configuration:
            self.configuration.__exit__()


def play_all(rows, at_once):
    """The play of each row, all over; if a play did not come to its end, the error instead."""
    plays = {}
    for row in rows:
        plays.setdefault(Play.kind(row), []).append(row)
    # Those that take long begin first.
    waiting = sorted((Play(each) for each in plays.values()), key=lambda play: play.course == "then")
    running, ended = [], {}
    while waiting or running:
        while waiting and len(running) < at_once:
            running.append(waiting.pop(0))
            _step(running[-1].open, running[-1], ended)
        for play in running:
            if play.row not in ended and _step(play.proceed, play, ended):
                ended.update((row, play) for row in play.rows)
                play.close()
        running = [play for play in running if play.row not in ended]
        time.sleep(0.02)
    return ended


def _step(step, play, ended):
    try:
        return step()
    except Exception as error:  # the rows of this play fail with it, the others are played
        ended.update((row, error) for row in play.rows)
        play.close()
        return False
