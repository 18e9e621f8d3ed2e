"""A private Postfix: nothing of the system's own is read, written or stopped."""

import subprocess

from .peer import Peer, need_root, program, takes_connections
from .ports import free_ports, own_address
from .waiting import wait_until

INSTALL = "apt-get install postfix"
MAIN = """compatibility_level = 3.6
queue_directory = {root}/spool
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {root}/log/mail.log
maillog_file_prefixes = {root}
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
default_process_limit = 200
smtpd_peername_lookup = no
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = texthash:{root}/etc/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
{main}
"""
TLS = """
smtpd_tls_security_level = may
smtpd_tls_cert_file = {root}/etc/fullchain.pem
smtpd_tls_key_file = {root}/etc/privkey.pem
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
"""
MASTER = """cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(Peer):
    """`main` are further lines of main.cf. `mailboxes` are addresses with a Maildir here, "@domain" for all others of a
    domain. `listeners` are further ports: from a name, the key of `ports`, to the parameters that are different there. `master` are
    further lines of master.cf. With `tls` it offers STARTTLS."""

    name = "postfix"

    def __init__(self, main="", mailboxes=(), listeners=None, master="", tls=False):
        need_root("Postfix")
        self.command = program("/usr/sbin/postfix", INSTALL)
        super().__init__()
        listeners = {"": {}, **(listeners or {})}
        self.address = own_address()
        self.ports = dict(zip(listeners, free_ports(len(listeners), self.address)))
        self.port = self.ports[""]
        for each in ("etc", "spool", "log"):
            self.directory(each)
        self.directory("data", owner=("postfix",))
        self.directory("mail", owner=(65534, 65534))
        self.log_files = [self.root / "log/mail.log"]
        domains = " ".join({each.rsplit("@", 1)[1] for each in mailboxes})
        if tls:
            self.certificate(("root",))
            main += TLS.format(root=self.root)
        self.write("etc/main.cf", MAIN.format(root=self.root, domains=domains, main=main))
        self.write("etc/master.cf", "".join(self.listener(name, options) for name, options in listeners.items()) + MASTER + master)
        self.write("etc/mailboxes", "".join(f"{each} {self.folder(each)}/\n" for each in mailboxes))
        self.start()

    def listener(self, name, options):
        lines = "".join(f"  -o {{ {key} = {value} }}\n" for key, value in options.items())
        return f"{self.address}:{self.ports[name]} inet n - n - - smtpd\n{lines}"

    def start(self):
        self.run("start")
        self.pid = int((self.root / "spool/pid/master.pid").read_text())
        for port in self.ports.values():
            self.require(wait_until(lambda: takes_connections(self.address, port)), "does not listen")

    def stop(self):
        """Returns when its processes have ended."""
        if (self.root / "spool/pid/master.pid").exists():
            self.run("stop", check=False)

    def run(self, command, check=True):
        done = subprocess.run([self.command, "-c", self.root / "etc", command], capture_output=True, text=True)
        self.require(not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}")
        return done
