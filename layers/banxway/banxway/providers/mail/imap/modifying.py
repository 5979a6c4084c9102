"""Modifies messages in a mailbox; everything else in this package only reads."""

from collections.abc import Sequence

from banxway.errors import ProviderRejected
from banxway.providers.mail.imap.connection import ImapConnection
from banxway.providers.mail.imap.wire import encoded_name, uid_set

_MAX_UIDS_PER_COMMAND = 500  # some servers limit a command to 8,000 bytes (RFC 7162, section 4)


def modify(
    connection: ImapConnection, folder: str, uids: Sequence[int], operation: str, *commands: str
) -> None:
    """Open a folder for writing and run these commands, with at most 500 UIDs at a time for `{uids}`.

    Raises ProviderRejected for `remove` where the server cannot delete some messages without others (RFC 4315).
    """
    encoded_name(folder)
    ascending = sorted(set(uids))
    with connection.mapping_errors(operation):
        if not ascending:
            return
        session = connection.select_writable(folder, operation)
        if operation == "remove" and "UIDPLUS" not in session.capabilities:
            raise ProviderRejected("The mail server offers no UIDPLUS", **connection.errors.facts(operation))
        for start in range(0, len(ascending), _MAX_UIDS_PER_COMMAND):
            uids_at_once = uid_set(ascending[start : start + _MAX_UIDS_PER_COMMAND])
            for command in commands:
                session.run(command.replace("{uids}", uids_at_once))
