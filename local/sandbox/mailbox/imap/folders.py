"""IMAP commands about the connection and its folders (RFC 3501, sections 6.1 to 6.3)."""

import asyncio
import base64
import binascii
import re
from datetime import datetime

from local.sandbox.mailbox.imap.session import Session, Table
from local.sandbox.mailbox.imap.view import View
from local.sandbox.mailbox.imap.wire import Bad, Command, No, Token, quoted, read_line, text
from local.sandbox.mailbox.store import Folder

_FLAGS = "\\Answered \\Deleted \\Draft \\Flagged \\Seen"


async def capability(session: Session, command: Command) -> None:
    """CAPABILITY."""
    del command
    session.say(f"* CAPABILITY {session.capabilities}")


async def noop(session: Session, command: Command) -> None:
    """NOOP and CHECK: the client asks for news."""
    del session, command


async def logout(session: Session, command: Command) -> None:
    """LOGOUT."""
    del command
    session.say("* BYE logging out")


async def identify(session: Session, command: Command) -> None:
    """ID (RFC 2971)."""
    del command
    session.say('* ID ("name" "sandbox")')


async def log_in(session: Session, command: Command) -> str:
    """LOGIN. As with Zoho, the capabilities come untagged before the tagged answer."""
    if len(command.arguments) != 2:
        raise Bad("LOGIN takes a name and a password")
    session.log_in(*(text(each) for each in command.arguments))
    session.say(f"* CAPABILITY {session.capabilities}")
    return "OK Success"


async def authenticate(session: Session, command: Command) -> str:
    """AUTHENTICATE PLAIN (RFC 4616), with or without the initial response (RFC 4959)."""
    words = [text(each) for each in command.arguments]
    if not words or words[0].upper() != "PLAIN":
        raise No("unsupported mechanism")
    if len(words) == 1:
        session.say("+ ")
        await session.writer.drain()
        words.append((await read_line(session.reader) or b"*").decode("latin-1"))
    try:
        _, email, password = base64.b64decode(words[1], validate=True).decode().split("\0")
    except (binascii.Error, ValueError) as error:
        raise Bad("unreadable response") from error
    session.log_in(email, password)
    session.say(f"* CAPABILITY {session.capabilities}")
    return "OK Success"


async def namespace(session: Session, command: Command) -> None:
    """NAMESPACE (RFC 2342)."""
    del command
    session.say('* NAMESPACE (("" "/")) NIL NIL')


async def my_rights(session: Session, command: Command) -> None:
    """MYRIGHTS (RFC 4314): the owner may do everything."""
    folder = session.folder(command.arguments[0] if command.arguments else "")
    session.say(f"* MYRIGHTS {quoted(folder.name)} lrswipkxtea")


async def list_folders(session: Session, command: Command) -> None:
    """LIST, XLIST and LSUB, with RETURN (STATUS (…)) (RFC 5258, RFC 5819)."""
    arguments = list(command.arguments)
    if arguments and isinstance(arguments[0], list):
        arguments.pop(0)  # selection options: everything is subscribed here
    if len(arguments) < 2:
        raise Bad("LIST takes a reference and a pattern")
    patterns = arguments[1] if isinstance(arguments[1], list) else [arguments[1]]
    reference, wanted = text(arguments[0]), _returned_status(arguments[2:])
    if [text(each) for each in patterns] == [""]:
        session.say('* LIST (\\Noselect) "/" ""')
        return
    tests = [_pattern(reference + text(each)) for each in patterns]
    for folder in session.store.folders(session.mailbox):
        if any(test.fullmatch(folder.name) for test in tests):
            attributes = f"\\HasNoChildren {folder.attribute}".strip()
            session.say(f'* {command.name} ({attributes}) "/" {quoted(folder.name)}')
            if wanted is not None:
                session.say(_status_line(session, folder, wanted))


def _pattern(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "%": "[^/]*"}
    return re.compile("".join(parts.get(each, re.escape(each)) for each in pattern), re.IGNORECASE)


def _returned_status(options: list[Token]) -> list[str] | None:
    """Return the items of RETURN (STATUS (…)), or None without it."""
    if len(options) < 2 or text(options[0]).upper() != "RETURN" or not isinstance(options[1], list):
        return None
    for index, option in enumerate(options[1][:-1]):
        if not isinstance(option, list) and text(option).upper() == "STATUS":
            return [text(each).upper() for each in options[1][index + 1]]
    return None


async def status(session: Session, command: Command) -> None:
    """STATUS."""
    if len(command.arguments) != 2 or not isinstance(command.arguments[1], list):
        raise Bad("STATUS takes a folder and a list of items")
    wanted = [text(each).upper() for each in command.arguments[1]]
    session.say(_status_line(session, session.folder(command.arguments[0]), wanted))


def _status_line(session: Session, folder: Folder, wanted: list[str]) -> str:
    messages = session.store.messages(folder.id)
    values = {
        "MESSAGES": len(messages),
        "RECENT": 0,
        "UIDNEXT": folder.uid_next,
        "UIDVALIDITY": folder.uid_validity,
        "UNSEEN": sum("\\Seen" not in each.flags for each in messages),
        "HIGHESTMODSEQ": folder.modseq,
    }
    if not set(wanted) <= set(values):
        raise Bad("unknown STATUS item")
    return f"* STATUS {quoted(folder.name)} ({' '.join(f'{each} {values[each]}' for each in wanted)})"


