"""Phone numbers as agents see them."""

from banxway.models.actors import Actor
from banxway.models.phone_numbers import PhoneNumber
from banxway.storage import phone_numbers
from banxway.storage.database import Database


class PhoneNumbers:
    """The organization's numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_all(self, *, actor: Actor) -> list[PhoneNumber]:
        """Return the active numbers, the primary first."""
        with self._database.as_actor(actor) as transaction:
            return phone_numbers.list_all(transaction)
