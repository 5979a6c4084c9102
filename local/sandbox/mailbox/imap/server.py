"""Starts an IMAP session for every connection."""

import asyncio

from local.sandbox.mailbox.imap.folders import FOLDER_COMMANDS
from local.sandbox.mailbox.imap.messages import MESSAGE_COMMANDS
from local.sandbox.mailbox.imap.session import Logins, Session
from local.sandbox.mailbox.post_office import PostOffice


class ImapService:
    """The IMAP server over one post office."""

    def __init__(self, office: PostOffice) -> None:
        self._logins = Logins()
        self._office = office
        self._table = {**FOLDER_COMMANDS, **MESSAGE_COMMANDS}
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a session needs a task of its own")
        self._open[task] = writer
        if self._office.hangs_up():
            writer.transport.abort()
        session = Session(self._office, reader=reader, writer=writer, logins=self._logins, table=self._table)
        try:
            await session.run()
        finally:
            del self._open[task]

    async def close(self) -> None:
        """Cut every connection and wait until the sessions have noticed: asyncio logs cancelled ones."""
        for writer in self._open.values():
            writer.transport.abort()
        if self._open:
            await asyncio.wait(self._open, timeout=2)
