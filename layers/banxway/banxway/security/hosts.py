"""Decides which hosts that users enter may be connected to, and connects to them: a mailbox's host comes from a form.

The decision is made on resolved addresses, never on spelling, since 127.1, 0x7f.1, 2130706433 and circled
digits all mean this machine. The connection goes to the vetted address itself, so a name that resolves
differently a moment later has no effect.
"""

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from banxway import errors
from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.reasons import Reason

MAIL_PORTS = frozenset({25, 143, 465, 587, 993})

Resolve = Callable[..., list[Any]]
"""socket.getaddrinfo, or a function that replaces it in a test."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's special-purpose registries, written out: `ipaddress.is_global` changes between Python versions.
_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Everything public in IPv6 is inside 2000::/3; that leaves out loopback, IPv4-mapped and -compatible
# addresses, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), unique-local, link-local and multicast at once. Inside it,
# 2001::/23 contains Teredo and ORCHID, 2002::/16 is 6to4, and the others are for documentation.
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_INSIDE_ENDS = (
    ".internal", ".local", ".localhost", ".localdomain", ".intranet", ".lan", ".home", ".corp", ".private",
    ".home.arpa",
)  # fmt: skip
"""Domains for private networks: RFC 6761, 6762 and 8375, ICANN's .internal, and what people use instead."""
_NAME_SERVICE_FAILED = (socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_SYSTEM)
_MOST_ECHOED = 100
_HOST = re.compile(r"[\w.\-:%。．｡]{1,253}")


@dataclass(frozen=True, slots=True)
class VettedAddress:
    """An address that may be connected to, and the host name that its certificate must have."""

    host: str
    ip: str
    port: int
    family: socket.AddressFamily


Dial = Callable[[VettedAddress, float, float], socket.socket]
"""Connects to an address within the first number of seconds; the second one becomes the socket's timeout."""


class HostGuard:
    """Vets hosts that users enter, and connects to them.

    `allow_private` also allows private addresses and every port; it is for one machine, never for production.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: Resolve = socket.getaddrinfo,
        dial: Dial | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._resolve = resolve
        self._dial = dial or _dial

    def vet(self, host: str, port: int, *, field: str) -> VettedAddress:
        """Return the address to connect to, without connecting.

        Raises HostNotFound or HostRefused naming the field, or Unavailable if DNS is down. Every address of a name
        must be allowed; one private address refuses the name. A name of a private network is never looked up, so
        that no user can find out which of them exist.
        """
        try:
            return self._vetted(host, port, field)[0]
        except OSError as error:
            raise errors.Unavailable(
                "Host not found: the name service did not answer", reason=Reason.NAME_SERVICE_DOWN
            ) from error

    def connect(self, host: str, port: int, timeout_s: float, *, field: str = "host") -> socket.socket:
        """Return a TCP connection to a vetted address of the host; the name is looked up exactly once.

        `timeout_s` limits the attempts on all addresses together and then becomes the socket's timeout. Raises
        HostRefused before any connection, and OSError if no address answers, as socket.create_connection does.
        """
        deadline = self._clock.monotonic() + timeout_s
        failure: OSError = TimeoutError("timed out")
        addresses = self._vetted(host, port, field)
        for tried, address in enumerate(addresses):
            # Each address gets an equal share, so that a silent one does not use up the time of the next.
            share_s = (deadline - self._clock.monotonic()) / (len(addresses) - tried)
            if share_s <= 0:
                break
            try:
                return self._dial(address, share_s, timeout_s)
            except OSError as error:
                failure = error
        raise failure

    def may_use(self, port: int) -> bool:
        """Return whether a port may be connected to at all, on any host."""
        return 1 <= port <= 65535 and (self._allow_private or port in MAIL_PORTS)

    def _vetted(self, host: str, port: int, field: str) -> list[VettedAddress]:
        if not self.may_use(port):
            raise errors.HostRefused(
                "This port cannot be used; mail uses 25, 143, 465, 587 or 993",
                field=field,
                reason=Reason.PORT_REFUSED,
            )
        if not _HOST.fullmatch(host) or (not self._allow_private and _is_inside_name(host)):
            raise _refused(field)
        answers = self._look_up(host, port, field)
        addresses = [VettedAddress(host, sockaddr[0], port, family) for family, _, _, _, sockaddr in answers]
        if not addresses or not all(self._may_dial(address.ip) for address in addresses):
            raise _refused(field)
        return addresses

    def _look_up(self, host: str, port: int, field: str) -> list[Any]:
        try:
            return self._resolve(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        except socket.gaierror as error:
            if error.errno in _NAME_SERVICE_FAILED:
                raise
            raise errors.HostNotFound(
                f"Host not found: {host[:_MOST_ECHOED]}; check its spelling at your mail provider",
                field=field,
                reason=Reason.HOST_NOT_FOUND,
            ) from error
        except ValueError as error:  # such as UnicodeError from the idna codec
            raise _refused(field) from error

    def _may_dial(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        if self._allow_private:
            address = getattr(address, "ipv4_mapped", None) or address
            return not (address.is_multicast or address.is_unspecified)
        return is_public(address)


def is_public(address: IpAddress) -> bool:
    """Return whether an address is of the public internet, and not another way to write a private one."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    if address.scope_id is not None or address not in _PUBLIC_V6:
        return False
    return not any(address in network for network in _REFUSED_V6)


def _is_inside_name(host: str) -> bool:
    """Return whether a name belongs to a private network: it has no dot, or ends with a private domain."""
    name = unicodedata.normalize("NFKC", host).replace("。", ".").lower().rstrip(".")
    # An address in any spelling is not a name: it is vetted after it is resolved.
    has_no_dot = not re.search(r"[.:]", name) and not re.fullmatch(r"0x[0-9a-f]+|\d+", name)
    return has_no_dot or name.endswith(_INSIDE_ENDS)


def _dial(address: VettedAddress, connect_timeout_s: float, timeout_s: float) -> socket.socket:
    connection = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        connection.settimeout(connect_timeout_s)
        connection.connect((address.ip, address.port))
        connection.settimeout(timeout_s)
    except BaseException:
        connection.close()
        raise
    return connection


def _refused(field: str) -> errors.HostRefused:
    return errors.HostRefused(
        "This host cannot be used; enter the public name of your provider's mail server",
        field=field,
        reason=Reason.HOST_REFUSED,
    )
