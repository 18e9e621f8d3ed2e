"""What DSN parameters, BODY and SMTPUTF8 become in the spool: there the delivery and its reports read them."""

import glob
import json
import os
import unittest

from support import Configuration, Connection, Server

FILTER = """#{
  rcpt: [ rule "anybody" || {
    if ctx::rcpt().local_part == "alias" { envelop::rw_rcpt("alias@example.com", "real@example.com") }
    state::accept()
  } ],
  preq: [ rule "keep" || state::quarantine("kept") ],
}
"""


def stored_envelopes(configuration):
    """The JSON lines of the spool's log."""
    found = []
    for path in glob.glob(configuration.path("spool", "**"), recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                data = file.read()
            decoder = json.JSONDecoder()
            at = data.find(b'{"version":2')
            while at >= 0:
                text = data[at:data.index(b"\n", at)].decode()
                found.append(decoder.raw_decode(text)[0])
                at = data.find(b'{"version":2', at + 1)
    return found


class Parameters(unittest.TestCase):
    def send(self, mail, *rcpts):
        with Configuration(FILTER) as configuration:
            with Server(configuration), Connection(configuration.address, configuration.relay) as connection:
                connection.greeting()
                self.assertLessEqual({"DSN", "CHUNKING"}, set(connection.ehlo()))
                self.assertEqual(connection.command("MAIL FROM:<a@other.net>" + mail), "250 2.1.0 Ok")
                for rcpt in rcpts:
                    self.assertEqual(connection.command("RCPT TO:" + rcpt), "250 2.1.5 Ok")
                connection.send(b"BDAT 17 LAST\r\nSubject: x\r\n\r\ny\r")
                connection.send(b"\n")
                self.assertIn("250 2.0.0 Ok: queued", connection.reply()[-1])
            [envelope] = stored_envelopes(configuration)
            return envelope

    def test_everything_given(self):
        envelope = self.send(" RET=FULL ENVID=QQ+2B1 BODY=8BITMIME SMTPUTF8",
                             "<b@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@z.test",
                             "<c@example.com> NOTIFY=NEVER", "<alias@example.com> NOTIFY=FAILURE")
        self.assertEqual(envelope["queue"], "quarantine")
        self.assertEqual(envelope["ret"], "FULL")
        self.assertEqual(envelope["envelope_id"], "QQ+2B1")
        self.assertIs(envelope["eight_bit"], True)
        self.assertIs(envelope["smtputf8"], True)
        self.assertEqual([(one["address"], one["notify"], one.get("original_recipient")) for one in envelope["recipients"]],
                         [("b@example.com", 2 | 8, "rfc822;x+2By@z.test"), ("c@example.com", 1, None),
                          ("real@example.com", 4, "rfc822;alias@example.com")])

    def test_nothing_given(self):
        envelope = self.send("", "<b@example.com>")
        for key in ("ret", "envelope_id", "eight_bit", "smtputf8", "user", "next_stage", "facts"):
            self.assertNotIn(key, envelope)
        self.assertEqual(set(envelope["recipients"][0]) & {"notify", "original_recipient"}, set())


if __name__ == "__main__":
    unittest.main()
