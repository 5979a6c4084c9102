"""Lists a mailbox's folders with their counters and roles, by LIST, STATUS, special-use attributes and names.

RFC 3501 (7.2), RFC 5819 (LIST-STATUS), RFC 6154 (special use). An attribute counts even if the server did not
announce it: Zoho shows them on a plain LIST only. A name decides where no attribute does (reference/mail.md, 9).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from banxway.models.mail import FolderRole, FolderState
from banxway.providers.mail.imap.session import ImapSession
from banxway.providers.mail.imap.wire import Answer, ServerRefused, Token, decoded_name, quoted

_BY_ATTRIBUTE = {
    b"\\inbox": FolderRole.INBOX,  # \Inbox, \Spam and \AllMail are of XLIST, which came before RFC 6154
    b"\\sent": FolderRole.SENT,
    b"\\drafts": FolderRole.DRAFTS,
    b"\\junk": FolderRole.JUNK,
    b"\\spam": FolderRole.JUNK,
    b"\\trash": FolderRole.TRASH,
    b"\\archive": FolderRole.ARCHIVE,
    b"\\all": FolderRole.ALL,
    b"\\allmail": FolderRole.ALL,
}
# The likeliest name of a role comes first. Servers name folders in their users' language.
_NAMES = {
    FolderRole.SENT: """sent|sent items|sent messages|sent mail|sent-mail|gesendet|gesendete elemente
        |gesendete objekte|gesendete nachrichten|envoyés|éléments envoyés|messages envoyés|objets envoyés|enviados
        |elementos enviados|mensajes enviados|itens enviados|inviata|posta inviata|elementi inviati|verzonden
        |verzonden items|verzonden berichten|skickat|skickade objekt|sendt|sendte elementer|lähetetyt|wysłane
        |elementy wysłane|odeslané|odeslaná pošta|elküldött|trimise|отправленные|надіслані|изпратени|gönderilmiş
        |gönderilmiş öğeler|απεσταλμένα|送信済み|送信済みアイテム|送信済みトレイ|已发送|已发送邮件|已傳送|寄件備份
        |보낸편지함|보낸 편지함|भेजे गए|भेजा गया|البريد المرسل|العناصر المرسلة|נשלח|פריטים שנשלחו|ส่งแล้ว""",
    FolderRole.DRAFTS: """drafts|draft|entwürfe|brouillons|borradores|rascunhos|bozze|concepten|utkast|kladder
        |luonnokset|kopie robocze|szkice|koncepty|rozepsané|piszkozatok|ciorne|черновики|чернетки|taslaklar
        |πρόχειρα|下書き|草稿|草稿箱|草稿匣|임시보관함|ड्राफ़्ट|المسودات|טיוטות""",
    FolderRole.JUNK: """spam|junk|junk e-mail|junk email|junk mail|bulk mail|spamverdacht|unerwünscht
        |courrier indésirable|indésirables|correo no deseado|lixo eletrônico|lixo eletrónico|posta indesiderata
        |ongewenst|ongewenste e-mail|skräppost|søppelpost|uønsket e-mail|roskaposti|wiadomości-śmieci|nevyžádaná pošta
        |levélszemét|спам|нежелательная почта|istenmeyen|önemsiz|迷惑メール|垃圾邮件|垃圾郵件|스팸|스팸함|स्पैम""",
    FolderRole.TRASH: """trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte elemente
        |gelöschte objekte|corbeille|éléments supprimés|papelera|elementos eliminados|lixeira|itens excluídos|cestino
        |posta eliminata|prullenbak|verwijderde items|papperskorgen|borttaget|papirkurv|slettet|roskakori|kosz
        |elementy usunięte|koš|odstraněná pošta|kuka|корзина|удаленные|кошик|çöp kutusu|silinmiş öğeler
        |κάδος απορριμμάτων|ゴミ箱|削除済みアイテム|已删除|已删除邮件|刪除的郵件|垃圾桶|휴지통|ट्रैश""",
    FolderRole.ARCHIVE: "archive|archives|archiv|archivio|archivo|arquivo|archief|arkiv|архив|归档|アーカイブ",
    FolderRole.ALL: "all mail|alle nachrichten|tous les messages|todos|todos os e-mails|tutti i messaggi",
}
_RANKS = {
    role: {name.strip(): rank for rank, name in enumerate(names.split("|"))} for role, names in _NAMES.items()
}
_NOT_SELECTABLE = {b"\\noselect", b"\\nonexistent"}
_COUNTERS = "MESSAGES UIDNEXT UIDVALIDITY"


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A folder that can be opened: its readable name, its raw (encoded) name, and its attributes in lower case."""

    name: str
    raw: str
    attributes: frozenset[bytes]
    delimiter: str


