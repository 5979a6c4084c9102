"""Starts an IMAP session for every connection."""

import asyncio

from local.sandbox.mailbox.imap.folders import FOLDER_COMMANDS
from local.sandbox.mailbox.imap.messages import MESSAGE_COMMANDS
from local.sandbox.mailbox.imap.session import Logins, Session
from local.sandbox.mailbox.imap.wire import LONGEST_LINE
from local.sandbox.mailbox.post_office import PostOffice

__all__ = ["LONGEST_LINE", "ImapService"]


class ImapService:
    """The IMAP server over one post office."""

    def __init__(self, office: PostOffice) -> None:
        self.logins = Logins()
        self._office = office
        self._table = {**FOLDER_COMMANDS, **MESSAGE_COMMANDS}
        self._sessions: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        self._sessions.add(writer)
        session = Session(self._office, reader=reader, writer=writer, logins=self.logins, table=self._table)
        try:
            await session.run()
        finally:
            self._sessions.discard(writer)

    def close(self) -> None:
        """Cut every connection."""
        for writer in self._sessions:
            writer.transport.abort()
