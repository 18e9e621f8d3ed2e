"""Reads outcomes.txt; its head says what the columns mean."""

import os
import re

REPLIES = {"4xx": "450 4.7.1 not now", "5xx": "550 5.7.1 not you", "421": "421 4.3.2 going down"}
NO_SUCH_USER, BUSY = "550 5.1.1 no such user", "450 4.2.1 busy"
PROTOCOLS = ("smtp", "lmtp", "smtp+dsn", "lmtp+dsn")
STEPS = ("connect", "greeting", "EHLO", "EHLO/HELO", "MAIL", "RCPT", "DATA", "dot")
KINDS = {"delivered": "2", "deferred": "4", "failed": "5"}
ACTIONS = ("failed", "delayed", "relayed", "delivered")


class Recipient:
    """a, a+, a-:NEVER: a letter, whether the peer's act meets it, NOTIFY ("" if the client does not say)."""

    def __init__(self, text):
        found = re.fullmatch(r"([a-z])([-+~]?)(?::([A-Z,]+))?", text)
        if not found:
            raise ValueError(f"no recipient: {text!r}")
        self.letter, self.mark, self.notify = found.group(1), found.group(2), found.group(3) or ""


class Fate:
    """delivered, or deferred or failed with a status: x.y.z, or its class alone."""

    def __init__(self, kind, status=""):
        if kind not in KINDS or (kind == "delivered") == bool(status):
            raise ValueError(f"no fate: {kind} {status}")
        if status and not re.fullmatch(r"[45](\.\d\.\d)?", status):
            raise ValueError(f"no status: {status!r}")
        if status and status[0] != KINDS[kind] and status != "4.4.7":
            raise ValueError(f"{kind} and {status} do not go together")
        self.kind, self.status = kind, status

    def has(self, status):
        return status == self.status or len(self.status) == 1 and re.fullmatch(self.status + r"\.\d+\.\d+", status)


class Peer:
    """`acts`: what is done at the first try and at the next one: "2xx", "cut", "silence" or a reply, as it is sent.
    `course`: "then", "ever" or "long"."""

    def __init__(self, text):
        first, _, then = text.partition(" then ")
        first, self.course = re.fullmatch(r"(.*?)(?: for (ever|long))?", first).groups()
        self.course = self.course or "then"
        if then and self.course == "ever":
            raise ValueError(f"what comes after ever? {text!r}")
        self.acts = (self._act(first), self._act(first if self.course == "ever" else then or "2xx"))

    @staticmethod
    def _act(text):
        text = REPLIES.get(text, text)
        if text not in ("2xx", "cut", "silence") and not all(re.match(r"[2-5]\d\d[ -]", each) for each in text.split(" / ")):
            raise ValueError(f"no act: {text!r}")
        return text.replace(" / ", "\r\n")


class Row:
    def __init__(self, number, line):
        self.number = number
        fields = [" ".join(each.split()) for each in line.split("|")]
        if len(fields) != 8:
            raise ValueError(f"{len(fields)} columns")
        self.protocol, self.step, self.peer_text, recipients, asks, first, after, told = fields
        if self.protocol not in PROTOCOLS or self.step not in STEPS:
            raise ValueError("no such protocol or step")
        self.name = " ".join(each for each in fields[:5] if each)
        self.peer = Peer(self.peer_text)
        self.recipients = [Recipient(each) for each in recipients.split()]
        self.letters = [each.letter for each in self.recipients]
        self.null = asks == "null"
        self.asks = {} if self.null else dict(each.split("=", 1) for each in asks.split())
        self.first, self.after = self._fates(first), self._fates(after)
        if set(self.first) != set(self.letters) or set(self.after) != set(self.left()):
            raise ValueError("not one fate for each recipient and try")
        self.dead = told.endswith(", dead")
        self.told = [] if told.removesuffix(", dead") == "nothing" else self._told(told)

    def left(self):
        """Who is deferred by the first try."""
        return [letter for letter in self.letters if self.first[letter].kind == "deferred"]

    def fate(self, letter):
        """How it ends."""
        return self.after.get(letter) or self.first[letter]

    def _groups(self, text):
        for group in filter(None, text.split(", ")):
            letters, words = [], group.split()
            while words and words[0] in self.letters:
                letters.append(words.pop(0))
            yield letters, words

    def _fates(self, text):
        return {letter: Fate(*words) for letters, words in self._groups(text) for letter in letters}

    def _told(self, text):
        told = []
        for group in text.split(", "):
            action, *letters = group.split()
            if action not in ACTIONS or not letters or not set(letters) <= set(self.letters):
                raise ValueError(f"nothing that is told: {group!r}")
            told += [(action, letter) for letter in letters]
        return told

    def said(self, letter, fate):
        """The reply that this fate is from; None if nothing was said; "" if it is open which one it is."""
        mark = next(each.mark for each in self.recipients if each.letter == letter)
        if mark == "-" and fate.status == "5.1.1":
            return NO_SUCH_USER
        if mark == "~" and fate.status == "4.2.1":
            return BUSY
        act = self.peer.acts[0 if fate is self.first[letter] else 1]
        if act in ("cut", "silence"):
            return None
        return "" if len(fate.status) == 1 and self.step in ("RCPT", "dot") and act.startswith("421") else act


def rows():
    found = []
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "outcomes.txt")
    with open(path, encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                found.append(Row(number, line.strip()))
            except ValueError as error:
                raise ValueError(f"outcomes.txt:{number}: {error}") from error
    return found
