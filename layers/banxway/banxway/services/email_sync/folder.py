"""Syncs one folder of a mailbox: new UIDs, new mail, mail that vanished or came back, flags."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from banxway.models.mail import FolderState, MailFlags
from banxway.providers.base import Mailbox
from banxway.services.email_sync import renumbering
from banxway.services.email_sync.intake import Intake
from banxway.services.email_sync.lease import Lease, Progress
from banxway.services.email_sync.poll_services import PollServices
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages, read_state
from banxway.storage.email_sync.folders import FolderRow
from banxway.storage.email_sync.mailbox_messages import FolderKey
from banxway.storage.realtime import changes

COMPARED_EVERY_S = 3600
"""Every UID is compared this often, whatever the counters say."""

_FLAGS_EVERY_S = 300
"""How often all flags are read if the server cannot say which changed: 44 ms for 5,000 (reference/mail.md, 3)."""
_FLAGS_AT_ONCE = 5000
_HIGHEST_UID = 4_294_967_295
"""RFC 3501, 2.3.1.1: 32 bits."""


def has_changed(known: FolderRow, listed: FolderState, *, is_thorough: bool) -> bool:
    """Return whether a folder must be opened: its listed counters differ from its row's, or it is due for a look."""
    if is_thorough or _is_due(known.compared_s, COMPARED_EVERY_S):
        return True
    if listed.highest_modseq is None and _is_due(known.flags_read_s, _FLAGS_EVERY_S):
        return True
    return (known.uid_validity, known.uid_next, known.messages, known.highest_modseq) != (
        listed.uid_validity,
        listed.uid_next,
        listed.messages,
        listed.highest_modseq,
    )


class FolderSync:
    """Syncs one folder, whose row is `known`."""

    def __init__(
        self,
        lease: Lease,
        mailbox: Mailbox,
        progress: Progress,
        services: PollServices,
        *,
        known: FolderRow,
        is_thorough: bool,
    ) -> None:
        self._lease = lease
        self._mailbox = mailbox
        self._progress = progress
        self._services = services
        self._known = known
        # Mails that this poll takes in come with their flags.
        self._flags_up_to: int = known.last_uid
        self._is_thorough = is_thorough

    def run(self) -> Mapping[int, str]:
        """Take in new mail, compare, read flags; return the tokens of our test mails in the folder, by UID.

        A step cut short by the time starts again in the next poll.
        """
        state = self._mailbox.open(self._known.name)
        place = FolderKey(
            self._lease.organization_id, self._lease.account_id, self._known.name, state.uid_validity
        )
        if self._is_renumbered(state):
            self._renumber(place)
        intake = Intake(
            self._lease, self._mailbox, self._progress, self._services, folder_key=place, known=self._known
        )
        if not self._take_new(intake, state, place):
            return intake.canaries
        must_compare = self._is_thorough or _is_due(self._known.compared_s, COMPARED_EVERY_S)
        if not must_compare:
            with self._lease.scope() as transaction:
                visible = mailbox_messages.count_visible(transaction, place)
            must_compare = visible + len(intake.canaries) != state.messages
        if must_compare and not self._compare(intake, place):
            return intake.canaries
        has_read_all = self._read_flags(state, place)
        is_stuck = intake.record_missing()
        with self._lease.writing() as transaction:
            email_folders.record_synced(
                transaction,
                account_id=place.account_id,
                state=state,
                has_read_flags=has_read_all,
                has_compared=must_compare,
                is_stuck=is_stuck,
            )
        return intake.canaries

    def _is_renumbered(self, state: FolderState) -> bool:
        """Return whether UIDs mean other mails now; a next UID below the last taken one proves it, too.

        (RFC 3501, 2.3.1.1.)
        """
        last_uid: int = self._known.last_uid
        return state.uid_validity != self._known.uid_validity or 0 < state.uid_next <= last_uid

    def _renumber(self, place: FolderKey) -> None:
        with self._lease.writing() as transaction:
            renumbering.renumber(transaction, place)
        # Mails that are found again keep their old flags, so the flags of all mails are read.
        self._flags_up_to = _HIGHEST_UID
        self._known = replace(
            self._known,
            uid_validity=place.uid_validity,
            last_uid=0,
            highest_modseq=None,
            compared_s=None,
            flags_read_s=None,
            stuck_polls=0,
        )

    def _take_new(self, intake: Intake, state: FolderState, place: FolderKey) -> bool:
        last_uid = self._known.last_uid
        if 0 < state.uid_next <= last_uid + 1:
            return True
        sizes = self._mailbox.sizes(first_uid=last_uid + 1)
        with self._lease.scope() as transaction:
            stored = mailbox_messages.list_uids(transaction, place, above_uid=last_uid)
        return intake.take([entry for entry in sizes if entry.uid not in stored])

    def _compare(self, intake: Intake, place: FolderKey) -> bool:
        """Compare every UID: hide mails that vanished, show those that came back, take in those that are missing.

        Returns False if the time was up before the last.
        """
        on_server = set(self._mailbox.uids())
        with self._lease.writing() as transaction:
            stored = mailbox_messages.list_uids(transaction, place)
            gone = [uid for uid, is_visible in stored.items() if is_visible and uid not in on_server]
            back = [uid for uid, is_visible in stored.items() if not is_visible and uid in on_server]
            if gone:
                mailbox_messages.set_visible(transaction, place, gone, is_visible=False)
            if back:
                mailbox_messages.set_visible(transaction, place, back, is_visible=True)
        missing = on_server - stored.keys() - intake.canaries.keys()
        if not missing:
            return True
        sizes = self._mailbox.sizes(first_uid=min(missing))
        return intake.take([entry for entry in sizes if entry.uid in missing])

    def _read_flags(self, state: FolderState, place: FolderKey) -> bool:
        """Read the flags that changed, or all if the server cannot say which; return whether all were read."""
        up_to_uid, since = self._flags_up_to, self._known.highest_modseq
        if state.highest_modseq is not None and since is not None and state.highest_modseq >= since:
            if state.highest_modseq != since:
                self._apply(place, self._mailbox.flags(up_to_uid=up_to_uid, changed_since=since))
            return False
        is_due = self._is_thorough or _is_due(self._known.flags_read_s, _FLAGS_EVERY_S)
        if up_to_uid and is_due:
            self._apply(place, self._mailbox.flags(up_to_uid=up_to_uid, changed_since=None))
        return is_due

    def _apply(self, place: FolderKey, flags: Sequence[MailFlags]) -> None:
        for start in range(0, len(flags), _FLAGS_AT_ONCE):
            with self._lease.writing() as transaction:
                pending = read_state.apply_flags(transaction, place, flags[start : start + _FLAGS_AT_ONCE])
                changes.record_all(transaction, organization_id=place.organization_id, pending=pending)
            self._progress.has_changes = self._progress.has_changes or bool(pending)


def _is_due(seconds_ago: float | None, every_s: int) -> bool:
    return seconds_ago is None or seconds_ago > every_s