async def select(session: Session, command: Command) -> str:
    """SELECT and EXAMINE, with (CONDSTORE)."""
    if not command.arguments:
        raise Bad(f"{command.name} takes a folder")
    session.view = None
    folder = session.folder(command.arguments[0])
    session.view = View(session.store, folder.id, read_only=command.name == "EXAMINE")
    session.say(f"* FLAGS ({_FLAGS})")
    session.say(f"* OK [PERMANENTFLAGS ({_FLAGS} \\*)] flags permitted")
    session.say(f"* {len(session.view.uids)} EXISTS")
    session.say("* 0 RECENT")
    session.say(f"* OK [UIDVALIDITY {folder.uid_validity}] UIDs valid")
    session.say(f"* OK [UIDNEXT {folder.uid_next}] predicted next UID")
    session.say(f"* OK [HIGHESTMODSEQ {folder.modseq}] highest")
    return f"OK [READ-{'ONLY' if session.view.read_only else 'WRITE'}] {command.name} completed"


async def create(session: Session, command: Command) -> None:
    """CREATE."""
    name = text(command.arguments[0]) if command.arguments else ""
    if not name or session.store.find(session.mailbox, name):
        raise No("[ALREADYEXISTS] a folder needs a new name")
    session.store.create(session.mailbox, name)


async def rename(session: Session, command: Command) -> None:
    """RENAME, of a folder without others below it."""
    names = [text(each) for each in command.arguments]
    if len(names) != 2 or not names[1]:
        raise Bad("RENAME takes two names")
    if session.store.find(session.mailbox, names[1]):
        raise No("[ALREADYEXISTS] a folder needs a new name")
    session.store.rename(session.folder(command.arguments[0]), names[1])


async def unselect(session: Session, command: Command) -> None:
    """UNSELECT (RFC 3691) and CLOSE; CLOSE also removes what is marked as deleted."""
    view = session.selected
    if command.name == "CLOSE" and not view.read_only:
        deleted = [each.uid for each in session.store.messages(view.folder_id) if "\\Deleted" in each.flags]
        if deleted:
            session.store.expunge(view.folder_id, deleted)
    session.view = None


async def append(session: Session, command: Command) -> str:
    """APPEND: stores the literal's bytes as they are."""
    arguments = list(command.arguments)
    if len(arguments) < 2 or not isinstance(arguments[-1], bytes):
        raise Bad("APPEND takes a folder and a literal")
    flags = [text(each) for each in arguments[1]] if isinstance(arguments[1], list) else []
    arrived_at = (
        _moment(text(arguments[-2])) if len(arguments) > 2 and isinstance(arguments[-2], bytes) else None
    )
    folder = session.folder(arguments[0])
    uid = session.store.append(folder, arguments[-1], flags=flags, arrived_at=arrived_at)
    return f"OK [APPENDUID {folder.uid_validity} {uid}] APPEND completed"


def _moment(date: str) -> float:
    try:
        return datetime.strptime(date.strip(), "%d-%b-%Y %H:%M:%S %z").timestamp()
    except ValueError as error:
        raise Bad("unreadable date") from error


async def idle(session: Session, command: Command) -> str:
    """IDLE (RFC 2177): writes news at once, until DONE."""
    del command
    session.say("+ idling")
    await session.writer.drain()
    done = asyncio.ensure_future(read_line(session.reader))
    try:
        while not done.done():
            session.write_news()
            await session.writer.drain()
            heard = asyncio.ensure_future(session.news.wait())
            await asyncio.wait({done, heard}, return_when=asyncio.FIRST_COMPLETED)
            heard.cancel()
    finally:
        done.cancel()
    line = done.result()
    if line is None or line.strip().upper() != b"DONE":
        raise Bad("expected DONE")
    return "OK IDLE terminated"


FOLDER_COMMANDS: Table = {
    "CAPABILITY": ("nothing", capability),
    "NOOP": ("nothing", noop),
    "LOGOUT": ("nothing", logout),
    "ID": ("nothing", identify),
    "LOGIN": ("nothing", log_in),
    "AUTHENTICATE": ("nothing", authenticate),
    "NAMESPACE": ("login", namespace),
    "MYRIGHTS": ("login", my_rights),
    "LIST": ("login", list_folders),
    "XLIST": ("login", list_folders),
    "LSUB": ("login", list_folders),
    "STATUS": ("login", status),
    "SELECT": ("login", select),
    "EXAMINE": ("login", select),
    "CREATE": ("login", create),
    "RENAME": ("login", rename),
    "SUBSCRIBE": ("login", noop),
    "UNSUBSCRIBE": ("login", noop),
    "APPEND": ("login", append),
    "IDLE": ("login", idle),
    "CHECK": ("folder", noop),
    "CLOSE": ("folder", unselect),
    "UNSELECT": ("folder", unselect),
}
