"""The certificate for mail servers of a test's own that the running product's functions trust."""

import ssl
from pathlib import Path

from tests.support.running.runner import Runner

HOST = "localhost"


class SandboxCertificate:
    """The certificate for localhost whose authority every function of the runner trusts."""

    def __init__(self, runner: Runner) -> None:
        self._folder = runner.state / "tls"

    def server_file(self, host: str, *, is_expired: bool = False) -> Path:
        del host, is_expired
        return self._folder / "server.pem"

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_file(HOST))
        return context

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._folder / "ca.pem"))
