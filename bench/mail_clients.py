"""One client, read from the command line, reads the whole mailbox once; prints seconds, peak memory and count."""

import json
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import measuring  # noqa: F401  # so that the product is importable

Config = dict[str, Any]
Ran = dict[str, Any]
_KEPT_POLLS, _FRESH_POLLS = 200, 20
_FILED = "SELECT count(*) AS number FROM mailbox_messages WHERE message_id IS NOT NULL"


def ours_fetch(config: Config) -> Ran:
    return _fetch(config, len)


def ours_parse(config: Config) -> Ran:
    from banxway.providers.mail.parse.parser import parse

    parse(b"Subject: warm\r\n\r\nx\r\n")
    return _fetch(config, parse)


def _fetch(config: Config, take: Callable[[bytes], object]) -> Ran:
    with closing(_mailbox(config)) as mailbox:
        began = time.perf_counter()
        mailbox.open("INBOX")
        uids = [size.uid for size in mailbox.sizes(first_uid=1)]
        mails = 0
        for mail in mailbox.fetch(uids):
            take(mail.raw)
            mails += 1
        return {"seconds": time.perf_counter() - began, "mails": mails}


def ours_polls(config: Config) -> Ran:
    """Poll where there is no news, over a kept connection and with a fresh login.

    The kept connection has INBOX open, as a poll that took mail in leaves it.
    """
    kept, fresh = [], []
    with closing(_mailbox(config)) as mailbox:
        mailbox.folders()
        mailbox.open("INBOX")
        for _ in range(_KEPT_POLLS):
            began = time.perf_counter()
            mailbox.folders()
            kept.append(time.perf_counter() - began)
    for _ in range(_FRESH_POLLS):
        began = time.perf_counter()
        with closing(_mailbox(config)) as mailbox:
            mailbox.folders()
        fresh.append(time.perf_counter() - began)
    middle = [sorted(times)[len(times) // 2] for times in (fresh, kept)]
    return {"seconds": sum(kept) + sum(fresh), "mails": 0, "polls": middle}


def ours_store(config: Config) -> Ran:
    """Poll through the product's own service, with a real Postgres and blobs on this disk."""
    import tempfile
    from dataclasses import replace

    from tests.support.databases.postgres import PostgresServer
    from tests.support.product.builders import Product

    folder = Path(tempfile.mkdtemp(dir=config["folder"]))
    with PostgresServer.running() as server, server.database() as database:
        product = Product(database, folder)
        organization = database.add_organization()
        product.app.infrastructure.providers = replace(
            product.app.infrastructure.providers, mailbox=lambda _: _mailbox(config)
        )
        account = product.add_mailbox(organization, config["user"], imap_password=config["password"])
        began = time.perf_counter()
        while database.rows(_FILED)[0]["number"] < config["expected"]:
            product.poll(account)  # each ends at its time budget and would enqueue itself again
        seconds = time.perf_counter() - began
        (stored,) = database.rows("SELECT count(*) AS number FROM messages")
        product.app.infrastructure.database.close()
    return {"seconds": seconds, "mails": stored["number"]}


def imap_tools_parse(config: Config) -> Ran:
    from imap_tools import MailBox

    context = ssl.create_default_context(cafile=config["authority"])
    context.check_hostname = (
        False  # it connects to the name that it checks, and the certificate has another one
    )
    began = time.perf_counter()
    mails = 0
    with MailBox("127.0.0.1", config["port"], ssl_context=context).login(
        config["user"], config["password"]
    ) as mailbox:
        for mail in mailbox.fetch(mark_seen=False, bulk=200):
            _ = (
                mail.subject,
                mail.from_values,
                mail.text,
                mail.html,
                [one.payload for one in mail.attachments],
            )
            mails += 1
    return {"seconds": time.perf_counter() - began, "mails": mails}


def imaplib_polls(config: Config) -> Ran:
    """The minimal poll: STATUS of one folder, with a fresh login and over a kept connection."""
    import imaplib

    context = ssl.create_default_context(cafile=config["authority"])
    context.check_hostname = False
    kept, fresh = [], []

    def log_in() -> imaplib.IMAP4_SSL:
        client = imaplib.IMAP4_SSL("127.0.0.1", config["port"], ssl_context=context)
        client.authenticate("PLAIN", lambda _: f"\0{config['user']}\0{config['password']}".encode())
        return client

    with log_in() as client:
        for _ in range(_KEPT_POLLS):
            began = time.perf_counter()
            client.status("INBOX", "(UIDNEXT MESSAGES UIDVALIDITY HIGHESTMODSEQ)")
            kept.append(time.perf_counter() - began)
    for _ in range(_FRESH_POLLS):
        began = time.perf_counter()
        with log_in() as client:
            client.status("INBOX", "(UIDNEXT MESSAGES UIDVALIDITY HIGHESTMODSEQ)")
        fresh.append(time.perf_counter() - began)
    middle = [sorted(times)[len(times) // 2] for times in (fresh, kept)]
    return {"seconds": sum(kept) + sum(fresh), "mails": 0, "polls": middle}


def _mailbox(config: Config) -> Any:
    from banxway.models.integrations.credentials import MailServer
    from banxway.providers.mail.imap.mailbox import ImapMailbox
    from tests.support.servers.tcp_server import dial_loopback

    server = MailServer(config["host"], config["port"], "implicit", config["user"], config["password"])
    tls = ssl.create_default_context(cafile=config["authority"])
    return ImapMailbox(server, connect=dial_loopback(config["port"]), tls=tls)


def peak_mb() -> float:
    """Return this process's own peak; getrusage would count what it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


CLIENTS = {
    "fetch": ours_fetch,
    "parse": ours_parse,
    "store": ours_store,
    "polls": ours_polls,
    "imap_tools": imap_tools_parse,
    "imaplib_polls": imaplib_polls,
}


if __name__ == "__main__":
    # What the client itself needs is imported before its clock starts.

    ran = CLIENTS[sys.argv[1]](json.loads(sys.argv[2]))
    ran["peak_mb"] = peak_mb()
    print(json.dumps(ran))
