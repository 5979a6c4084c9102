"""A mailbox of 5,000 mails, 175 MB, on a local Dovecot over TLS, and one child process per client that reads it.

Memory and imports are a child's own; the seconds are those of the sync alone, after imports, since a worker is warm.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import ROOT

from tests.support.gates.debian import found
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.dovecot import HOST, Dovecot

USER, PASSWORD = "support@company.example", "a password in ASCII"  # imap_tools takes no other


@dataclass(frozen=True)
class Measured:
    """What one run of a client took: seconds, peak memory in MB, and how many mails it got."""

    seconds: float
    peak_mb: float
    mails: int
    polls: tuple[float, ...] = ()


class MailboxServer:
    """The running server. `run` reads the mailbox with one client.

    What clients write stays until the end: for minutes after many files were deleted, ext4 looks at each of their
    inodes whenever it makes a file, which then takes 0.5 ms and more instead of 0.04.
    """

    def __init__(self, dovecot: Dovecot, folder: Path, authority_file: Path) -> None:
        self._dovecot = dovecot
        self._folder = folder
        self._authority_file = authority_file
        self._copies = 0

    @classmethod
    @contextmanager
    def holding(cls, mails: list[bytes]) -> "Iterator[MailboxServer]":
        """Start a server with the mails, and read them once, so that no client is measured building its index."""
        with tempfile.TemporaryDirectory(prefix="banxway-bench-") as name:
            folder = Path(name)
            authority = TestAuthority(folder)
            with Dovecot.running(authority) as dovecot:
                dovecot.add_user(USER, PASSWORD)
                dovecot.deliver_all(USER, mails, is_seen=True)
                dovecot.uids(USER)
                yield cls(dovecot, folder, authority.certificate_file)

    def run(self, client: str, **values: Any) -> Measured:
        """Run a client of mail_clients.py in a process of its own."""
        config = {
            "host": HOST,
            "port": self._dovecot.port,
            "user": USER,
            "password": PASSWORD,
            "authority": str(self._authority_file),
            "folder": str(self._folder),
            **values,
        }
        command = [sys.executable, str(ROOT / "bench/mail_clients.py"), client, json.dumps(config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{client} failed: {done.stderr[-2000:]}")
        found = json.loads(done.stdout.splitlines()[-1])
        return Measured(**{**found, "polls": tuple(found.get("polls", ()))})

    def run_mbsync(self, *, fsync: bool, again: bool = False) -> Measured:
        """Copy the mailbox to a fresh Maildir with mbsync, or sync the last copy again."""
        if not again:
            self._copies += 1
        place = self._folder / f"mbsync-{self._copies}"
        place.mkdir(exist_ok=again)
        self._write_mbsyncrc(place, fsync=fsync)
        script = (
            "import resource, subprocess, sys, time, json\n"
            "began = time.perf_counter()\n"
            "subprocess.run(sys.argv[1:], check=True)\n"
            "seconds = time.perf_counter() - began\n"
            "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024\n"
            "print(json.dumps({'seconds': seconds, 'peak_mb': peak}))"
        )
        command = [sys.executable, "-c", script, found("mbsync"), "-q", "-c", str(place / "rc")]
        done = subprocess.run([*command, "all"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"mbsync failed: {done.stderr[-2000:]}")
        mails = sum(1 for kind in ("cur", "new") for _ in os.scandir(place / "inbox" / kind))
        return Measured(**json.loads(done.stdout.splitlines()[-1]), mails=mails)

    def _write_mbsyncrc(self, place: Path, *, fsync: bool) -> None:
        (place / "rc").write_text(
            f"""
FSync {"yes" if fsync else "no"}
IMAPAccount bench
Host 127.0.0.1
Port {self._dovecot.port}
User {USER}
Pass "{PASSWORD}"
AuthMechs PLAIN
SSLType IMAPS
CertificateFile {self._dovecot.certificate_file}

IMAPStore far
Account bench

MaildirStore near
Inbox {place}/inbox

Channel all
Far :far:INBOX
Near :near:INBOX
Create Near
Sync Pull
SyncState {place}/state-
"""
        )
