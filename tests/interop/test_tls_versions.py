"""Protocol versions, ALPN and renegotiation: tests 7, 11 and 12 of tls.md 8.1, with openssl s_client."""

import re
import subprocess
import threading
import unittest

from support import Configuration, Server, s_client

PROTOCOL_VERSION = 70
NO_APPLICATION_PROTOCOL = 120
NO_RENEGOTIATION = 100
WEAK = ("-cipher", "DEFAULT:@SECLEVEL=0")  # or the client itself refuses TLS 1.1


class Versions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.configuration = Configuration()
        cls.addClassCleanup(cls.configuration.__exit__)
        for name, keys in (("both.test", ""), ("new.test", 'protocol_version: ["TLSv1.3"],'), ("old.test", 'protocol_version: ["TLSv1.2"],')):
            cls.configuration.certificate(name, keys=keys)
            cls.configuration.domain(name)
        cls.server = Server(cls.configuration)
        cls.addClassCleanup(cls.server.__exit__, None)

    def connect(self, name, *options, implicit=True):
        c = self.configuration
        return s_client(c.address, c.implicit if implicit else c.relay, *options, starttls=not implicit, name=name)

    def test_7_versions_of_root_and_domain(self):
        for name, option, version in (
                ("both.test", "-tls1_1", None), ("both.test", "-tls1_2", "TLSv1.2"), ("both.test", "-tls1_3", "TLSv1.3"),
                ("new.test", "-tls1_1", None), ("new.test", "-tls1_2", None), ("new.test", "-tls1_3", "TLSv1.3"),
                ("old.test", "-tls1_1", None), ("old.test", "-tls1_2", "TLSv1.2"), ("old.test", "-tls1_3", None)):
            for implicit in (True, False):
                with self.subTest(name=name, option=option, implicit=implicit):
                    result = self.connect(name, option, *WEAK, implicit=implicit)
                    self.assertEqual(result.protocol, version, result.output)
                    self.assertEqual(result.alert, None if version else PROTOCOL_VERSION, result.output)

    def test_7_a_client_with_both_gets_what_the_domain_allows(self):
        self.assertEqual(self.connect("both.test").protocol, "TLSv1.3")
        self.assertEqual(self.connect("new.test").protocol, "TLSv1.3")
        self.assertEqual(self.connect("old.test").protocol, "TLSv1.2")

    def test_11_alpn(self):
        result = self.connect("both.test", "-alpn", "smtp")
        self.assertIn("ALPN protocol: smtp", result.output)
        result = self.connect("both.test", "-alpn", "http/1.1,smtp")
        self.assertIn("ALPN protocol: smtp", result.output)
        result = self.connect("both.test", "-alpn", "http/1.1")
        self.assertEqual(result.alert, NO_APPLICATION_PROTOCOL, result.output)
        result = self.connect("both.test")
        self.assertIn("No ALPN negotiated", result.output)
        self.assertEqual(result.subject, "both.test")

    def typed(self, option, lines, until):
        """Types each line once the text before it was printed; all output up to `until` or the end."""
        c = self.configuration
        process = subprocess.Popen(["openssl", "s_client", "-crlf", "-connect", f"{c.address}:{c.implicit}", "-servername", "both.test", option],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        limit = threading.Timer(20, process.kill)
        limit.start()
        output = b""
        try:
            waiting = list(lines)
            while True:
                data = process.stdout.read1(65536)
                output += data
                if not data or re.search(until, output):
                    break
                if waiting and waiting[0][0] in output:
                    process.stdin.write(waiting.pop(0)[1])
                    process.stdin.flush()
        finally:
            limit.cancel()
            process.kill()
            process.stdin.close()
            process.stdout.close()
            process.wait()
        return output.decode(errors="replace")

    def test_12_renegotiation_is_refused(self):
        output = self.typed("-tls1_2", [(b"220 both.test", b"R\n")], rb"alert number \d+")
        self.assertIn("RENEGOTIATING", output)
        self.assertRegex(output, rf"SSL alert number {NO_RENEGOTIATION}|no renegotiation")

    def test_12_key_update_works(self):
        output = self.typed("-tls1_3", [(b"220 both.test", b"K\n"), (b"KEYUPDATE", b"NOOP\n")], rb"250 2\.0\.0 Ok|alert number")
        self.assertIn("KEYUPDATE", output)
        self.assertIn("250 2.0.0 Ok", output)


if __name__ == "__main__":
    unittest.main()
