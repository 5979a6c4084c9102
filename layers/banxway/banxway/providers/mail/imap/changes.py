"""Changes of single messages in a mailbox: all else that this package does there only reads."""

from collections.abc import Sequence

from banxway.errors import ProviderRejected
from banxway.providers.mail.imap.connection import ImapConnection
from banxway.providers.mail.imap.wire import encoded_name, uid_set

_MOST_NAMED_AT_ONCE = 500  # UIDs in a command, which some servers limit to 8,000 bytes (RFC 7162, section 4)


def change(
    connection: ImapConnection, folder: str, uids: Sequence[int], operation: str, *commands: str
) -> None:
    """Run commands on messages of a folder, which is opened for it; `{uids}` stands for some at a time.

    Raises ProviderRejected for `remove` where the server cannot delete some without others (RFC 4315).
    """
    encoded_name(folder)
    ascending = sorted(set(uids))
    with connection.translating(operation):
        if not ascending:
            return
        session = connection.select_for_changes(folder, operation)
        if operation == "remove" and "UIDPLUS" not in session.capabilities:
            raise ProviderRejected("The mail server offers no UIDPLUS", **connection.errors.facts(operation))
        for start in range(0, len(ascending), _MOST_NAMED_AT_ONCE):
            named = uid_set(ascending[start : start + _MOST_NAMED_AT_ONCE])
            for command in commands:
                session.run(command.replace("{uids}", named))
