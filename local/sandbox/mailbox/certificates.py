"""The authority and the certificate of the sandbox's mail servers, made once per state folder."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ADDRESSES = ("127.0.0.1", "::1")
_VALID_FOR = timedelta(days=3650)
_PEM = serialization.Encoding.PEM


def server_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's TLS context and the file of the authority that clients must trust.

    Made at first use and reused later, so that a client which trusts the file keeps trusting it.
    """
    ca_file, server_file = folder / "ca.pem", folder / "server.pem"
    if not (ca_file.exists() and server_file.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        authority, key_and_certificate = _make()
        server_file.touch(mode=0o600)
        server_file.write_bytes(key_and_certificate)
        ca_file.write_bytes(authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_file)
    return context, ca_file


def _make() -> tuple[bytes, bytes]:
    """Return the authority's certificate, and the server's key with its certificate, as PEM."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("Banxway sandbox authority")
    ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    # Python 3.13 verifies strictly (RFC 5280): key usage and both key identifiers must be there.
    authority = (
        _certificate(ca_name, issuer=ca_name, key=ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(ca_id, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(each)) for each in _ADDRESSES]
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id)
    server = (
        _certificate(_name("localhost"), issuer=ca_name, key=key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer_id, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return authority.public_bytes(_PEM), private + server.public_bytes(_PEM)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name, *, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID_FOR)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
