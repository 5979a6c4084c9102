"""No private address is connected to because a user entered it, in whatever spelling."""

import gc
import ipaddress
import random
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway import errors
from banxway.security.hosts import MAIL_PORTS, HostGuard, VettedAddress, _dial
from tests.support.gates.chance import in_soak
from tests.support.timing.clocks import SetClock

PUBLIC_V4 = "93.184.216.34"
PUBLIC_V6 = "2606:2800:220:1:248:1893:25c8:1946"


@dataclass
class Dials:
    """Records every address that this process tries to connect to; when armed, it also blocks the connections."""

    is_armed: bool = False
    addresses: list[tuple[object, ...]] = field(default_factory=list)


_dials = Dials()


def _record_dial(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _dials.is_armed:
        _dials.addresses.append(arguments[1])  # type: ignore[arg-type]  # (socket, address)
        raise ConnectionRefusedError("stopped by the test")


sys.addaudithook(_record_dial)


@pytest.fixture
def dials() -> Iterator[list[tuple[object, ...]]]:
    _dials.is_armed, _dials.addresses = True, []
    yield _dials.addresses
    _dials.is_armed = False


@dataclass
class Resolver:
    """A name service that answers each lookup with the next list of addresses, in a cycle."""

    rounds: list[list[str]]
    asked: int = 0

    def __call__(self, host: str, port: int, **_: object) -> list[object]:
        answers = self.rounds[self.asked % len(self.rounds)]
        self.asked += 1
        return [_answer(ip, port) for ip in answers]


def _answer(ip: str, port: int) -> tuple[object, ...]:
    if ":" in ip:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))


def guard_for(*ips: str, allow_private: bool = False) -> HostGuard:
    return HostGuard(allow_private=allow_private, resolve=Resolver([list(ips)]))


# The first and the last address of each network in IANA's special-purpose registries.
INSIDE_NETWORKS = {
    "0.0.0.0": "0.255.255.255", "10.0.0.0": "10.255.255.255", "100.64.0.0": "100.127.255.255",
    "127.0.0.0": "127.255.255.255", "169.254.0.0": "169.254.255.255", "172.16.0.0": "172.31.255.255",
    "192.0.0.0": "192.0.0.255", "192.0.2.0": "192.0.2.255", "192.31.196.0": "192.31.196.255",
    "192.52.193.0": "192.52.193.255", "192.88.99.0": "192.88.99.255", "192.168.0.0": "192.168.255.255",
    "192.175.48.0": "192.175.48.255", "198.18.0.0": "198.19.255.255", "198.51.100.0": "198.51.100.255",
    "203.0.113.0": "203.0.113.255", "224.0.0.0": "239.255.255.255", "240.0.0.0": "255.255.255.255",
    "::": "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::": "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::": "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::": "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::": "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
}  # fmt: skip
# Public addresses next to these networks.
OUTSIDE_NEIGHBOURS = [
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255",
    "192.0.3.0", "192.31.195.255", "192.31.197.0", "192.52.192.255", "192.52.194.0", "192.88.98.255", "192.88.100.0",
    "192.167.255.255", "192.169.0.0", "192.175.47.255", "192.175.49.0", "198.17.255.255", "198.20.0.0",
    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
    "2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
]  # fmt: skip
INSIDE_V4 = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
INSIDE_V6 = [
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "64:ff9b:1::7f00:1",
    "100::1", "2001::1", "2001:0:53aa:64c:0:fbff:80ff:fffe", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fe80::1%1", "2606:4700::1111%1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", PUBLIC_V4, "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
    "169.253.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "198.17.255.255", "198.20.0.1",
    "223.255.255.254", PUBLIC_V6, "2001:4860:4860::8888", "2400:cb00::1", "2a00:1450::1", "2001:200::1",
]  # fmt: skip


@pytest.mark.parametrize("ip", sorted({*INSIDE_V4, *INSIDE_V6, *INSIDE_NETWORKS, *INSIDE_NETWORKS.values()}))
def test_a_name_that_resolves_inside_is_refused(ip: str, dials: list[object]) -> None:
    guard = guard_for(ip)

    with pytest.raises(errors.HostRefused) as refusal:
        guard.vet("mail.example.com", 993, field="imap_host")
    with pytest.raises(errors.HostRefused):
        guard.connect("mail.example.com", 993, 60)

    assert refusal.value.details == {"field": "imap_host"}
    assert dials == []


