"""The control API of the sandbox mailbox: JSON, under /_sandbox/mail, for tests, benchmarks and the page.

    POST   /mail                 a customer's mail arrives: {to, from, subject, text, in_reply_to, references,
                                 message_id, attachments: [{filename, content_type, base64}]} or
                                 {to, raw_base64}; `folder` if not INBOX
    GET    /mail/outbox          what mailboxes' owners sent, oldest first; ?to= and ?last= narrow it
    GET    /mail/outbox/{id}     its bytes, as sent
    GET    /mail/mailboxes       mailboxes with passwords, folders and counts
    POST   /mail/mailboxes       open one more: {email, password}
    POST   /mail/renumber        {email, folder}: new UIDVALIDITY, new UIDs
    GET    /mail/faults          waiting faults, and the names of Zoho's answers
    POST   /mail/faults          {zoho: <name>} or {stage: auth|mail|rcpt|data, answer: "451 …", seconds,
                                 kind: answer|close|accept_then_close|delay}; `times`
    DELETE /mail/faults          remove them
    POST   /mail/reset           remove all mail and faults; UIDVALIDITY stays and no UID is used twice

A refusal is 400 {"error": "<sentence>"}.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from local.sandbox.control import json_route, newest
from local.sandbox.mailbox.faults import KINDS, STAGES, ZOHO_ANSWERS
from local.sandbox.mailbox.post_office import Mailbox, PostOffice
from local.sandbox.mailbox.reading import compose, hidden, readable

Act = Callable[[PostOffice, Request, dict[str, Any]], Awaitable[Any]]


def mail_routes(office: PostOffice) -> list[BaseRoute]:
    """Return the control API's routes, relative to /_sandbox."""
    table: list[tuple[str, str, Act]] = [
        ("POST", "/mail", _write_as_customer),
        ("GET", "/mail/outbox", _list_outbox),
        ("GET", "/mail/outbox/{id:int}", _read_raw),
        ("GET", "/mail/mailboxes", _list_mailboxes),
        ("POST", "/mail/mailboxes", _open_mailbox),
        ("POST", "/mail/renumber", _renumber),
        ("GET", "/mail/faults", _list_faults),
        ("POST", "/mail/faults", _add_fault),
        ("DELETE", "/mail/faults", _forget_faults),
        ("POST", "/mail/reset", _reset),
    ]
    return [json_route(method, path, partial(act, office)) for method, path, act in table]


def _text(values: dict[str, Any], name: str) -> str:
    if not isinstance(values.get(name), str) or not values[name]:
        raise ValueError(f"{name}: the field is missing")
    return str(values[name])


async def _write_as_customer(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request
    to, folder = _text(values, "to"), values.get("folder", "INBOX")
    if "raw_base64" in values:
        try:
            raw = base64.b64decode(_text(values, "raw_base64"), validate=True)
        except binascii.Error as error:
            raise ValueError("raw_base64 is not base64") from error
    else:
        _text(values, "from")
        raw = compose(values)
    uid = office.deliver(to, raw, folder=folder)
    return {"uid": uid, "message_id": readable(raw)["message_id"], "size_bytes": len(raw)}


async def _list_outbox(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del values
    to = request.query_params.get("to")
    mails = [
        {
            "id": each.id,
            "at": each.at,
            "account": each.account,
            "mail_from": each.mail_from,
            "recipients": each.recipients,
            "bcc": hidden(each.raw, each.recipients),
            **readable(each.raw),
        }
        for each in newest(office.store.sent(), request)
        if to is None or to in each.recipients
    ]
    return {"mails": mails}


async def _read_raw(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del values
    found = office.store.sent(only=request.path_params["id"])
    if not found:
        raise ValueError("no such mail")
    # Never message/rfc822: a browser might show a hostile mail as a page of ours.
    return Response(found[0].raw, media_type="application/octet-stream")


async def _list_mailboxes(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    mailboxes = []
    for mailbox in office.mailboxes.values():
        folders = office.store.folders(mailbox.email)
        counts = {each.name: len(office.store.messages(each.id)) for each in folders}
        mailboxes.append({"email": mailbox.email, "password": mailbox.password, "folders": counts})
    return {"mailboxes": mailboxes}


async def _open_mailbox(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request
    mailbox = Mailbox(_text(values, "email").lower(), _text(values, "password"))
    office.add(mailbox)
    return asdict(mailbox)


async def _renumber(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request
    folder = office.store.find(_text(values, "email").lower(), values.get("folder", "INBOX"))
    if folder is None:
        raise ValueError("folder: there is no such folder")
    return asdict(office.store.renumber(folder.id))


async def _list_faults(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    return {"faults": office.list_faults(), "zoho": ZOHO_ANSWERS, "stages": STAGES, "kinds": KINDS}


async def _add_fault(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request
    return asdict(office.add_fault(values))


async def _forget_faults(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    office.faults.clear()
    return {"faults": []}


async def _reset(office: PostOffice, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    office.store.clear()
    office.faults.clear()
    office.breakages.clear()
    return {}