class FolderLister:
    """Lists the folders of one session, and remembers what the server supports and what its folders are for."""

    def __init__(self, session: ImapSession) -> None:
        self._session = session
        self._roles: dict[str, FolderRole] = {}
        self._takes_list_status = "LIST-STATUS" in session.capabilities
        self._last_answers: list[Answer] | None = None
        self._last_read: list[FolderState] = []
        self.raw_names: dict[str, str] = {}

    def folders(self) -> list[FolderState]:
        """Return every folder that can be opened and whose counters the server states."""
        answers = self._list_with_status() if self._takes_list_status else None
        if answers is None:
            answers = self._session.run('LIST "" "*"')
        if answers != self._last_answers:
            self._last_read = self._read(answers)
        return list(self._last_read)

    def _read(self, answers: list[Answer]) -> list[FolderState]:
        listed = listed_folders(answers)
        self._learn(listed, has_attributes=answers)
        counted = read_counters(answers)
        counted_apart = [folder for folder in listed if folder.raw not in counted]
        for folder in counted_apart:
            counted |= self._status(folder)
        # Most polls get the same answers as the last one. They can be reused unless some counters came by STATUS.
        self._last_answers = None if counted_apart else answers
        found = (self._state(folder, counted.get(folder.raw, {})) for folder in listed)
        return [state for state in found if state is not None]

    def role_of(self, name: str) -> FolderRole:
        """Return what a folder is for; OTHER while that is not known."""
        fallback = FolderRole.INBOX if name.upper() == "INBOX" else FolderRole.OTHER
        return self._roles.get(name, fallback)

    def _list_with_status(self) -> list[Answer] | None:
        """Return folders and counters by one command, or None from a server that announces it but refuses it."""
        special = "SPECIAL-USE " if "SPECIAL-USE" in self._session.capabilities else ""
        try:
            return self._session.run(f'LIST "" "*" RETURN ({special}STATUS ({self._wanted()}))')
        except ServerRefused:
            self._takes_list_status = False
            return None

    def _learn(self, listed: Sequence[ListedFolder], *, has_attributes: Iterable[Answer]) -> None:
        """Find the folders' roles again if one is new; only a plain LIST shows attributes that are not announced."""
        self.raw_names = {folder.name: folder.raw for folder in listed}
        if all(folder.name in self._roles for folder in listed):
            return
        if self._takes_list_status and "SPECIAL-USE" not in self._session.capabilities:
            has_attributes = self._session.run('LIST "" "*"')
        self._roles = roles_of(listed_folders(has_attributes))

    def _status(self, folder: ListedFolder) -> dict[str, dict[str, int]]:
        try:
            answers = self._session.run(f"STATUS {quoted(folder.raw)} ({self._wanted()})")
        except ServerRefused:
            return {}  # listed, but it may not be opened, such as a shared folder without rights
        counters = next(iter(read_counters(answers).values()), {})
        return {folder.raw: counters}

    def _wanted(self) -> str:
        return f"{_COUNTERS} HIGHESTMODSEQ" if "CONDSTORE" in self._session.capabilities else _COUNTERS

    def _state(self, folder: ListedFolder, counters: dict[str, int]) -> FolderState | None:
        if "UIDVALIDITY" not in counters or "UIDNEXT" not in counters:
            return None
        return FolderState(
            name=folder.name,
            uid_validity=counters["UIDVALIDITY"],
            uid_next=counters["UIDNEXT"],
            messages=counters.get("MESSAGES", 0),
            highest_modseq=counters.get("HIGHESTMODSEQ") or None,
            role=self.role_of(folder.name),
        )


def listed_folders(answers: Iterable[Answer]) -> list[ListedFolder]:
    """Return the folders of a LIST answer that can be opened, each once."""
    found: dict[str, ListedFolder] = {}
    for answer in answers:
        tokens = answer.tokens() if answer.head[:5].upper() in (b"LIST ", b"XLIST") else []
        if len(tokens) < 4 or not isinstance(tokens[1], list) or not isinstance(tokens[3], bytes):
            continue
        attributes = frozenset(word.lower() for word in tokens[1] if isinstance(word, bytes))
        if attributes & _NOT_SELECTABLE:
            continue
        raw = _raw_name(tokens[3])
        folder = ListedFolder(decoded_name(tokens[3]), raw, attributes, _text(tokens[2]))
        if not any(character in raw for character in "\r\n\0"):
            found.setdefault(raw, folder)
    return list(found.values())


def roles_of(folders: Sequence[ListedFolder]) -> dict[str, FolderRole]:
    """Return each folder's role, by the folder's name.

    An attribute decides. A role that no attribute claims goes to the folder with the likeliest name.
    """
    roles = {folder.name: _role_by_attribute(folder) for folder in folders}
    claimed = set(roles.values())
    for role, ranks in _RANKS.items():
        named = [
            (ranks[plain], folder.name)
            for folder in folders
            if roles[folder.name] is FolderRole.OTHER and (plain := _plain_name(folder)) in ranks
        ]
        if named and role not in claimed:
            roles[min(named)[1]] = role
    return roles


def _role_by_attribute(folder: ListedFolder) -> FolderRole:
    if folder.name.upper() == "INBOX":
        return FolderRole.INBOX
    found = (
        _BY_ATTRIBUTE[attribute] for attribute in sorted(folder.attributes) if attribute in _BY_ATTRIBUTE
    )
    return next(found, FolderRole.OTHER)


def _plain_name(folder: ListedFolder) -> str:
    """Return the name to compare, without the parent below which Courier and Gmail keep the usual folders."""
    name = unicodedata.normalize("NFC", folder.name).casefold()
    if folder.delimiter:
        name = re.sub(rf"^(inbox|\[[\w ]+\]){re.escape(folder.delimiter)}", "", name)
    return name.strip()


def read_counters(answers: Iterable[Answer]) -> dict[str, dict[str, int]]:
    """Return the counters of the STATUS answers, by the folder's raw name."""
    found: dict[str, dict[str, int]] = {}
    for answer in answers:
        tokens = answer.tokens() if answer.head[:7].upper() == b"STATUS " else []
        if len(tokens) >= 3 and isinstance(tokens[1], bytes) and isinstance(tokens[2], list):
            items = zip(tokens[2][::2], tokens[2][1::2], strict=False)
            found[_raw_name(tokens[1])] = {
                _text(name).upper(): int(value)
                for name, value in items
                if isinstance(value, bytes) and value.isdigit() and len(value) <= 20
            }
    return found


def _raw_name(token: bytes) -> str:
    raw = token.decode("utf-8", "replace")
    return "INBOX" if raw.upper() == "INBOX" else raw


def _text(token: Token) -> str:
    return token.decode("utf-8", "replace") if isinstance(token, bytes) else ""
