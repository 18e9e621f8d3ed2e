"""`openssl s_client` as an administrator runs it."""

import re
import subprocess


class Result:
    def __init__(self, exit_code, output):
        self.exit_code = exit_code
        self.output = output

    @property
    def subject(self):
        """Common name of the certificate that was shown; None if there was none."""
        found = re.search(r"^subject=.*?CN\s*=\s*([^,\n]+)", self.output, re.MULTILINE)
        return found.group(1).strip() if found else None

    @property
    def alert(self):
        """Number of the TLS alert that ended the handshake; None if there was none."""
        found = re.search(r"SSL alert number (\d+)", self.output)
        return int(found.group(1)) if found else None

    @property
    def protocol(self):
        found = re.search(r"^New, (TLSv[\d.]+)", self.output, re.MULTILINE)
        return found.group(1) if found else None


def s_client(address, port, *options, starttls=False, name=None, commands="", timeout=30):
    """Without `name`, to an IP address, the client sends no server name. `commands` is what is typed; then comes the end
    of the input."""
    command = ["openssl", "s_client", "-crlf", "-connect", f"{address}:{port}"]
    if starttls:
        command += ["-starttls", "smtp"]
    if name:
        command += ["-servername", name]
    done = subprocess.run([*command, *options], input=commands, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, text=True, errors="replace")
    return Result(done.returncode, done.stdout)
