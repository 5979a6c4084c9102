"""Ports that are chosen for others to listen on: nobody listens there, and nobody gets one by chance."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from local import ports
from local.ports import free_ports, listens_on


def test_they_differ_and_are_not_given_to_outgoing_connections():
    first_given_away = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    chosen = free_ports(50)

    assert len(set(chosen)) == 50
    assert max(chosen) < first_given_away


def test_a_port_on_which_somebody_listens_is_not_chosen(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        (free,) = free_ports(1)
        taken = listener.getsockname()[1]
        offered = iter([taken, taken, free])
        monkeypatch.setattr(ports.secrets, "choice", lambda _: next(offered))

        assert free_ports(1) == [free]


def test_only_the_process_that_listens_is_said_to():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        subprocess.Popen(["cat"], stdin=subprocess.PIPE) as another,
    ):
        port = listener.getsockname()[1]

        assert listens_on(os.getpid(), {port})
        assert not listens_on(another.pid, {port})
        assert not listens_on(os.getpid(), {port, *free_ports(1)})


def test_a_process_that_has_ended_listens_on_nothing():
    assert not listens_on(2**22 + 1, {1})
