"""The comparison of a mailbox with its mail server: how much of what is there is stored here."""

from pydantic import BaseModel, computed_field

from banxway.models.mail import FolderRole


class FolderComparison(BaseModel):
    """One folder: what the server has now, how much of it is stored, and what else is stored."""

    name: str
    """The folder's name."""
    role: FolderRole
    """The folder's purpose."""
    on_server: int
    """How many mails the server has in it."""
    stored: int
    """How many of them are stored here."""
    missing: int
    """How many of them are not stored."""
    missing_uids: list[int]
    """The UIDs of the first 100 missing mails."""
    not_visible: int
    """How many stored mails are no longer on the server: moved, deleted or hidden there."""
    unfiled: int
    """How many stored mails are in no thread yet."""
    short: int
    """How many stored mails have fewer bytes than the server announced."""
    problem: str | None = None
    """Why the folder could not be compared, because it is gone or refused; null if it was compared."""
    renamed_to: str | None = None
    """The name that a folder that is gone most likely has now; null if it was not renamed."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def is_complete(self) -> bool:
        """Whether no mail is missing, short or unfiled, and there is no problem."""
        return not (self.missing or self.unfiled or self.short or self.problem)


class MailboxComparison(BaseModel):
    """The comparison of every synced folder of a mailbox."""

    is_complete: bool
    """Whether every folder is complete."""
    folders: list[FolderComparison]
    """Every synced folder."""
