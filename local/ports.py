"""Chooses ports for servers that begin to listen a moment later."""

import secrets
import socket
from pathlib import Path

import psutil

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000


def free_ports(count: int) -> list[int]:
    """Return ports of this machine on which no process listens.

    They are outside the range for outgoing connections: a port of that range may be taken a moment later.
    """
    first_given_away = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 32_768
    candidates = range(_LOWEST, max(first_given_away, _LOWEST + 1_000))
    found: list[int] = []
    while len(found) < count:
        port = secrets.choice(candidates)  # chance only keeps runners apart
        if port not in found and _is_free(port):
            found.append(port)
    return found


def listens_on(pid: int, ports: set[int]) -> bool:
    """Return whether this very process listens on all of these ports: another one might have taken them."""
    try:
        sockets = psutil.Process(pid).net_connections("tcp4")
    except psutil.NoSuchProcess:
        return False
    return ports <= {each.laddr.port for each in sockets if each.status == psutil.CONN_LISTEN}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
