"""An authority and its servers' certificates; the sandbox's are made once per state folder."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_HOSTS = ("localhost", "127.0.0.1", "::1")
_DAYS = (-1, 3650)
_PEM = serialization.Encoding.PEM


def server_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's TLS context and the file of the authority that clients must trust.

    Created at first use and reused later, so that clients which trust the file still can.
    """
    ca_file, server_file = folder / "ca.pem", folder / "server.pem"
    if not (ca_file.exists() and server_file.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        authority = Authority("Banxway sandbox authority")
        server_file.touch(mode=0o600)
        server_file.write_bytes(authority.server_pem(*_HOSTS))
        ca_file.write_bytes(authority.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_file)
    return context, ca_file


class Authority:
    """Signs the certificates of servers; `pem` is what a client must trust."""

    def __init__(self, name: str) -> None:
        self._name, self._key = _name(name), ec.generate_private_key(ec.SECP256R1())
        self._id = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = self._signed(self._name, self._key, days=_DAYS, extensions=[self._id])
        self.pem = certificate.public_bytes(_PEM)

    def server_pem(self, *hosts: str, days: tuple[int, int] = _DAYS) -> bytes:
        """Return a server's key and its certificate for these hosts, valid between two numbers of days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        extensions: list[x509.ExtensionType] = [
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]),
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._id),
        ]
        certificate = self._signed(_name(hosts[0]), key, days=days, extensions=extensions)
        private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return private + certificate.public_bytes(_PEM)

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        days: tuple[int, int],
        extensions: list[x509.ExtensionType],
    ) -> x509.Certificate:
        is_authority, now = key is self._key, datetime.now(UTC)
        # Python 3.13 verifies strictly (RFC 5280): key usage and both key identifiers must be there.
        usage = x509.KeyUsage(
            digital_signature=not is_authority,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=is_authority,
            crl_sign=is_authority,
            encipher_only=False,
            decipher_only=False,
        )
        path_length = 0 if is_authority else None
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=path_length), critical=True)
            .add_extension(usage, critical=True)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
