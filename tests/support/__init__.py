"""What the tests that run the real binary share: Python 3 and its standard library, nothing else.

The binary is the one SLUICE_BINARY names; CTest sets it.
"""

from .authority import Authority
from .command import binary, sluice
from .configuration import Configuration
from .maildir import messages, wait_for_messages
from .openssl import s_client
from .server import Server, StartFailed
from .smtp import Connection, unverified_context
from .smtp_sink import SILENCE, SmtpSink

__all__ = [
    "Authority", "binary", "sluice", "Configuration", "messages", "wait_for_messages", "s_client", "Server", "StartFailed",
    "Connection", "unverified_context", "SILENCE", "SmtpSink",
]
