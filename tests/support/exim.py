"""A private Exim. Debian's package cannot be installed beside Postfix: `./dev peers` unpacks it into build/peers.

The user Debian-exim, whose name is compiled in, exists for this process only (libnss-wrapper). Everything but binding the
port is done as that user, who is "nobody" in truth."""

import os
import shutil

from .accounts import INSTALL, UNPACKED, nss_wrapper
from .peer import ForegroundPeer, need_root, program
from .ports import free_ports, own_address

USER = 65534
PASSWD = f"root:x:0:0::/:/bin/sh\nnobody:x:{USER}:{USER}::/:/bin/sh\nDebian-exim:x:{USER}:{USER}::/:/bin/sh\n"
GROUP = f"root:x:0:\nnogroup:x:{USER}:\nDebian-exim:x:{USER}:\n"
CONFIGURE = """exim_path = {root}/bin/exim4
spool_directory = {root}/spool
log_file_path = {root}/log/%slog
pid_file_path = {root}/exim.pid
primary_hostname = exim.test
local_interfaces = {address}
daemon_smtp_ports = {port}
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
deliver_drop_privilege
domainlist mailbox_domains = {domains}
acl_smtp_rcpt = rcpt
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_queue_per_connection = 0
smtp_accept_max = 100
log_selector = +received_recipients +tls_sni -queue_run
tls_certificate = {root}/etc/fullchain.pem
tls_privatekey = {root}/etc/privkey.pem
{main}

begin acl
rcpt:
  accept domains = +mailbox_domains
         endpass
         message = no such user here
         verify = recipient
  accept hosts = 127.0.0.0/8

begin routers
mailboxes:
  driver = accept
  domains = +mailbox_domains
  address_data = ${{lookup{{$local_part@$domain}}lsearch*@{{{root}/etc/mailboxes}}{{$value}}fail}}
  transport = maildir
unknown:
  driver = redirect
  domains = +mailbox_domains
  allow_fail
  data = :fail: no such user here
{routers}

begin transports
maildir:
  driver = appendfile
  directory = {root}/mail/$address_data
  maildir_format
  create_directory
  envelope_to_add
  return_path_add
  user = {user}
  group = {user}
{transports}

begin retry
* * F,1h,1s
"""
SMARTHOST = """smarthost:
  driver = manualroute
  route_list = * {host}::{port}
  self = send
  transport = relay
"""
RELAY = """relay:
  driver = smtp
{options}
"""


class Exim(ForegroundPeer):
    """`main` are further options of the main section, `mailboxes` as those of Postfix. `smarthost` is (address, port)
    where all other mail goes, `relay` the options of the transport that takes it there."""

    name = "exim"

    def __init__(self, main="", mailboxes=(), smarthost=None, relay=""):
        need_root("Exim")
        binary = program(UNPACKED / "usr/sbin/exim4", INSTALL)
        super().__init__()
        self.address, (self.port,) = own_address(), free_ports(1, own_address())
        owner = (USER, USER)
        for each in ("spool", "log", "mail"):
            self.directory(each, owner=owner)
        # A copy, because nobody may be able to reach the checkout.
        self.directory("bin")
        shutil.copyfile(binary, self.root / "bin/exim4")
        (self.root / "bin/exim4").chmod(0o755)
        self.log_files = [self.root / "log" / f"{each}log" for each in ("main", "reject", "panic")] + [self.root / "log/output"]
        self.certificate(owner)
        self.write("etc/mailboxes", "".join(f"{'*' * each.startswith('@')}{each}: {self.folder(each)}\n" for each in mailboxes))
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LD_PRELOAD": nss_wrapper(self.root / "bin"),
            "NSS_WRAPPER_PASSWD": str(self.write("etc/passwd", PASSWD)), "NSS_WRAPPER_GROUP": str(self.write("etc/group", GROUP))}
        domains = " : ".join({each.rsplit("@", 1)[1] for each in mailboxes})
        configuration = self.write("etc/exim.conf", CONFIGURE.format(
            root=self.root, address=self.address, port=self.port, domains=domains, main=main, user=USER,
            routers=SMARTHOST.format(host=smarthost[0], port=smarthost[1]) if smarthost else "",
            transports=RELAY.format(options=relay) if smarthost else ""))
        # In the foreground, with a queue runner every second.
        self.command = [self.root / "bin/exim4", "-C", configuration, "-bdf", "-q1s"]
        self.start()
