"""Every option of tls.md section 6 as `sluice check` treats it in a `tls` map: taken, taken with a notice, or refused."""

import unittest

from support import Configuration, sluice
from support.authority import Authority

IN, OUT = "config.server.listener[\"{listener}\"] = #{{ tls: #{{ {keys} }} }};", "config.delivery.domain[\"bank.fi\"] = #{{ tls: #{{ {keys} }} }};"

# Direction, keys, what is said: None nothing at all, "notice: TEXT", "error: TEXT".
ROWS = [
    (OUT, 'TLS: "no"', "notice: this option is called 'mode' here"),
    (OUT, 'TLS: "ifavailable"', "notice: this option is called 'mode' here"),
    (OUT, 'TLS: "required"', "notice: this option is called 'mode' here"),
    (OUT, 'mode: "ifavailable"', None),
    (OUT, 'mode: "sometimes"', "error: 'sometimes' is not one of none, opportunistic, required, dane, dane-only, mta-sts"),
    (OUT, 'TLS: "required", mode: "required"', "error: it is another name of 'mode', which is set too"),
    (OUT, 'TLS_CA: "{ca}"', "notice: this option is called 'ca' here"),
    (OUT, 'TLS_CA: "nowhere.pem"', "error: "),
    (OUT, 'TLS_Certificate: "{certificate}", TLS_Key: "{key}"', "notice: this option is called 'certificate' here"),
    (OUT, 'TLS_Certificate: "none"', "notice: this option is called 'certificate' here"),
    (OUT, 'TLS_Ciphers: "DEFAULT"', "notice: this option is called 'ciphers' here"),
    (OUT, 'TLS_Ciphers: "NORMAL"', "error: GnuTLS priority strings are not supported; write protocol_version and ciphers"),
    (OUT, 'TLS_Verify: "CA"', "notice: this option is called 'verify' here"),
    (OUT, 'TLS_Verify: "host"', "notice: this option is called 'verify' here"),
    (OUT, 'TLS_Verify: "no"', "notice: this option is called 'verify' here"),
    (OUT, 'verify: "optional"', None),
    (OUT, "tls_ifavailable_fallback: false", "notice: this option is called 'fallback' here"),
    (OUT, 'tls_protocols: "+ALL:-SSLv3"', "notice: this option is called 'protocol_version' here"),
    (OUT, "floor: true", None),
    (OUT, 'floors: true', "error: unknown key"),
    (IN, 'TLS_Client_CA: "{ca}"', "notice: this option is called 'client_ca' here"),
    (IN, 'TLS_Client_CA: "{ca}", TLS_Verify_Mode: "require"', "notice: this option is called 'verify_mode' here"),
    (IN, 'TLS_Verify_Mode: "none"', "notice: this option is called 'verify_mode' here"),
    (IN, 'client_ca: "{ca}", tls_verified_peer_can_relay: true', "notice: this option is called 'verified_peer_can_relay' here"),
    (IN, 'client_ca: "{ca}", tls_verified_peer_is_authorized: true', "notice: this option is called 'verified_peer_is_authorized' here"),
    (IN, 'TLS_Certificate: "{certificate}"', "error: certificates are chosen by SNI, not by listener"),
    (IN, 'TLS_Ciphers: "DEFAULT"', "notice: this option is called 'ciphers' here"),
    (IN, 'TLS_Ciphers: "NORMAL"', "error: GnuTLS priority strings are not supported; write protocol_version and ciphers"),
    (IN, 'tls_protocols: "+ALL:-SSLv3"', "notice: this option is called 'protocol_version' here"),
    (IN, 'tls_protocols: "+SSLv3"', "error: SSLv3 cannot be enabled: not in this TLS library"),
    (IN, "preempt_cipherlist: true", None),
    (IN, 'handshake_timeout: "20s"', None),
    (IN, 'starttls_injection_policy: "ignore"', None),
    (IN, 'starttls_injection_policy: "reject"', None),
    (IN, 'starttls_injection_policy: "allow"', 'error: "allow" lets clear-text commands run inside TLS (CVE-2011-0411)'),
]
for direction in (IN, OUT):
    ROWS += [
        (direction, "tls_allow_renegotiation: false", "notice: renegotiation is always refused by this TLS library"),
        (direction, "tls_allow_renegotiation: true", "error: renegotiation cannot be allowed: a BoringSSL server always refuses it"),
        (direction, 'tls_dhparams_file: "{ca}"', "notice: finite-field DHE is not in this TLS library; file ignored"),
        (direction, 'tls_dhparams_file: "nowhere.pem"', "error: 'nowhere.pem' does not exist"),
        (direction, "tls_enable_dhe_ciphers: false", "notice: finite-field DHE is not in this TLS library"),
        (direction, "tls_enable_dhe_ciphers: true", "error: DHE suites are not available; ECDHE is always on"),
        (direction, 'tls_engine: "openssl"', "notice: one TLS library is built in (BoringSSL); option ignored"),
        (direction, 'tls_engine: "gnutls"', "error: one TLS library is built in (BoringSSL)"),
        (direction, 'tls_engine: "schannel"', "error: 'schannel' is not a value of this option"),
        (direction, 'crypto_lock_method: "EC_SSL_MUTEX"', "notice: the TLS library does its own locking"),
        (direction, 'crypto_lock_method: "spin"', "error: 'spin' is not a value of this option"),
        (direction, 'ssl_lock_method: "spinlock"', "notice: the TLS library does its own locking"),
        (direction, "tls_macros: #{{}}", "notice: always loaded"),
    ]


class TlsOptions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.close)
        cls.pair = cls.authority.sign("client")

    def check(self, direction, keys, expected):
        with Configuration() as configuration:
            files = {"ca": self.authority.certificate, "certificate": self.pair.certificate, "key": self.pair.key}
            keys = keys.format(**files)
            configuration.configure(direction.format(listener=f"{configuration.address}:{configuration.relay}", keys=keys))
            done = sluice("check", "-c", configuration.root)
            if expected is None:
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertNotIn("tls", done.stdout)
                return
            kind, text = expected.split(": ", 1)
            self.assertIn(text, done.stdout)
            self.assertEqual(done.returncode, 1 if kind == "error" else 0, done.stdout)


for number, row in enumerate(ROWS):
    setattr(TlsOptions, f"test_{number:02} {row[1]}", lambda self, row=row: self.check(*row))


if __name__ == "__main__":
    unittest.main()
