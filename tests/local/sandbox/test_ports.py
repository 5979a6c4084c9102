"""The sandbox's ports: typed into settings, hence the same at every start, or none at all."""

import socket
from pathlib import Path

import pytest

from local.refusal import CannotStart
from local.sandbox.ports import Ports


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sandbox" / "ports.json"


def number_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def first_start(file: Path) -> dict[str, int]:
    """Listen on two ports for the first time, and stop."""
    ports = Ports(file)
    listening = {name: ports.listen(name) for name in ("smtp", "imap")}
    numbers = {name: number_of(each) for name, each in listening.items()}
    for each in listening.values():
        each.close()
    return numbers


def test_a_name_keeps_its_port(file: Path) -> None:
    first = first_start(file)

    again = Ports(file).listen("imap")

    assert number_of(again) == first["imap"]
    again.close()


def test_no_port_is_chosen_that_outgoing_connections_are_given(file: Path) -> None:
    first_given_away = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert max(first_start(file).values()) < first_given_away


def test_a_port_that_is_taken_is_refused_and_kept_for_the_next_start(file: Path) -> None:
    first = first_start(file)
    with (
        socket.create_server(("127.0.0.1", first["smtp"])),
        pytest.raises(CannotStart, match=rf"port {first['smtp']} \(smtp\) .* is taken"),
    ):
        Ports(file, patience_s=1, sleep=lambda _: None).listen("smtp")

    freed = Ports(file).listen("smtp")

    assert number_of(freed) == first["smtp"]
    freed.close()


def test_a_port_that_somebody_gives_back_meanwhile_is_waited_for(file: Path) -> None:
    first = first_start(file)
    somebody = socket.create_server(("127.0.0.1", first["smtp"]))

    listening = Ports(file, sleep=lambda _: somebody.close()).listen("smtp")

    assert number_of(listening) == first["smtp"]
    listening.close()


def test_a_file_that_is_not_a_list_of_ports_is_named(file: Path) -> None:
    file.parent.mkdir(parents=True)
    for content in ("", "[1]", '{"smtp": null}', '{"smtp":'):
        file.write_text(content)

        with pytest.raises(CannotStart, match=r"ports\.json cannot be read"):
            Ports(file)
