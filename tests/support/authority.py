"""A CA of a test, made by the openssl program, and the certificates it signs: what clients show."""

import os
import subprocess
import tempfile


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(arguments)}\n{done.stdout}")
    return done.stdout


class Pair:
    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key

    @property
    def options(self):
        """For openssl s_client."""
        return ("-cert", self.certificate, "-key", self.key)

    def digest(self, of):
        """SHA-256 in hex of the "fingerprint" (certificate) or the "spki" (its key)."""
        if of == "fingerprint":
            text = _openssl("x509", "-in", self.certificate, "-noout", "-fingerprint", "-sha256")
            return text.split("=")[1].strip().replace(":", "").lower()
        public = _openssl("x509", "-in", self.certificate, "-noout", "-pubkey")
        done = subprocess.run("openssl pkey -pubin -outform der | openssl dgst -sha256", shell=True, input=public.encode(),
                              stdout=subprocess.PIPE, check=True, timeout=60)
        return done.stdout.decode().split()[-1]


class Authority:
    """Use it with `with`, or call close()."""

    def __init__(self, name="Test CA"):
        self._directory = tempfile.TemporaryDirectory(prefix="sluice-ca-")
        self.name = name
        self.certificate, self.key = self.path("ca.pem"), self.path("ca.key")
        _openssl("req", "-x509", *self._new_key(self.key), "-out", self.certificate, "-subj", f"/CN={name}", "-days", "30")
        self.write("index.txt", "")
        self.write("ca.cnf", f"[ca]\ndefault_ca = own\n[own]\ndatabase = {self.path('index.txt')}\ndefault_md = sha256\n"
                             f"unique_subject = no\nserial = {self.path('serial')}\nnew_certs_dir = {self._directory.name}\n"
                             "policy = any\n[any]\ncommonName = optional\norganizationName = optional\n")
        self.write("serial", "01\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._directory.cleanup()

    def path(self, name):
        return os.path.join(self._directory.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def pem(self):
        with open(self.certificate, encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def _new_key(path, algorithm="ec"):
        kind = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "ed25519": ["ed25519"], "rsa": ["rsa:2048"]}[algorithm]
        return ["-newkey", *kind, "-nodes", "-keyout", path]

    def sign(self, name, sans="", start=None, end=None, algorithm="ec"):
        """Times are in openssl's form, "20200101000000Z"."""
        key, request, certificate = self.path(f"{name}.key"), self.path(f"{name}.csr"), self.path(f"{name}.pem")
        _openssl("req", *self._new_key(key, algorithm), "-out", request, "-subj", f"/O=Partner/CN={name}")
        extensions = "basicConstraints = critical,CA:FALSE\nextendedKeyUsage = clientAuth\n"
        extensions += f"subjectAltName = {sans}\n" if sans else ""
        dates = ["-startdate", start, "-enddate", end] if start else ["-days", "20"]
        _openssl("ca", "-batch", "-config", self.path("ca.cnf"), "-in", request, "-out", certificate, "-cert", self.certificate,
                 "-keyfile", self.key, "-extfile", self.write(f"{name}.ext", extensions), "-notext", *dates)
        return Pair(certificate, key)

    def revoke(self, *pairs):
        """The file with the list of what was revoked."""
        for pair in pairs:
            _openssl("ca", "-config", self.path("ca.cnf"), "-cert", self.certificate, "-keyfile", self.key, "-revoke", pair.certificate)
        _openssl("ca", "-config", self.path("ca.cnf"), "-cert", self.certificate, "-keyfile", self.key, "-gencrl", "-crldays", "10",
                 "-out", self.path("list.crl"))
        return self.path("list.crl")
