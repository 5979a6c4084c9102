"""IMAP commands about messages: FETCH, SEARCH, STORE, COPY, MOVE, EXPUNGE, by number or by UID."""

from local.sandbox.mailbox.imap.fetching import Wanted, response, wanted_items
from local.sandbox.mailbox.imap.searching import Search, extended
from local.sandbox.mailbox.imap.session import Session, Table
from local.sandbox.mailbox.imap.sets import compact, members
from local.sandbox.mailbox.imap.wire import Bad, Command, No, text
from local.sandbox.mailbox.store import Stored

_UID, _FLAGS, _MODSEQ = Wanted("UID"), Wanted("FLAGS"), Wanted("MODSEQ")


async def fetch(session: Session, command: Command) -> None:
    """FETCH and UID FETCH, with (CHANGEDSINCE n) (RFC 7162)."""
    if len(command.arguments) < 2:
        raise Bad("FETCH takes messages and items")
    chosen = _chosen(session, command)
    wanted = wanted_items(command.arguments[1])
    changed_since = _modifier(command, 2, "CHANGEDSINCE")
    by_uid = _is_uid(command)
    if by_uid and _UID not in wanted:
        wanted.insert(0, _UID)
    if changed_since is not None and _MODSEQ not in wanted:
        wanted.append(_MODSEQ)
    for sequence, message in chosen:
        if changed_since is None or message.modseq > changed_since:
            await _fetch_one(session, sequence, message, wanted)


async def _fetch_one(session: Session, sequence: int, message: Stored, wanted: list[Wanted]) -> None:
    view = session.selected
    raw = None
    if any(each.section is not None for each in wanted):
        raw = session.store.raw(view.folder_id, message.uid)
        if raw is None:
            return
    if any(each.marks_seen for each in wanted) and not view.read_only and "\\Seen" not in message.flags:
        session.store.set_flags(view.folder_id, message.uid, {*message.flags, "\\Seen"})
    session.writer.write(response(sequence, message, wanted, raw))
    await session.writer.drain()


async def search(session: Session, command: Command) -> None:
    """SEARCH and UID SEARCH, with RETURN (…) (RFC 4731)."""
    view, keys, options = session.selected, list(command.arguments), None
    if len(keys) > 1 and isinstance(keys[0], str) and keys[0].upper() == "RETURN":
        options = [text(each) for each in keys[1]]
        keys = keys[2:]
    if keys and isinstance(keys[0], str) and keys[0].upper() == "CHARSET":
        keys = keys[2:]
    if not keys:
        raise Bad("SEARCH takes at least one key")
    matches = Search(
        keys, uids=view.uids, raw=lambda uid: session.store.raw(view.folder_id, uid) or b""
    ).matches()
    number_of = {uid: number for number, uid in enumerate(view.uids, start=1)}
    uids = [
        each.uid for each in session.store.messages(view.folder_id) if each.uid in number_of and matches(each)
    ]
    numbers = uids if _is_uid(command) else [number_of[uid] for uid in uids]
    if options is None:
        session.say(" ".join(["* SEARCH", *(str(each) for each in numbers)]))
    else:
        session.say(extended(command.tag, options, numbers, is_uid=_is_uid(command)))


async def store(session: Session, command: Command) -> None:
    """STORE and UID STORE: FLAGS, +FLAGS, -FLAGS, each with .SILENT."""
    if len(command.arguments) < 3:
        raise Bad("STORE takes messages, an action and flags")
    view = session.selected
    if view.read_only:
        raise No("[READ-ONLY] the folder was opened with EXAMINE")
    action, given = text(command.arguments[1]).upper(), command.arguments[2:]
    named = {text(each) for each in (given[0] if isinstance(given[0], list) else given)}
    if action.removesuffix(".SILENT") not in ("FLAGS", "+FLAGS", "-FLAGS"):
        raise Bad("unknown STORE action")
    for sequence, message in _chosen(session, command):
        flags = {"F": named, "+": message.flags | named, "-": message.flags - named}[action[0]]
        view.acknowledge(session.store.set_flags(view.folder_id, message.uid, flags))
        if not action.endswith(".SILENT"):
            words = f"UID {message.uid} " if _is_uid(command) else ""
            session.say(f"* {sequence} FETCH ({words}FLAGS ({' '.join(sorted(flags))}))")


