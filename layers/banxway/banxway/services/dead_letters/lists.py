"""Shows dead letters: in groups by queue and cause, and one by one."""

import base64
from typing import Any

from banxway.models.actors import Actor
from banxway.models.dead_letters.dead_letters import (
    DeadLetterGroup,
    DeadLetterItem,
    DeadLetterItemQuery,
    DeadLetterQuery,
)
from banxway.models.pages import Page
from banxway.services.dead_letters.subjects import kind_of, name_of
from banxway.services.dead_letters.words import advice_for, work_of
from banxway.storage import dead_letters
from banxway.storage.database import Database
from banxway.storage.dead_letters import DeadLetterRow
from banxway.storage.rows import columns_of

_SHOWN = set(DeadLetterItem.model_fields)


class DeadLetterLists:
    """Reads dead letters for admins and managers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_groups(self, *, actor: Actor, query: DeadLetterQuery) -> list[DeadLetterGroup]:
        """Return the groups of dead letters in a state, the one with the latest failure first."""
        with self._database.as_actor(actor) as transaction:
            rows = dead_letters.list_groups(transaction, state=query.state)
        return [
            DeadLetterGroup(**columns_of(row), work=work_of(row.queue), advice=advice_for(row.cause))
            for row in rows
        ]

    def list_page(self, *, actor: Actor, query: DeadLetterItemQuery) -> Page[DeadLetterItem]:
        """Return dead letters, the latest failure first. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            page = dead_letters.list_page(transaction, query)
        return Page([_item(row) for row in page.rows], page.next_cursor)


def _item(row: DeadLetterRow) -> DeadLetterItem:
    columns = {name: value for name, value in columns_of(row).items() if name in _SHOWN}
    return DeadLetterItem(
        **{**columns, "item": _masked(row.item)},
        work=work_of(row.queue),
        subject=kind_of(row.queue),
        subject_name=name_of(row),
    )


def _masked(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item without the bytes of a callback, which may hold what a customer wrote."""
    body = item.get("body")
    if not isinstance(body, str):
        return item
    return {**item, "body": f"({len(base64.b64decode(body))} bytes, not shown)"}
