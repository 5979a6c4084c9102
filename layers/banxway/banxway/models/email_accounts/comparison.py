"""Whether everything on a mail server is stored here, in numbers."""

from pydantic import BaseModel, computed_field

from banxway.models.mail import FolderRole


class FolderComparison(BaseModel):
    """One folder: what the server has now, how much of it is stored, and what is stored beyond it.

    `missing_uids` names the first 100 of what is missing. `not_visible` is stored and not on the server any
    more: moved, deleted or hidden there. `unfiled` is stored and in no thread yet. Of `short` ones the server gave
    fewer bytes than it announced. `problem` says why a folder could not be compared at all: it is gone, or refused;
    `renamed_to` is the folder that most likely took a lost one's place.
    """

    name: str
    """The folder's name."""
    role: FolderRole
    """What the folder is for."""
    on_server: int
    """How many mails the server has in it."""
    stored: int
    """How many of them are stored here."""
    missing: int
    """How many of them are not."""
    missing_uids: list[int]
    """The UIDs of the first 100 that are missing."""
    not_visible: int
    """How many stored mails are no longer on the server."""
    unfiled: int
    """How many stored mails are in no thread yet."""
    short: int
    """How many stored mails came with fewer bytes than the server announced."""
    problem: str | None = None
    """Why the folder could not be compared; null where it was."""
    renamed_to: str | None = None
    """The folder that most likely took its place; null where none did."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing, nothing came short and nothing waits."""
        return not (self.missing or self.unfiled or self.short or self.problem)


class MailboxComparison(BaseModel):
    """Every synced folder of a mailbox; `is_complete` if each of them is."""

    is_complete: bool
    """Whether every folder is complete."""
    folders: list[FolderComparison]
    """Every folder that is read."""
