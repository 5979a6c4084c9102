"""Fixtures for tests of mail alone: the product in this process, and a real IMAP server. A conftest imports them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.imap.mailbox import ImapMailbox
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.product.builders import SUPPORT, Product
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.dovecot import Dovecot
from tests.support.servers.tcp_server import dial_loopback


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    """Signs the certificates of mail servers that only a test knows."""
    return TestAuthority(Path(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def dovecot(authority: TestAuthority) -> Iterator[Dovecot]:
    """A real IMAP server with the mailbox of `account`."""
    with Dovecot.running(authority) as running:
        running.add_user(SUPPORT)
        yield running


@pytest.fixture
def product(
    test_database: TestDatabase, tmp_path: Path, dovecot: Dovecot, authority: TestAuthority
) -> Iterator[Product]:
    """The product in this process, with the real mail client; no timer or worker of it runs."""
    tls = authority.client_context()

    def mailbox(server: MailServer) -> ImapMailbox:
        return ImapMailbox(server, connect=dial_loopback(dovecot.port), tls=tls)

    with closing(Product(test_database, tmp_path)) as made:
        made.app.infrastructure.providers = replace(made.app.infrastructure.providers, mailbox=mailbox)
        yield made


@pytest.fixture
def account(product: Product, organization: Organization, dovecot: Dovecot) -> UUID:
    """That mailbox, as an account of the product."""
    server = dovecot.mail_server(SUPPORT)
    return product.add_mailbox(
        organization,
        SUPPORT,
        imap_host=server.host,
        imap_port=server.port,
        imap_password=server.password,
    )