@pytest.mark.parametrize("ip", sorted({*OUTSIDE, *OUTSIDE_NEIGHBOURS}))
def test_a_name_that_resolves_outside_is_accepted(ip: str) -> None:
    address = guard_for(ip).vet("mail.example.com", 993, field="imap_host")

    assert (address.host, address.ip, address.port) == ("mail.example.com", ip, 993)


@pytest.mark.parametrize("inside", ["127.0.0.1", "::1", "10.1.2.3"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_one_inside_answer_among_public_ones_refuses_the_name(
    inside: str, position: int, dials: list[object]
) -> None:
    answers = [PUBLIC_V4, PUBLIC_V6]
    answers.insert(position, inside)

    with pytest.raises(errors.HostRefused):
        guard_for(*answers).connect("mail.example.com", 993, 60)

    assert dials == []


@given(octets=st.integers(0, 2**32 - 1))
@settings(max_examples=in_soak(5000, else_=200))
def test_no_address_that_the_registries_reserve_is_accepted(octets: int) -> None:
    address = ipaddress.IPv4Address(octets)
    try:
        guard_for(str(address)).vet("mail.example.com", 993, field="host")
    except errors.HostRefused:
        return

    assert not any(
        (
            address.is_private,
            address.is_loopback,
            address.is_link_local,
            address.is_multicast,
            address.is_reserved,
        )
    )


@given(bits=st.integers(0, 2**128 - 1), prefix=st.sampled_from(INSIDE_V6), keep=st.integers(0, 128))
@settings(max_examples=in_soak(5000, else_=200))
def test_no_reserved_ipv6_address_is_accepted(bits: int, prefix: str, keep: int) -> None:
    near = int(ipaddress.IPv6Address(prefix.partition("%")[0]))
    mask = (1 << 128) - (1 << (128 - keep))
    address = ipaddress.IPv6Address((near & mask) | (bits & ~mask & ((1 << 128) - 1)))
    try:
        guard_for(str(address)).vet("mail.example.com", 993, field="host")
    except errors.HostRefused:
        return

    assert address in ipaddress.IPv6Network("2000::/3")
    assert address.sixtofour is None
    assert address.teredo is None
    assert not address.is_private


def _spellings_of(address: ipaddress.IPv4Address) -> Iterator[str]:
    """Yield spellings of this address that the resolver accepts; a blocklist of texts would miss some of them."""
    number, octets = int(address), address.packed
    yield from (str(address), str(number), hex(number), f"0{number:o}", f"0X{number:X}")
    yield f"{octets[0]}.{number & 0xFFFFFF}"
    yield f"{octets[0]:#x}.{octets[1]}.{number & 0xFFFF:#x}"
    yield ".".join(f"0{octet:o}" for octet in octets)
    yield ".".join(f"{octet:#x}" for octet in octets)
    yield ".".join(f"{octet:#06x}" for octet in octets)
    yield str(address).translate({ord(c): 0xFF10 + int(c) for c in "0123456789"})
    yield str(address).translate({ord(c): 0x2460 + int(c) - 1 for c in "123456789"} | {ord("0"): 0x24EA})
    yield from (str(address).replace(".", dot) for dot in "。．｡")
    yield from (f"::{address}", f"::ffff:{address}", f"::FFFF:{octets.hex(':', 2)}", f"64:ff9b::{address}")
    yield from (f"64:ff9b:1::{address}", f"2002:{octets.hex(':', 2)}::", f"2002:{octets.hex(':', 2)}::1")
    yield f"0:0:0:0:0:ffff:{octets.hex(':', 2)}"
    yield f"2001:0:1:1:1:1:{bytes(octet ^ 0xFF for octet in octets).hex(':', 2)}"


def test_2000_spellings_of_inside_addresses_are_refused_and_nothing_is_dialled(dials: list[object]) -> None:
    guard = HostGuard(allow_private=False)
    chosen = random.Random(19)
    networks = [
        ipaddress.IPv4Network(n) for n in ("127.0.0.0/8", "10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16")
    ]
    addresses = [ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv4Address("169.254.169.254")]
    addresses += [chosen.choice(networks)[chosen.randrange(1, 60_000)] for _ in range(98)]
    spellings = [spelling for address in addresses for spelling in _spellings_of(address)]
    spellings += ["127.1", "0x7f.1", "0", "127.0.1", "0x7f000001", "017700000001", "2130706433", "localhost"]

    refused = 0
    for spelling in spellings:
        with pytest.raises(errors.HostRefused):
            guard.connect(spelling, 993, 60)
        refused += 1

    assert refused == len(spellings) >= 2000
    assert dials == []


@pytest.mark.parametrize(
    "host",
    ["", " ", ".", "a b", "a\r\nb", "a\0b", "user@host", "http://host", "host/path", "[::1]", "a" * 254, "a" * 64,
     "..", "host?x", "a,b", "xn--\u0661", "\ud800"],
)  # fmt: skip
def test_what_is_no_host_name_is_refused(host: str, dials: list[object]) -> None:
    guard = HostGuard(allow_private=False, resolve=_no_such_name_after_encoding)

    with pytest.raises(errors.HostRefused):
        guard.vet(host, 993, field="host")

    assert dials == []


def _no_such_name_after_encoding(host: str, port: int, **_: object) -> list[object]:
    host.encode("idna")
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_FAMILY])
def test_a_name_that_does_not_exist_is_an_error_of_its_own_that_names_it(
    code: int, dials: list[object]
) -> None:
    guard = HostGuard(allow_private=False, resolve=_failing(code))

    for ask in (
        lambda: guard.vet("smtp.nosuch-host.invalid", 993, field="imap_host"),
        lambda: guard.connect("smtp.nosuch-host.invalid", 993, 60, field="imap_host"),
    ):
        with pytest.raises(errors.HostNotFound) as refusal:
            ask()
        assert refusal.value.message.startswith("Host not found: smtp.nosuch-host.invalid; ")
        assert refusal.value.details == {"field": "imap_host"}
    assert dials == []