async def copy(session: Session, command: Command) -> str:
    """COPY, MOVE (RFC 6851) and their UID forms; returns the new UIDs (RFC 4315)."""
    if len(command.arguments) != 2:
        raise Bad(f"{command.name} takes messages and a folder")
    view, moves = session.selected, command.name.endswith("MOVE")
    if moves and view.read_only:
        raise No("[READ-ONLY] the folder was opened with EXAMINE")
    target = session.store.find(session.mailbox, text(command.arguments[1]))
    if target is None:
        raise No("[TRYCREATE] no such folder")
    old, new = [], []
    for _, message in _chosen(session, command):
        raw = session.store.raw(view.folder_id, message.uid) or b""
        new.append(session.store.append(target, raw, flags=message.flags, arrived_at=message.arrived_at))
        old.append(message.uid)
    code = f"[COPYUID {target.uid_validity} {compact(old)} {compact(new)}]" if old else ""
    if not moves:
        return f"OK {code} {command.name} completed".replace("  ", " ")
    if old:
        session.say(f"* OK {code} moved")
        session.store.expunge(view.folder_id, old)
    return f"OK {command.name} completed"


async def expunge(session: Session, command: Command) -> None:
    """EXPUNGE, and UID EXPUNGE of some (RFC 4315)."""
    view = session.selected
    if view.read_only:
        raise No("[READ-ONLY] the folder was opened with EXAMINE")
    chosen = {message.uid for _, message in _chosen(session, command)} if _is_uid(command) else set(view.uids)
    deleted = [each.uid for each in session.store.messages(view.folder_id) if "\\Deleted" in each.flags]
    gone = [uid for uid in deleted if uid in chosen]
    if gone:
        session.store.expunge(view.folder_id, gone)


def _is_uid(command: Command) -> bool:
    return command.name.startswith("UID ")


def _chosen(session: Session, command: Command) -> list[tuple[int, Stored]]:
    """Return the messages that a command names, with their sequence numbers; expunged ones are left out."""
    if not command.arguments:
        raise Bad("which messages?")
    view, named = session.selected, text(command.arguments[0])
    if _is_uid(command):
        wanted = set(members(named, view.uids))
    else:
        wanted = {view.uids[number - 1] for number in members(named, range(1, len(view.uids) + 1))}
    present = {each.uid: each for each in session.store.messages(view.folder_id)}
    return [
        (sequence, present[uid])
        for sequence, uid in enumerate(view.uids, start=1)
        if uid in wanted and uid in present
    ]


def _modifier(command: Command, position: int, name: str) -> int | None:
    """Return the number of a modifier such as (CHANGEDSINCE 12), or None."""
    if len(command.arguments) <= position or not isinstance(command.arguments[position], list):
        return None
    words = [text(each).upper() for each in command.arguments[position]]
    if name not in words[:-1] or not words[words.index(name) + 1].isdigit():
        raise Bad("unknown modifier")
    return int(words[words.index(name) + 1])


MESSAGE_COMMANDS: Table = {
    "FETCH": ("folder", fetch),
    "UID FETCH": ("folder", fetch),
    "SEARCH": ("folder", search),
    "UID SEARCH": ("folder", search),
    "STORE": ("folder", store),
    "UID STORE": ("folder", store),
    "COPY": ("folder", copy),
    "UID COPY": ("folder", copy),
    "MOVE": ("folder", copy),
    "UID MOVE": ("folder", copy),
    "EXPUNGE": ("folder", expunge),
    "UID EXPUNGE": ("folder", expunge),
}
