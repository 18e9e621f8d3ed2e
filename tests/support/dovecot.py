"""A private Dovecot: LMTP over TCP and over a local socket, into Maildirs."""

from .peer import ForegroundPeer, need_root, program
from .ports import free_ports, own_address

INSTALL = "apt-get install dovecot-core dovecot-lmtpd"
CONFIGURATION = """base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log/dovecot.log
protocols = lmtp
listen = {address}
ssl = no
mail_location = maildir:{root}/mail/%d/%n
mail_plugins = quota
hostname = dovecot.test
passdb {{
  driver = passwd-file
  args = {root}/etc/users
}}
userdb {{
  driver = passwd-file
  args = {root}/etc/users
  default_fields = uid=nobody gid=nogroup home={root}/mail/%d/%n
}}
plugin {{
  quota = maildir:User quota
}}
service lmtp {{
  unix_listener {root}/lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = {address}
    port = {port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@dovecot.test
}}
{extra}
"""


class Dovecot(ForegroundPeer):
    """`mailboxes` maps addresses to what they may hold in octets, None for any amount. It listens on `address` and `port`, and
    on `socket`."""

    name = "dovecot"

    def __init__(self, mailboxes, extra=""):
        need_root("Dovecot")
        binary = program("/usr/sbin/dovecot", INSTALL)
        program("/usr/lib/dovecot/lmtp", INSTALL)
        super().__init__()
        self.address, (self.port,) = own_address(), free_ports(1, own_address())
        self.socket = str(self.root / "lmtp")
        for each in ("run", "state", "log"):
            self.directory(each)
        self.directory("mail", owner=("nobody", "nogroup"))
        self.log_files = [self.root / "log/dovecot.log", self.root / "log/output"]
        self.write("etc/users", "".join(
            f"{address}:::::::{'' if limit is None else f'userdb_quota_rule=*:bytes={limit}'}\n" for address, limit in mailboxes.items()))
        configuration = self.write("etc/dovecot.conf", CONFIGURATION.format(
            root=self.root, address=self.address, port=self.port, extra=extra))
        self.command = [binary, "-F", "-c", configuration]
        self.start()