def test_a_long_name_that_does_not_exist_is_cut_in_the_sentence() -> None:
    with pytest.raises(errors.HostNotFound) as refusal:
        HostGuard(allow_private=False, resolve=_failing(socket.EAI_NONAME)).vet(
            f"{'a.' * 120}example", 993, field="imap_host"
        )

    assert len(refusal.value.message) < 200


@pytest.mark.parametrize("code", [socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_SYSTEM])
def test_a_name_service_that_fails_differs_from_a_name_that_does_not_exist(code: int) -> None:
    guard = HostGuard(allow_private=False, resolve=_failing(code))

    with pytest.raises(errors.Unavailable, match="Host not found: the name service did not answer"):
        guard.vet("mail.example.com", 993, field="imap_host")
    with pytest.raises(socket.gaierror):
        guard.connect("mail.example.com", 993, 60)


@pytest.mark.parametrize(
    "name",
    ["localhost", "db", "db1", "DB.", "db.corp", "mail.corp.internal", "nas.local", "x.home.arpa", "router.lan",
     "ｄｂ．ｃｏｒｐ", "db。internal", "metadata.google.internal"],
)  # fmt: skip
def test_whether_a_name_inside_exists_cannot_be_found_out(name: str, dials: list[object]) -> None:
    absent = HostGuard(allow_private=False, resolve=_failing(socket.EAI_NONAME))
    sentences = set()

    for guard in (absent, guard_for("127.0.0.1"), guard_for("10.0.0.1"), guard_for("169.254.169.254")):
        with pytest.raises(errors.HostRefused) as refusal:
            guard.connect(name, 993, 60)
        sentences.add((type(refusal.value), refusal.value.message))

    assert len(sentences) == 1
    assert dials == []


def test_one_machine_looks_up_the_names_of_its_own_network() -> None:
    assert guard_for("127.0.0.1", allow_private=True).vet("localhost", 993, field="host").ip == "127.0.0.1"


def _failing(code: int) -> Callable[..., list[object]]:
    def resolve(host: str, port: int, **_: object) -> list[object]:
        raise socket.gaierror(code, "the name service says so")

    return resolve


def test_an_open_and_a_closed_inside_port_give_the_same_answer(listener: socket.socket) -> None:
    guard, sentences = HostGuard(allow_private=False), set()

    for port in (listener.getsockname()[1], 1, 993, 25):
        with pytest.raises(errors.HostRefused) as refusal:
            guard.connect("127.0.0.1", port, 60)
        sentences.add((port in MAIL_PORTS, refusal.value.message))

    assert len(sentences) == 2


@pytest.mark.parametrize("port", [0, -1, 22, 80, 443, 465 + 65536, 2525, 5432, 6379, 8000, 65536])
def test_only_mail_ports_are_accepted(port: int, dials: list[object]) -> None:
    with pytest.raises(errors.HostRefused, match="port"):
        guard_for(PUBLIC_V4).connect("mail.example.com", port, 60)

    assert dials == []


