"""Certificates for test servers: a throw-away authority, and leaves that are right or wrong on purpose."""

import ssl
from pathlib import Path

from local.sandbox.mailbox.certificates import Authority


class TestAuthority(Authority):
    """Signs certificates; `client_context` trusts it, and nothing else."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        super().__init__("Test Authority")
        self._folder = folder

    @property
    def certificate_file(self) -> Path:
        path = self._folder / "authority.pem"
        path.write_bytes(self.pem)
        return path

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate_file))

    def server_context(self, host: str, *, is_expired: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_file(host, is_expired=is_expired))
        return context

    def server_file(self, host: str, *, is_expired: bool = False) -> Path:
        """Write a server's key and certificate into one file."""
        path = self._folder / f"{host}-{is_expired}.pem"
        path.write_bytes(self.server_pem(host, days=(-20, -10) if is_expired else (-1, 10)))
        return path
