"""One running sandbox for these tests, reset for each, and somebody who listens for its callbacks."""

import imaplib
import smtplib
import ssl
from collections.abc import Iterator

import pytest

from local.sandbox import Sandbox, start
from tests.support.running.sandbox import SUPPORT, CallbackListener, SandboxClient
from tests.support.timing.waiting import PATIENCE_S


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = start(tmp_path_factory.mktemp("sandbox"), webhook_base_url="http://127.0.0.1:1")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def client(running: Sandbox) -> Iterator[SandboxClient]:
    client = SandboxClient(running)
    client.control("POST", "/reset")
    client.control("POST", "/mail/reset")
    client.control("POST", "/ladder", {"delays": {"sent": 0.02, "delivered": 0.1, "seen": 0.2}})
    client.control("POST", "/settings", {"retry_delays": [0.02, 0.05]})
    yield client
    client.session.close()


@pytest.fixture
def listener() -> Iterator[CallbackListener]:
    listener = CallbackListener()
    yield listener
    listener.close()


@pytest.fixture
def trusted(running: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=running.ca_file)


@pytest.fixture
def smtp(running: Sandbox, client: SandboxClient, trusted: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    connection = smtplib.SMTP(running.smtp.host, running.smtp.port, timeout=PATIENCE_S)
    connection.starttls(context=trusted)
    yield connection
    connection.close()


@pytest.fixture
def imap(running: Sandbox, client: SandboxClient, trusted: ssl.SSLContext) -> Iterator[imaplib.IMAP4_SSL]:
    connection = imaplib.IMAP4_SSL(
        running.imap.host, running.imap.port, ssl_context=trusted, timeout=PATIENCE_S
    )
    connection.login(*SUPPORT)
    yield connection
    connection.shutdown()