@pytest.mark.parametrize("port", [25, 143, 465, 587, 993])
def test_every_mail_port_is_accepted(port: int) -> None:
    guard = guard_for(PUBLIC_V4)

    assert guard.vet("mail.example.com", port, field="host").port == port
    assert guard.may_use(port)


def test_no_other_port_is_accepted() -> None:
    guard = guard_for(PUBLIC_V4)

    assert {port for port in range(-1, 65_538) if guard.may_use(port)} == {25, 143, 465, 587, 993}


def test_of_several_addresses_the_first_is_named() -> None:
    assert guard_for(PUBLIC_V4, PUBLIC_V6).vet("mail.example.com", 993, field="host").ip == PUBLIC_V4


@pytest.mark.parametrize("allow_private", [False, True], ids=["deployed", "one machine"])
def test_an_unreadable_address_is_refused(allow_private: bool, dials: list[object]) -> None:
    with pytest.raises(errors.HostRefused):
        guard_for("no-address", allow_private=allow_private).connect("mail.example.com", 993, 60)

    assert dials == []


def test_a_name_service_that_is_down_is_not_the_users_mistake() -> None:
    def is_down(host: str, port: int, **_: object) -> list[object]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    guard = HostGuard(allow_private=False, resolve=is_down)

    with pytest.raises(errors.Unavailable):
        guard.vet("mail.example.com", 993, field="host")
    with pytest.raises(socket.gaierror):
        guard.connect("mail.example.com", 993, 60)


def test_a_name_that_changes_its_answer_is_dialled_where_it_was_vetted(dials: list[tuple[str, int]]) -> None:
    resolver = Resolver([[PUBLIC_V4], ["127.0.0.1"]])
    guard = HostGuard(allow_private=False, resolve=resolver)

    outcomes = {"dialled": 0, "refused": 0}
    for _ in range(10_000):
        try:
            guard.connect("rebind.example.com", 993, 60)
        except errors.HostRefused:
            outcomes["refused"] += 1
        except ConnectionRefusedError:
            outcomes["dialled"] += 1

    assert outcomes == {"dialled": 5_000, "refused": 5_000}
    assert resolver.asked == 10_000
    assert set(dials) == {(PUBLIC_V4, 993)}


def test_every_vetted_address_is_tried_in_turn(dials: list[tuple[str, int]]) -> None:
    with pytest.raises(ConnectionRefusedError):
        guard_for(PUBLIC_V6, PUBLIC_V4, "8.8.8.8").connect("mail.example.com", 587, 60)

    assert [address[0] for address in dials] == [PUBLIC_V6, PUBLIC_V4, "8.8.8.8"]


# Below: how a single machine uses it, with private addresses and real sockets.


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_one_machine_may_use_any_port_there_is() -> None:
    guard = HostGuard(allow_private=True)

    assert {port: guard.may_use(port) for port in (-1, 0, 1, 2, 8000, 65_534, 65_535, 65_536)} == {
        -1: False, 0: False, 1: True, 2: True, 8000: True, 65_534: True, 65_535: True, 65_536: False,
    }  # fmt: skip


def test_one_machine_may_dial_itself_on_any_port(listener: socket.socket) -> None:
    port = listener.getsockname()[1]

    with HostGuard(allow_private=True).connect("localhost", port, 2.5) as connection:
        assert connection.getpeername() == ("127.0.0.1", port)
        assert connection.gettimeout() == 2.5


@pytest.mark.parametrize(
    "ip", ["0.0.0.0", "224.0.0.1", "::", "ff02::1", "::ffff:0.0.0.0", "::ffff:224.0.0.1"]
)
def test_even_one_machine_dials_no_group_and_no_unspecified_address(ip: str, dials: list[object]) -> None:
    with pytest.raises(errors.HostRefused):
        guard_for(ip, allow_private=True).connect("mail.example.com", 993, 60)

    assert dials == []


