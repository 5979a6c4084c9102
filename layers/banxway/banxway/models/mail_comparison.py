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
    role: FolderRole
    on_server: int
    stored: int
    missing: int
    missing_uids: list[int]
    not_visible: int
    unfiled: int
    short: int
    problem: str | None = None
    renamed_to: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing, nothing came short and nothing waits."""
        return not (self.missing or self.unfiled or self.short or self.problem)


class MailboxComparison(BaseModel):
    """Every synced folder of a mailbox; `is_complete` if each of them is."""

    is_complete: bool
    folders: list[FolderComparison]
