"""A server of files over HTTPS, for tests."""

import http.server
import ssl
import threading

from .ports import own_address


class HttpsServer:
    """Serves `files`, a map from paths to texts, which may be changed while it runs; `pair` is its certificate."""

    def __init__(self, pair, files):
        self.files = files
        self.asked = []  # paths
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                text = outer.files.get(self.path)
                body = (text or "").encode()
                self.send_response(404 if text is None else 200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self.address = own_address(2)
        self._server = http.server.ThreadingHTTPServer((self.address, 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # handshakes that clients break off
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
