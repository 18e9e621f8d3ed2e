"""An LMTP server on a local socket that gives the replies a test wants, and remembers what it took."""

import socketserver
import threading


class _Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self):
        self.say("220 lmtp.test ready")
        accepted = []
        sender = None
        for line in self.rfile:
            line = line.decode().rstrip("\r\n")
            verb = line.split(" ")[0].upper()
            if verb == "LHLO":
                self.say("250-lmtp.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES")
            elif verb == "MAIL":
                sender, accepted = line[line.index("<") + 1:line.index(">")], []
                self.say("250 2.1.0 Ok")
            elif verb == "RCPT":
                address = line[line.index("<") + 1:line.index(">")]
                reply = self.server.owner.rcpt_replies.get(address, "250 2.1.5 Ok")
                if reply.startswith("250"):
                    accepted.append(address)
                self.say(reply)
            elif verb == "DATA":
                self.data(sender, accepted)
            elif verb == "QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok" if verb == "RSET" else "500 5.5.2 What?")

    def data(self, sender, accepted):
        if not accepted:
            return self.say("503 5.5.1 No valid recipients")
        self.say("354 Go on")
        text = b""
        for line in self.rfile:
            if line == b".\r\n":
                break
            text += line[1:] if line.startswith(b".") else line
        replies = [self.server.owner.data_replies.get(address, "250 2.0.0 Stored") for address in accepted]
        taken = [address for address, reply in zip(accepted, replies) if reply.startswith("250")]
        with self.server.owner.changed:
            self.server.owner.mails.append((sender, taken, text))
            self.server.owner.changed.notify_all()
        for reply in replies:
            self.say(reply)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class LmtpServer:
    """`rcpt_replies` and `data_replies`: by address, what is not 250."""

    def __init__(self, path, rcpt_replies=None, data_replies=None):
        self.rcpt_replies, self.data_replies = rcpt_replies or {}, data_replies or {}
        self.mails = []  # (sender, recipients it was stored for, text)
        self.changed = threading.Condition()
        self.server = _Server(path, _Handler)
        self.server.owner = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
