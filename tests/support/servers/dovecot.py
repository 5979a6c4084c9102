"""A real Dovecot on loopback: TLS, several users, and exactly the capabilities that Zoho announces.

    with Dovecot.running(authority) as dovecot:
        dovecot.add_user("support@example.test", "secret")
        dovecot.deliver("support@example.test", raw)
        server = dovecot.mail_server("support@example.test")   # reached through `dial_loopback(dovecot.port)`

It runs as the user that runs the tests, in a folder of its own, and is stopped by its own process id.
"""

import getpass
import hashlib
import imaplib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from banxway.models.integrations.credentials import MailServer
from tests.support.gates.debian import found
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.dovecot_configuration import ZOHO_CAPABILITY, configuration
from tests.support.servers.tcp_server import refused_port
from tests.support.timing.waiting import eventually

HOST = "mail.example.test"
PASSWORD = "dovecot-pässword-canary-4"
_REFUSED = 77  # EX_NOPERM
_ARRIVED_S = 1_784_000_000  # when every delivered mail came, by its file's name: their numbers order them


class Dovecot:
    """A running server. Users and mails may be added, and mailboxes changed, while it runs."""

    def __init__(self, folder: Path, authority: TestAuthority, **options: Any) -> None:
        self._folder = folder
        self._authority = authority
        self._options = options
        self._passwords: dict[str, str] = {}
        self._numbers = count()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = self.plain_port = 0
        is_root = os.geteuid() == 0
        owner = pwd.getpwnam("nobody" if is_root else getpass.getuser())
        self._uid, self._gid = owner.pw_uid, owner.pw_gid

    @classmethod
    @contextmanager
    def running(
        cls,
        authority: TestAuthority,
        *,
        capability: str = ZOHO_CAPABILITY,
        most_connections: int = 20,
        fsync: str = "never",
    ) -> "Iterator[Dovecot]":
        """Start a server and stop it at the end. `most_connections` is per user, as a provider limits them."""
        folder = Path(tempfile.mkdtemp(prefix="banxway-imap-"))
        server = cls(folder, authority, capability=capability, most_connections=most_connections, fsync=fsync)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def start(self) -> None:
        """Start, or start again after `stop`: the ports and everything that was stored stay."""
        if not self.port:
            self._prepare()
        command = [found("dovecot"), "-F", "-c", str(self._folder / "dovecot.conf")]
        with (self._folder / "start-errors").open("wb") as errors:
            process = self._process = subprocess.Popen(command, stdout=errors, stderr=errors)
        eventually(lambda: process.poll() is not None or self._greets())
        if process.poll() is not None:
            said = (self._folder / "start-errors").read_text() + self.log()
            pytest.fail(f"Dovecot did not start: {said[-1500:]}")

    def _greets(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.plain_port), 1) as probe:
            return probe.recv(4) == b"* OK"
        return False

    def stop(self) -> None:
        """Stop with everything that is connected; harmless when it does not run."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait()

    @property
    def certificate_file(self) -> Path:
        """The server's certificate, with its key."""
        return self._folder / "certificate.pem"

    # -- users ---------------------------------------------------------------------------------------------

    def add_user(self, user: str, password: str = PASSWORD) -> None:
        """Let somebody log in, or log in with another password from now on."""
        is_change = self._passwords.get(user, password) != password
        self._passwords[user] = password
        # A file per user, since Dovecot looks whether one has changed once a second at most.
        path = self._folder / "users" / user
        path.write_text(f"{user}:{{PLAIN}}{password}::::::\n")
        path.chmod(0o644)
        if is_change:
            number = next(self._numbers)
            os.utime(
                path, (number, number)
            )  # it may be written twice within the second that Dovecot compares
            eventually(lambda: self._doveadm("auth", "test", user, password, may_refuse=True))

    def mail_server(self, user: str, *, tls: str = "implicit") -> MailServer:
        """Return what an account is configured with; the host's certificate is right, its address is not."""
        port = self.port if tls == "implicit" else self.plain_port
        return MailServer(HOST, port, tls, user, self._passwords[user])

    @contextmanager
    def client(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Log in as another mail program would, in the clear on loopback."""
        with imaplib.IMAP4("127.0.0.1", self.plain_port) as client:
            given = f"\0{user}\0{self._passwords[user]}".encode()
            client.authenticate("PLAIN", lambda _: given)
            yield client

    # -- mails ---------------------------------------------------------------------------------------------

    def deliver(self, user: str, raw: bytes, *, folder: str = "INBOX", is_seen: bool = False) -> None:
        """Put a mail into a folder as a delivery agent does; `raw` is stored byte for byte."""
        self.deliver_all(user, [raw], folder=folder, is_seen=is_seen)

    def deliver_all(
        self, user: str, raws: Sequence[bytes], *, folder: str = "INBOX", is_seen: bool = False
    ) -> None:
        """Deliver many mails, in this order, whether the user has ever logged in or not."""
        place = self._maildir(user, folder)
        for raw in raws:
            name = f"{_ARRIVED_S}.M{next(self._numbers):08d}P{os.getpid()}.test"
            written = place / "tmp" / name
            written.write_bytes(raw)
            self._give_away(written)
            written.rename(place / "cur" / f"{name}:2,S" if is_seen else place / "new" / name)

    def append(self, user: str, raw: bytes, *, folder: str = "INBOX", flags: str = "") -> None:
        """Put a mail into a folder as a mail program does (APPEND)."""
        with self.client(user) as client:
            _expect_ok(client.append(f'"{folder}"', flags, None, raw))  # type: ignore[arg-type]

    def uids(self, user: str, folder: str = "INBOX") -> list[int]:
        """Return the UIDs of a folder as another client sees them."""
        with self.client(user) as client:
            _expect_ok(client.select(f'"{folder}"', readonly=True))
            return [int(uid) for uid in _expect_ok(client.uid("SEARCH", "ALL"))[0].split()]

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[str]]:
        """Return the flags of every mail of a folder, without \\Recent."""
        with self.client(user) as client:
            _expect_ok(client.select(f'"{folder}"', readonly=True))
            answers = _expect_ok(client.uid("FETCH", "1:*", "(FLAGS)"))
        found = [re.search(rb"UID (\d+) FLAGS \(([^)]*)\)", answer) for answer in answers if answer]
        return {int(one[1]): set(one[2].decode().split()) - {"\\Recent"} for one in found if one}

    def flag(self, user: str, uids: Sequence[int], flag: str = "\\Seen", *, folder: str = "INBOX") -> None:
        """Set a flag as another mail program does; a flag that begins with "-" is taken away."""
        sign = "-" if flag.startswith("-") else "+"
        with self.client(user) as client:
            _expect_ok(client.select(f'"{folder}"'))
            _expect_ok(client.uid("STORE", _uid_set(uids), f"{sign}FLAGS", f"({flag.removeprefix('-')})"))

    def move(self, user: str, uids: Sequence[int], target: str, *, folder: str = "INBOX") -> None:
        """Move mails as another mail program does."""
        with self.client(user) as client:
            _expect_ok(client.select(f'"{folder}"'))
            _expect_ok(client.uid("MOVE", _uid_set(uids), f'"{target}"'))

    def delete(self, user: str, uids: Sequence[int], *, folder: str = "INBOX") -> None:
        """Delete mails for good, as another mail program does."""
        with self.client(user) as client:
            _expect_ok(client.select(f'"{folder}"'))
            _expect_ok(client.uid("STORE", _uid_set(uids), "+FLAGS.SILENT", "(\\Deleted)"))
            _expect_ok(client.uid("EXPUNGE", _uid_set(uids)))

    def create_folder(self, user: str, folder: str) -> None:
        """Create a folder; the name as it travels (modified UTF-7)."""
        with self.client(user) as client:
            _expect_ok(client.create(f'"{folder}"'))

    def rename_folder(self, user: str, folder: str, name: str) -> None:
        """Rename a folder with everything in it."""
        with self.client(user) as client:
            _expect_ok(client.rename(f'"{folder}"', f'"{name}"'))

    def forbid(self, user: str, folder: str) -> None:
        """Take the server's right to read a folder, which it lists as before."""
        self._maildir(user, folder).chmod(0)

    def bump_uid_validity(self, user: str, folder: str = "INBOX") -> None:
        """Lose the folder's UIDs as a restored server does: a new UIDVALIDITY, and UIDs from 1 in another order.

        Everybody connected as this user is disconnected.
        """
        before = self._uid_validity(user, folder)
        self.kick(user)
        place = self._maildir(user, folder)
        for kept in ("dovecot-uidlist", "dovecot.index*", "dovecot-uidvalidity*"):
            for path in place.glob(kept):
                path.unlink(missing_ok=True)
        self._shuffle_names(place)
        # Dovecot takes the second for it, which may be the same as before.
        self._doveadm("mailbox", "update", "-u", user, "--uid-validity", str(before + 1000), folder)

    def content_hashes(self, user: str, folder: str = "INBOX") -> Counter[str]:
        """Count the mails of a folder by the SHA-256 of what IMAP serves of them: lines end with CRLF."""
        place = self._maildir(user, folder)
        raws = (path.read_bytes() for kind in ("cur", "new") for path in (place / kind).iterdir())
        return Counter(hashlib.sha256(as_served(raw)).hexdigest() for raw in raws)

    # -- what happened -------------------------------------------------------------------------------------

    def log(self) -> str:
        """Return Dovecot's log: a line per login, per end of a connection, and per complaint."""
        path = self._folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def logins(self, user: str) -> int:
        """Count how often somebody logged in, this object's own helpers included."""
        return self.log().count(f"Login: user=<{user}>")

    def most_connections_at_once(self, user: str) -> int:
        """Return how many connections of a user were logged in at once at most, by the log's order."""
        return max(self._connections(user), default=0)

    def connections(self, user: str) -> int:
        """Return how many connections of a user are logged in."""
        return ([0, *self._connections(user)])[-1]

    def _connections(self, user: str) -> Iterator[int]:
        now = 0
        for line in self.log().splitlines():
            now += f"Login: user=<{user}>" in line
            now -= f"imap({user})" in line and ("Disconnected" in line or "Connection closed" in line)
            yield now

    def kick(self, user: str) -> None:
        """Cut every connection of a user, and wait until they have ended: doveadm only asks their processes."""
        serving = [
            Path("/proc", line.split()[2]) for line in self._doveadm("who", "-1", user).splitlines()[1:]
        ]
        self._doveadm("kick", user)
        eventually(lambda: not any(process.exists() for process in serving))

    # -- inside --------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.port, self.plain_port = refused_port(), refused_port()
        self._folder.chmod(0o755)
        (self._folder / "mail").mkdir()
        self._give_away(self._folder / "mail")
        certificate = self._authority.server_file(HOST)
        shutil.copy(certificate, self.certificate_file)
        (self._folder / "users").mkdir()
        (self._folder / "dovecot.conf").write_text(
            configuration(
                folder=self._folder,
                uid=self._uid,
                gid=self._gid,
                port=self.port,
                plain_port=self.plain_port,
                **self._options,
            )
        )

    def _maildir(self, user: str, folder: str) -> Path:
        home = self._folder / "mail" / user
        place = home if folder == "INBOX" else home / f".{folder.replace('/', '.')}"
        for path in (home, place, place / "tmp", place / "new", place / "cur"):
            if not path.exists():
                path.mkdir()
                self._give_away(path)
        if place != home and not (place / "maildirfolder").exists():
            (place / "maildirfolder").touch()
            self._give_away(place / "maildirfolder")
        return place

    def _give_away(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._uid, self._gid)

    def _shuffle_names(self, place: Path) -> None:
        """Order the mails by their content instead of their arrival: Maildir UIDs follow the names."""
        for path in [*(place / "cur").iterdir(), *(place / "new").iterdir()]:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            flags = path.name.partition(":")[2]
            name = f"1{digest}.M{next(self._numbers)}.test"
            path.rename(path.with_name(f"{name}:{flags}" if flags else name))

    def _uid_validity(self, user: str, folder: str) -> int:
        with self.client(user) as client:
            answer = _expect_ok(client.status(f'"{folder}"', "(UIDVALIDITY)"))[0]
        found = re.search(rb"UIDVALIDITY (\d+)", answer)
        assert found, answer
        return int(found[1])

    def _doveadm(self, *arguments: str, may_refuse: bool = False) -> str:
        """Return what it says; nothing where it refuses and may."""
        command = [found("doveadm"), "-c", str(self._folder / "dovecot.conf"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if may_refuse and done.returncode == _REFUSED:
            return ""
        # doveadm kick ends with 68 (EX_NOHOST) where nobody is connected.
        assert done.returncode in (0, 68), done.stderr
        return done.stdout


def as_served(raw: bytes) -> bytes:
    """Return a stored mail as IMAP serves it: every line ends with CRLF."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", raw)


def _uid_set(uids: Sequence[int]) -> str:
    return ",".join(str(uid) for uid in uids)


def _expect_ok(answer: tuple[str, list[Any]]) -> list[Any]:
    status, lines = answer
    assert status == "OK", lines
    return lines
