"""Certificates for mail servers on loopback."""

import ssl
from pathlib import Path

import pytest

from tests.support.certificates import TestAuthority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(Path(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def trusting(authority: TestAuthority) -> ssl.SSLContext:
    """A client's context that trusts the test authority and checks names."""
    return authority.client_context()


@pytest.fixture
def server_context(authority: TestAuthority) -> ssl.SSLContext:
    """A server's context with a certificate for mail.example.test."""
    return authority.server_context("mail.example.test")
