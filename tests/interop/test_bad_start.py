"""What is wrong is told with place and remedy, exit code 1, and nothing is half-started."""

import os
import shutil
import socket
import unittest

from support import Configuration, Server, StartFailed, sluice


class BadStart(unittest.TestCase):
    def setUp(self):
        self.configuration = Configuration()
        self.addCleanup(self.configuration.__exit__)

    def expect_refusal(self, *texts, check=True):
        """`run` refuses, leaving nothing behind; `check` says the same. Both texts."""
        with self.assertRaises(StartFailed) as caught:
            Server(self.configuration)
        self.assertEqual(caught.exception.exit_code, 1, caught.exception.text)
        for text in texts:
            self.assertIn(text, caught.exception.text)
        self.assertNotIn("listening", caught.exception.text)
        self.assertFalse(os.path.exists(self.configuration.path("run", "sluice.sock")))
        self.assertFalse(os.path.exists(self.configuration.path("spool")), "nothing is created before all is known to be good")
        if check:
            done = sluice("check", "-c", self.configuration.root)
            self.assertEqual(done.returncode, 1)
            for text in texts:
                self.assertIn(text, done.stdout)
        return caught.exception.text

    def test_port_in_use(self):
        with socket.socket() as other:
            other.bind((self.configuration.address, self.configuration.submission))
            other.listen()
            text = self.expect_refusal(f"cannot listen on {self.configuration.address}:{self.configuration.submission}: Address already in use",
                                       "stop it or change config.server.interfaces", check=False)
            self.assertNotIn("sluice is ready", text)
            # The ports before the one in use are free again.
            with socket.socket() as free:
                free.bind((self.configuration.address, self.configuration.relay))

    def test_second_server_with_the_same_ports(self):
        with Server(self.configuration) as first:
            second = Configuration()
            self.addCleanup(second.__exit__)
            second.relay, second.submission, second.implicit = (self.configuration.relay, self.configuration.submission, self.configuration.implicit)
            second.configure()
            with self.assertRaises(StartFailed) as caught:
                Server(second)
            self.assertIn("Address already in use", caught.exception.text)
            self.assertEqual(first.process.poll(), None)

    def test_second_server_with_the_same_spool(self):
        with Server(self.configuration):
            second = Configuration(extra=f'config.server.queues.dirpath = "{self.configuration.path("spool")}";')
            self.addCleanup(second.__exit__)
            with self.assertRaises(StartFailed) as caught:
                Server(second)
            self.assertIn("cannot open the spool", caught.exception.text)
            self.assertIn("used by one server only", caught.exception.text)

    def test_address_of_another_machine(self):
        self.configuration.configure('config.server.interfaces.addr = ["192.0.2.1:2525"];')
        self.expect_refusal("cannot listen on 192.0.2.1:2525", "`ip address` lists those it has", check=False)

    def domain(self, name, certificate=None, key=None):
        directory = f"domain-available/{name}"
        self.configuration.domain(name, config=f"""fn on_domain_config(config) {{
  config.tls = #{{
    certificate: "{certificate or directory + '/fullchain.pem'}",
    private_key: "{key or directory + '/privkey.pem'}",
  }};
  config
}}
""")

    def test_missing_certificate(self):
        self.domain("example.com")
        self.expect_refusal("domain-enabled/example.com/config.vsl:3:", "error[T0101]", "domain-available/example.com/fullchain.pem does not exist",
                            "hint: check the path")

    def test_missing_key(self):
        self.configuration.certificate("example.com", script=False)
        os.unlink(self.configuration.path("domain-available", "example.com", "privkey.pem"))
        self.domain("example.com")
        self.expect_refusal("error[T0104]", "domain-available/example.com/privkey.pem does not exist")

    def test_unreadable_key(self):
        self.configuration.certificate("example.com", script=False)
        key = self.configuration.path("domain-available", "example.com", "privkey.pem")
        os.unlink(key)
        os.mkdir(key)  # root can read everything else
        self.domain("example.com")
        self.expect_refusal("error[T0105]", "cannot read private key file", "privkey.pem", "hint: make the file readable")

    @unittest.skipIf(os.geteuid() != 0, "only root can become another user")
    def test_key_without_permission(self):
        self.configuration.certificate("example.com", script=False)
        self.domain("example.com")
        os.chmod(self.configuration.root, 0o755)
        # The build directory may be closed to other users.
        program = self.configuration.path("sluice")
        shutil.copy(os.environ["SLUICE_BINARY"], program)
        os.chmod(program, 0o755)
        saved = os.environ["SLUICE_BINARY"]
        os.environ["SLUICE_BINARY"] = program
        try:
            done = sluice("check", "-c", self.configuration.root, user="nobody")
        finally:
            os.environ["SLUICE_BINARY"] = saved
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("error[T0105]", done.stdout)
        self.assertIn("Permission denied", done.stdout)

    def test_key_of_another_certificate(self):
        self.configuration.certificate("example.com", script=False)
        self.configuration.certificate("other.test", script=False)
        self.domain("example.com", key="domain-available/other.test/privkey.pem")
        self.expect_refusal("error[T0108]", "does not belong to the certificate")

    def test_no_certificate_in_the_file(self):
        self.configuration.write("domain-available/example.com/fullchain.pem", "hello\n")
        self.configuration.write("domain-available/example.com/privkey.pem", "hello\n")
        self.domain("example.com")
        self.expect_refusal("error[T0103]", "holds no usable PEM certificate")

    def test_two_domains_claim_one_name(self):
        for name in ("a.test", "b.test"):
            self.configuration.certificate(name, keys='server_names: ["mail.both.test"],')
            self.configuration.domain(name)
        self.expect_refusal("error[T0115]", "mail.both.test is claimed by", "a.test", "b.test", "domain-enabled/a.test/config.vsl", "domain-enabled/b.test/config.vsl")

    def test_two_defaults(self):
        self.configuration.domain("a.test", config="fn on_domain_config(config) { config.is_default = true; config }\n")
        self.configuration.domain("b.test", config="fn on_domain_config(config) { config }\n", default=True)
        self.expect_refusal("two domains are the default", "a.test", "b.test")

    def test_dangling_link(self):
        self.configuration.link("gone.test", "gone.test")
        self.expect_refusal("domain-enabled/gone.test' points to a directory that does not exist", "hint: remove the link")

    def test_broken_filter(self):
        self.configuration.write("filter.vsl", '#{\n  mail: [\n    rule "x" || state::deny(,\n  ]\n}\n')
        self.expect_refusal("filter.vsl:3:", '    3 |     rule "x" || state::deny(,', "^")

    def test_broken_domain_script(self):
        self.configuration.domain("example.com", incoming='#{ rcpt: [ rule "x" || ctx::rctp() ] }\n')
        self.expect_refusal("example.com/incoming.vsl:1:", "did you mean")

    def test_misspelt_key(self):
        self.configuration.configure("config.server.client_cuont_max = 5;")
        self.expect_refusal("conf.d/config.vsl:", "error[E0303]", "client_cuont_max", "did you mean 'client_count_max'?")

    def test_misspelt_key_of_a_domain(self):
        self.configuration.domain("example.com", config='fn on_domain_config(config) {\n  config.tls = #{ certifcate: "x" };\n  config\n}\n')
        self.expect_refusal("domain-enabled/example.com/config.vsl:2:", "error[E0303]", "did you mean 'certificate'?")

    def test_all_is_told_at_once(self):
        self.configuration.configure('config.server.client_cuont_max = 5;\nconfig.server.message_size_limit = "big";')
        self.configuration.domain("example.com", config='fn on_domain_config(config) {\n  config.is_deafult = true;\n  config\n}\n')
        self.expect_refusal("client_cuont_max", "message_size_limit", "is_deafult")

    def test_no_configuration(self):
        done = sluice("run", "-c", self.configuration.path("nothing", "here"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no configuration at", done.stderr)
        self.assertIn("hint", done.stderr)

    def test_wrong_command_line(self):
        for arguments in (("run", "--nonsense"), ("nonsense",), (), ("domain", "enable")):
            self.assertEqual(sluice(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    unittest.main()
