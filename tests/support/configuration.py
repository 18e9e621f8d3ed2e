"""A configuration directory for one test: everything the server writes stays below it."""

import os
import shutil
import tempfile

from .command import sluice
from .ports import free_ports, own_address

CONFIG = """fn on_config(config) {{
  config.server.name = "mx.test";
  config.server.interfaces = #{{
    addr: ["{address}:{relay}"], addr_submission: ["{address}:{submission}"], addr_submissions: ["{address}:{implicit}"],
  }};
  config.server.client_count_max = 100;
  config.server.system.thread_pool.receiver = 2;
  config.server.logs.level = ["info"];
  config.server.queues.dirpath = "spool";
  config.app.dirpath = "app";
  config.server.run_dir = "run";
  config.delivery.transport = "maildir:mail/%d/%u"; config.delivery.remote_transport = "maildir:mail/%d/%u";
{tls}{extra}  config
}}
"""
TLS = """  config.server.tls = #{ protocol_version: ["TLSv1.2", "TLSv1.3"] };
"""


class Configuration:
    """`filter` is the text of filter.vsl, None for no such file; `extra` are lines for on_config."""

    def __init__(self, filter="#{}", extra="", tls=True):
        self.root = tempfile.mkdtemp(prefix="sluice-test-")
        self.address = own_address()
        self.relay, self.submission, self.implicit = free_ports(3, self.address)
        self.configure(extra, tls)
        if filter is not None:
            self.write("filter.vsl", filter)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def configure(self, extra="", tls=True):
        if extra and not extra.endswith("\n"):
            extra += "\n"
        text = CONFIG.format(address=self.address, relay=self.relay, submission=self.submission, implicit=self.implicit,
                             tls=TLS if tls else "", extra=extra)
        self.write("conf.d/config.vsl", text)

    def domain(self, name, incoming=None, outgoing=None, internal=None, config=None, default=False, enable=True):
        """Scripts that are None are not written."""
        directory = f"domain-available/{name}"
        os.makedirs(self.path(directory), exist_ok=True)
        for kind, text in (("incoming", incoming), ("outgoing", outgoing), ("internal", internal), ("config", config)):
            if text is not None:
                self.write(f"{directory}/{kind}.vsl", text)
        if enable:
            self.link(name, name)
        if default:
            self.link("default", name)

    def link(self, link, name):
        os.makedirs(self.path("domain-enabled"), exist_ok=True)
        os.symlink(f"../domain-available/{name}", self.path("domain-enabled", link))

    def certificate(self, name, *sans, keys="", script=True):
        """A self-signed certificate for the domain, made by the program itself, and a config.vsl that names it.

        `keys` are further keys of its tls map, each with a comma behind it."""
        options = [option for san in sans for option in ("--san", san)]
        directory = self.path("domain-available", name)
        done = sluice("cert", "self-signed", name, "--out", directory, "--force", *options)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        if script:
            self.write(f"domain-available/{name}/config.vsl", f"""fn on_domain_config(config) {{
  config.tls = #{{
    {keys}
    certificate: "domain-available/{name}/fullchain.pem",
    private_key: "domain-available/{name}/privkey.pem",
  }};
  config
}}
""")
        return os.path.join(directory, "fullchain.pem")

    def mailbox(self, address):
        local_part, domain = address.rsplit("@", 1)
        return self.path("mail", domain, local_part)
