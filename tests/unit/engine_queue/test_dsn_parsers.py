"""Reports as a stranger's parser sees them: Python's email package."""

import email
import email.policy
import os
import subprocess
import tempfile
import unittest


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run([os.environ["DSN_SAMPLES"], directory], check=True)
            cls.reports = {}
            for name in os.listdir(directory):
                with open(os.path.join(directory, name), "rb") as file:
                    cls.reports[name] = email.message_from_bytes(file.read(), policy=email.policy.SMTPUTF8)

    def parts(self, name, types):
        report = self.reports[name]
        self.assertEqual(report.get_content_type(), "multipart/report")
        self.assertEqual(report.get_param("report-type"), "delivery-status")
        parts = list(report.iter_parts())
        self.assertEqual([part.get_content_type() for part in parts], types)
        for part in report.walk():
            self.assertEqual(part.defects, [], part.get_content_type())
        return parts

    def test_no_sample_is_left_out(self):
        self.assertEqual(set(self.reports), {"mixed", "headers_only", "global"})

    def test_mixed(self):
        letter, status, original = self.parts("mixed", ["text/plain", "message/delivery-status", "message/rfc822"])
        self.assertIn("    550-5.1.1 caf\u00e9\n", letter.get_content().replace("\r\n", "\n"))
        blocks = status.get_payload()
        self.assertEqual(blocks[0]["Reporting-MTA"], "dns; mx.example.com")
        self.assertEqual(blocks[0]["Original-Envelope-Id"], "QQ+1")
        self.assertEqual([block["Action"] for block in blocks[1:]], ["failed", "delayed", "delivered", "relayed"])
        self.assertEqual(blocks[1]["Original-Recipient"], "rfc822; joe+x@here.test")
        self.assertEqual(blocks[1]["Final-Recipient"], "rfc822; joe@remote.test")
        self.assertEqual(blocks[1]["Status"], "5.1.1")
        self.assertEqual(blocks[1]["Remote-MTA"], "dns; mx.remote.test (192.0.2.1)")
        self.assertTrue(blocks[1]["Diagnostic-Code"].startswith("smtp; 550-5.1.1 caf\\x{E9} 550 5.1.1 xxx"))
        self.assertEqual(original.get_content()["Subject"], "Caf\u00e9 tonight")
        self.assertIn("--x", original.get_content().get_content())
        report = self.reports["mixed"]
        self.assertEqual(report["To"].addresses[0].addr_spec, "me@sender.test")
        self.assertEqual(report["From"].addresses[0].addr_spec, "MAILER-DAEMON@mx.example.com")
        self.assertEqual(report["Auto-Submitted"], "auto-replied")
        self.assertEqual(report["Date"].datetime.timestamp(), 86400)

    def test_headers_only(self):
        parts = self.parts("headers_only", ["text/plain", "message/delivery-status", "text/rfc822-headers"])
        self.assertEqual(parts[2].get_payload(decode=True), b"Subject: caf\xe9\r\n")

    # The package walks into all of message/*, so that the status part is a message without a body to it.
    def test_global(self):
        _, status, original = self.parts("global", ["text/plain", "message/global-delivery-status", "message/global"])
        self.assertIn("Final-Recipient: utf-8; \u00e9ric@remote.test", status.as_bytes().decode())
        self.assertIn("Subject: \u00e9", original.as_bytes().decode())
        self.assertEqual(self.reports["global"]["Subject"], "Failed: your message to \u00e9ric@remote.test")


if __name__ == "__main__":
    unittest.main()