def test_a_refused_connection_is_an_oserror(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()

    with pytest.raises(ConnectionRefusedError):
        HostGuard(allow_private=True).connect("127.0.0.1", port, 60)


@dataclass
class Dialler:
    """A fake dialler: each address answers after its seconds, refuses at once ("refused"), or is silent (None)."""

    clock: SetClock
    answers: dict[str, float | None]
    dialled: list[tuple[str, float]] = field(default_factory=list)

    def __call__(self, address: VettedAddress, connect_timeout_s: float, timeout_s: float) -> socket.socket:
        self.dialled.append((address.ip, round(connect_timeout_s, 6)))
        needed_s = self.answers[address.ip]
        if needed_s is None or needed_s > connect_timeout_s:
            self.clock.advance(seconds=connect_timeout_s)
            raise TimeoutError(f"{address.ip} timed out")
        self.clock.advance(seconds=needed_s)
        if needed_s == 0:
            raise ConnectionRefusedError(f"{address.ip} refused")
        answered = socket.socket()
        answered.settimeout(timeout_s)
        return answered


def dialling(clock: SetClock, **answers: float | None) -> tuple[HostGuard, Dialler]:
    """Return a guard for a name with one address for each answer, and its fake dialler."""
    addresses = {f"93.184.216.{number}": answer for number, answer in enumerate(answers.values(), 1)}
    dialler = Dialler(clock, addresses)
    resolve = Resolver([list(addresses)])
    return HostGuard(allow_private=False, resolve=resolve, dial=dialler, clock=clock), dialler


def test_the_timeout_covers_all_addresses_together(clock: SetClock) -> None:
    guard, dialler = dialling(clock, one=None, two=None, three=None, four=None, five=None)
    began = clock.monotonic()

    with pytest.raises(TimeoutError):
        guard.connect("mail.example.com", 993, 2.5)

    assert [share_s for _, share_s in dialler.dialled] == [0.5] * 5
    assert clock.monotonic() - began == pytest.approx(2.5)


def test_what_one_address_did_not_use_is_left_to_the_others(clock: SetClock) -> None:
    guard, dialler = dialling(clock, refuses=0, silent=None, slow=4.0)

    with guard.connect("mail.example.com", 993, 9.0) as connection:
        assert connection.gettimeout() == 9.0

    # 9 s for three addresses; 9 s for the two that are left; and the time that the silent one did not use.
    assert [share_s for _, share_s in dialler.dialled] == [3.0, 4.5, 4.5]


def test_a_silent_address_leaves_time_for_the_next(clock: SetClock) -> None:
    guard, dialler = dialling(clock, silent=None, slow=4.0, unneeded=1.0)

    guard.connect("mail.example.com", 993, 12.0).close()

    assert [ip for ip, _ in dialler.dialled] == ["93.184.216.1", "93.184.216.2"]


@pytest.mark.parametrize("looked_up_after_s", [10.0, 11.0])
def test_when_the_time_is_up_no_address_is_dialled(clock: SetClock, looked_up_after_s: float) -> None:
    """Looking up the name takes time, too."""
    dialler = Dialler(clock, {PUBLIC_V4: None})

    def slow(host: str, port: int, **_: object) -> list[object]:
        clock.advance(seconds=looked_up_after_s)
        return [_answer(PUBLIC_V4, port)]

    guard = HostGuard(allow_private=False, resolve=slow, dial=dialler, clock=clock)

    with pytest.raises(TimeoutError, match="timed out"):
        guard.connect("mail.example.com", 993, 10.0)
    assert dialler.dialled == []


def test_the_last_address_says_why_there_is_no_connection(clock: SetClock) -> None:
    guard, _ = dialling(clock, silent=None, refuses=0)

    with pytest.raises(ConnectionRefusedError, match=r"93\.184\.216\.2 refused"):
        guard.connect("mail.example.com", 993, 10.0)


def test_an_address_that_says_nothing_is_given_up_on_and_its_socket_is_closed(full_listener: int) -> None:
    """It uses a real socket; since nothing ever answers, a short timeout proves as much as a long one."""
    address = VettedAddress("mail.example.com", "127.0.0.1", full_listener, socket.AF_INET)

    with pytest.raises(TimeoutError):
        _dial(address, 0.05, 60.0)

    gc.collect()  # an unclosed socket is an error of this run


@pytest.fixture
def full_listener() -> Iterator[int]:
    """A port whose backlog is full: further connections get no answer."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield server.getsockname()[1]
        for client in waiting:
            client.close()


def test_the_recorder_sees_a_dial(dials: list[object], listener: socket.socket) -> None:
    with pytest.raises(ConnectionRefusedError, match="stopped by the test"):
        HostGuard(allow_private=True).connect("127.0.0.1", listener.getsockname()[1], 60)

    assert dials == [listener.getsockname()]


def test_the_spellings_do_reach_inside_without_the_guard() -> None:
    resolve: Callable[..., list[tuple[object, ...]]] = socket.getaddrinfo
    for spelling in ("127.1", "0x7f.1", "2130706433", "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1"):
        assert resolve(spelling, 993)[0][4][0] == "127.0.0.1"  # type: ignore[index]  # a sockaddr
