"""A mailbox of 5,000 mails on a local Dovecot over TLS: read, parsed and stored, beside mbsync and imap_tools.

Each round, every client reads the same mailbox in turn and must find every mail. mbsync writes Maildir files and
parses nothing; imap_tools parses and stores nothing; ours is measured at each stage.
"""

import time
from collections.abc import Callable
from statistics import median

from mailbox_server import MailboxServer, Measured
from mails import write_mails
from measuring import Figures, per_second, report, turns

from banxway.providers.mail.parse.parser import parse

MAILS, ROUNDS = 5000, 3
FETCH, PARSE, STORE = "ours: fetch", "ours: fetch and parse", "ours: fetch, parse and store"
MBSYNC, MBSYNC_FSYNC, TOOLS = "mbsync, FSync no", "mbsync, FSync yes", "imap_tools, fetch and parse"
PARSER = "ours: parse alone, from memory"
OURS_FRESH, OURS_KEPT = "ours: login, every folder's state", "ours: kept, every folder's state"
BARE_FRESH, BARE_KEPT = "imaplib: login, one folder's state", "imaplib: kept, one folder's state"
MBSYNC_POLL = "mbsync, whole program"


def measure(server: MailboxServer, mails: list[bytes]) -> tuple[Figures, dict[str, list[float]]]:
    subjects: dict[str, Callable[[], Measured]] = {
        FETCH: lambda: server.run("fetch"),
        PARSE: lambda: server.run("parse"),
        STORE: lambda: server.run("store", expected=len(mails)),
        MBSYNC: lambda: server.run_mbsync(fsync=False),
        MBSYNC_FSYNC: lambda: server.run_mbsync(fsync=True),
        TOOLS: lambda: server.run("imap_tools"),
        PARSER: lambda: parse_all(mails),
    }
    rates: Figures = {name: [] for name in subjects}
    memory: dict[str, list[float]] = {name: [] for name in subjects}
    for name in turns(list(subjects), rounds=ROUNDS):
        ran = subjects[name]()
        if ran.mails != len(mails):
            raise RuntimeError(f"{name} found {ran.mails} of {len(mails)} mails")
        rates[name].append(ran.mails / ran.seconds)
        memory[name].append(ran.peak_mb)
    return rates, memory


def parse_all(mails: list[bytes]) -> Measured:
    began = time.perf_counter()
    for raw in mails:
        parse(raw)
    return Measured(time.perf_counter() - began, 0, len(mails))


def measure_polls(server: MailboxServer) -> Figures:
    figures: Figures = {name: [] for name in (OURS_FRESH, OURS_KEPT, BARE_FRESH, BARE_KEPT, MBSYNC_POLL)}
    server.run_mbsync(fsync=False)
    for _ in range(ROUNDS):
        ours, bare = server.run("polls").polls, server.run("imaplib_polls").polls
        for name, value in zip((OURS_FRESH, OURS_KEPT, BARE_FRESH, BARE_KEPT), (*ours, *bare), strict=True):
            figures[name].append(value)
        figures[MBSYNC_POLL].append(server.run_mbsync(fsync=False, again=True).seconds)
    return figures


def main() -> None:
    mails = write_mails(MAILS)
    megabytes = sum(map(len, mails)) / 1e6
    with MailboxServer.holding(mails) as server:
        rates, memory = measure(server, mails)
        polls = measure_polls(server)
    baselines = {
        FETCH: [MBSYNC],
        PARSE: [MBSYNC, TOOLS],
        STORE: [MBSYNC, MBSYNC_FSYNC, TOOLS],
        MBSYNC: [MBSYNC_FSYNC],
    }
    report(f"{MAILS} mails, {megabytes:.0f} MB, read over TLS", rates, baselines=baselines, shown=per_second)
    print("\n  peak memory of the process:")
    for name, values in memory.items():
        if any(values):
            print(f"  {name:<40} {median(values):>6.0f} MB")
    report(
        "Nothing new: a poll",
        polls,
        baselines={OURS_FRESH: [BARE_FRESH, MBSYNC_POLL], OURS_KEPT: [BARE_KEPT]},
    )


if __name__ == "__main__":
    main()
