"""The outcome matrix of delivery, row by row: outcomes.txt says what is expected, outcome_play.py what is done."""

import itertools
import os
import re
import tempfile
import time
import unittest

from support import sluice
from support.delivery_report import DeliveryReport
from support.ports import own_address

from outcome_play import COURSES, RETRY, address, play_all, sender
from outcome_rows import rows
from test_delivery import Delivery

ROWS = rows()
PLAYS = {}
EVENTS = {"delivered": "delivered", "deferred": "delivery-deferred", "failed": "delivery-failed"}
STATES = {"delivered": "sent", "deferred": "deferred", "failed": "failed"}


def setUpModule():
    # Nothing here is about what outlives the machine, so no disk is waited for where files can stay in memory.
    memory, before = "/dev/shm", tempfile.tempdir
    try:
        if os.access(memory, os.W_OK | os.X_OK):
            tempfile.tempdir = memory
        PLAYS.update(play_all(ROWS, at_once=24))
    finally:
        tempfile.tempdir = before


class Table(unittest.TestCase):
    def test_every_cell_of_the_matrix_has_its_rows(self):
        there = {(row.protocol, row.step.partition("/")[0], row.peer_text, len(row.letters)) for row in ROWS}
        acts = ("4xx", "5xx", "421", "cut", "silence")
        for cell in itertools.product(("smtp", "lmtp"), ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"), acts, (1, 2, 3)):
            if cell[3] < 3 or cell[1] in ("RCPT", "DATA", "dot"):
                self.assertIn(cell, there)


class Outcomes(unittest.TestCase):
    maxDiff = None

    def check(self, row):
        play = PLAYS[row]
        if isinstance(play, Exception):
            self.fail(f"the play broke off: {play}")
        self.row, self.play, self.hop, self.id = row, play, play.hop(row), play.ids[row]
        self.check_attempts()
        self.check_listing()
        self.check_next_host()
        self.check_dialogue()
        self.check_reports()

    # --- each try, as the log tells it

    def check_attempts(self):
        for letter in self.row.letters:
            told = [seen["outcomes"].get((self.id, address(self.row, letter)), []) for seen in self.play.seen]
            events = [[event for event, _ in each] for each in told]
            first, left = EVENTS[self.row.first[letter].kind], letter in self.row.left()
            with self.subTest(letter, log=told):
                self.assertEqual(events[0][:1], [first])
                if not left or self.row.peer.course == "then":
                    self.assertEqual(len(events[0]), 1, "tried again")
                else:
                    self.assertGreater(len(events[0]), 1)
                    self.assertEqual(set(events[0][:-1]), {first})  # how the end of it is told: see Differs
                if self.row.peer.course == "ever":
                    self.assertIn(self.row.first[letter].status, told[0][0][1])  # no list was asked for at that time
                else:
                    self.assertEqual(events[1], [EVENTS[self.row.after[letter].kind]] if left else [])

    # --- what `sluice queue list --json` says between the tries, and at the end

    def check_listing(self):
        if self.row.peer.course != "ever":
            stored = self.play.seen[0]["listing"].get(self.id)
            self.check_stored(stored, self.row.first, "deferred" if self.row.left() else "dead" if self.row.dead else None)
        stored = self.play.seen[-1]["listing"].get(self.id)
        self.check_stored(stored, {each: self.row.fate(each) for each in self.row.letters}, "dead" if self.row.dead else None)

    def check_stored(self, stored, fates, queue):
        self.assertEqual(stored and stored["queue"], queue)
        if not stored:
            return
        self.assertEqual(stored["from"], "" if self.row.null else sender(self.row))
        recipients = {each["address"]: each for each in stored["recipients"]}
        self.assertEqual(set(recipients), {address(self.row, each) for each in fates})
        for letter, fate in fates.items():
            each = recipients[address(self.row, letter)]
            with self.subTest(letter, stored=each):
                self.assertEqual(each["state"], STATES[fate.kind])
                if fate.kind == "delivered":
                    continue
                self.assertTrue(fate.has(each["status"]), f"not {fate.status}")
                self.assertNotEqual(each["last_error"], "")
                said = self.row.said(letter, fate)
                if said:
                    for line in said.split("\r\n"):
                        self.assertIn(line, each["last_error"])
                    self.assertIn(own_address(), each["remote"])
                elif said is None:
                    self.assertEqual(each["remote"], "", "nobody said that")

    # --- what the next host took: delivered once, after a cut or silence behind the final dot also before that

    def check_next_host(self):
        for letter in self.row.letters:
            to = address(self.row, letter)
            taken = [[each for each in messages if to in each[1]] for _, messages, _ in self.hop.seen]
            expected = [[self.row.first, self.row.after][at].get(letter) for at in range(len(taken))]
            with self.subTest(letter, taken=taken):
                self.assertEqual([bool(each) for each in taken], [bool(fate) and fate.kind == "delivered" for fate in expected])
                self.assertLessEqual(max(map(len, taken)), 1)
                for reverse_path, _, text in itertools.chain(*taken):
                    self.assertEqual(reverse_path, "" if self.row.null else sender(self.row))
                    self.assertTrue(text.endswith(f"\r\n\r\nThe text of row {self.row.number}.\r\n".encode()), text)
        if self.row.step == "dot" and self.row.peer.acts[0] in ("cut", "silence"):
            met = [each.letter for each in self.row.recipients if not each.mark]
            for letter, (_, _, arrived) in itertools.product(met, self.hop.seen):
                to = address(self.row, letter)
                self.assertTrue([each for each in arrived if to in each[1]], f"{letter} was not sent again")

    def check_dialogue(self):
        commands = self.mine(self.hop.seen[-1][0])
        asked = [each for each in commands if each.startswith("RCPT")]
        if self.row.peer.course == "then" and not (self.row.step == "MAIL" and self.row.peer.acts[1] != "2xx"):
            again = [re.match("RCPT TO:<(.*?)>", each).group(1) for each in asked]
            left = [address(self.row, each) for each in self.row.left()]
            self.assertEqual(again, left, "the next try goes to those who are left")
        commands = [each for seen in self.hop.seen for each in self.mine(seen[0])]
        for command in commands:
            for word in (" RET=", " ENVID=", " NOTIFY=", " ORCPT="):
                self.assertTrue(word not in command or self.row.protocol.endswith("+dsn"), f"not offered: {command}")
        if self.row.protocol.endswith("+dsn"):
            self.check_passed_on(commands)

    def mine(self, commands):
        ends = (f".r{self.row.number}@", f"<{sender(self.row)}>")
        return [each for each in commands if re.match("(MAIL|RCPT) ", each) and any(end in each for end in ends)]

    def check_passed_on(self, commands):
        for command in commands:
            if command.startswith("MAIL"):
                for key, value in self.row.asks.items():
                    self.assertIn(f" {key}={value}", command)
        for each in self.row.recipients:
            for command in [one for one in commands if f".{each.letter}.r" in one]:
                parameters = dict(one.split("=", 1) for one in command.split(" ")[2:])
                self.assertEqual(parameters.get("NOTIFY"), each.notify or None)
                if each.notify:
                    self.assertEqual(parameters.get("ORCPT"), f"rfc822;x+2B{each.letter}@orig.test")

    # --- what the sender is told

    def check_reports(self):
        reports = [DeliveryReport(each) for each in self.play.seen[-1]["reports"][self.row]]
        told = sorted((fields.action, fields.address) for each in reports for fields in each.recipients)
        self.assertEqual(told, sorted((action, address(self.row, letter)) for action, letter in self.row.told))
        if self.row.peer.course != "ever":
            early = [fields for each in self.play.seen[0]["reports"][self.row] for fields in DeliveryReport(each).recipients]
            self.assertEqual(sorted((each.action, each.address) for each in early), self.told_at_once())
        for each in reports:
            self.check_report(each)
            for fields in each.recipients:
                letter = fields.address.split(".")[1]
                with self.subTest(letter, fields=fields.text):
                    self.check_fields(letter, fields, each)

    def told_at_once(self):
        """What does not wait for the next try."""
        now = []
        for action, letter in self.row.told:
            kind = self.row.first[letter].kind
            if action == "delayed" or kind == "failed" or kind == "delivered":
                now.append((action, address(self.row, letter)))
        return sorted(now)

    def check_report(self, report):
        self.assertEqual((report.to, report.reporting), (sender(self.row), "mx.test"))
        given = self.row.asks.get("ENVID")
        self.assertEqual(report.envelope_id, given and re.sub(r"\+([0-9A-F]{2})", lambda it: chr(int(it.group(1), 16)), given))
        self.assertIn(f"Subject: row {self.row.number}", report.quoted)
        failed = any(each.action == "failed" for each in report.recipients)
        whole = f"The text of row {self.row.number}." in report.quoted
        if self.row.asks.get("RET") == "HDRS" or not failed:
            self.assertFalse(whole, "the header only (RFC 3461 4.3)")
        elif self.row.asks.get("RET") == "FULL":
            self.assertTrue(whole, "all of the message (RFC 3461 4.3)")

    def check_fields(self, letter, fields, report):
        notify = next(each.notify for each in self.row.recipients if each.letter == letter)
        self.assertEqual(fields.original, f"rfc822; x+{letter}@orig.test" if notify else None)
        self.assertIn(fields.address, report.letter)
        self.assertIsNotNone(fields.last_attempt)
        self.assertEqual(fields.retried_until is not None, fields.action == "delayed")
        if fields.action in ("relayed", "delivered"):
            self.assertRegex(fields.status, r"^2\.\d\.\d$")
            return
        fate = self.row.first[letter] if fields.action == "delayed" else self.row.fate(letter)
        self.assertTrue(fate.has(fields.status), f"not {fate.status}")
        self.check_diagnostic(fate, fields, self.row.said(letter, fate))

    def check_diagnostic(self, fate, fields, said):
        """The reply of the next host, and whose it is; smtp and Remote-MTA say that it is one (RFC 3464 2.3.5, 2.3.6)."""
        if said is None:
            self.assertNotRegex(fields.diagnostic or "", "^smtp;")
            self.assertIsNone(fields.remote)
            return
        for line in said.split("\r\n"):
            self.assertIn(line, fields.diagnostic)
        if said:
            self.assertTrue(fields.diagnostic.startswith("smtp; " + said.split("\r\n")[0]), fields.diagnostic)
            self.assertRegex(fields.remote, rf"^dns; .*{re.escape(own_address())}")


for each_row in ROWS:
    setattr(Outcomes, f"test_line_{each_row.number:03}: {each_row.name}", lambda self, row=each_row: self.check(row))


class Besides(Delivery):
    """What no single row says."""

    def expired(self):
        """Rows that expire after a reply, with the reports and the play."""
        for row in ROWS:
            if row.peer.course == "ever" and row.peer.acts[0] not in ("cut", "silence"):
                play = PLAYS[row]
                yield row, play, [DeliveryReport(each) for each in play.seen[-1]["reports"][row]]

    def test_the_report_of_an_expired_message_names_the_host_that_refused_it(self):
        for row, _, reports in self.expired():
            for report in reports:
                for each in report.recipients:
                    if each.status == "4.4.7":
                        self.assertIn(own_address(), each.text + report.letter, row.name)

    def test_the_log_tells_that_a_message_has_expired(self):
        for row, play, _ in self.expired():
            for letter in row.left():
                log = play.seen[0]["outcomes"][(play.ids[row], address(row, letter))]
                self.assertEqual(log[-1][0], "delivery-failed", row.name)

    def test_a_next_hop_without_a_name_is_an_address_literal(self):
        for row in ROWS:
            for report in PLAYS[row].seen[-1]["reports"][row]:
                for each in DeliveryReport(report).recipients:
                    self.assertRegex(each.remote or "dns; [none]", r"^dns; \[", "RFC 3464 9.3")

    def test_retry_tries_a_host_that_rests(self):
        sink = self.sink({"CONNECT": ["421 4.3.2 going down", "220 sink.test ESMTP"]})
        self.start(sink, RETRY.format(*COURSES["then"]))
        self.send("b@away.test")
        self.wait_for_attempts(1)
        sluice("queue", "retry", "--all", "-c", self.configuration.root)
        self.wait_for_attempts(2)
        self.assertEqual(len(sink.messages), 1, sink.commands)

    def wait_for_attempts(self, count):
        """Or until the message is gone."""
        end = time.monotonic() + 20
        while [each for each in self.listed() if each["recipients"][0]["attempts"] < count]:
            self.assertLess(time.monotonic(), end, self.listed())
            time.sleep(0.02)


if __name__ == "__main__":
    unittest.main()
