"""Runs processes behind a pooler: each does transactions of every kind, and records every row that is not its own."""

import contextlib
import random
from collections.abc import Callable
from uuid import UUID, uuid4

from banxway.errors import NotAuthenticated
from banxway.storage.database import Database, Transaction
from tests.support.databases.postgres import Organization, TestDatabase

QUESTION = "SELECT organization_id FROM customers UNION ALL SELECT organization_id FROM users"


def add_organizations(database: TestDatabase, count: int) -> list[Organization]:
    """Add organizations with three users and a customer each."""
    database.rows(
        """INSERT INTO organizations (id, name)
           SELECT gen_random_uuid(), 'Organization ' || n FROM generate_series(1, %s) AS n""",
        (count,),
    )
    database.rows(
        """INSERT INTO users (id, organization_id, email, role, subject)
           SELECT id, organization_id, role || '@' || organization_id, role, id::text
           FROM (SELECT gen_random_uuid() AS id, o.id AS organization_id, role
                 FROM organizations o, unnest(ARRAY['admin', 'manager', 'agent']) AS role) AS made"""
    )
    database.rows(
        "INSERT INTO customers (id, organization_id, name) SELECT gen_random_uuid(), id, name FROM organizations"
    )
    found: dict[UUID, dict[str, UUID]] = {}
    for user in database.rows("SELECT id, organization_id, role FROM users"):
        found.setdefault(user["organization_id"], {})[user["role"]] = user["id"]
    return [Organization(id=one, **users) for one, users in found.items()]


class PooledClient:
    """One process: `kinds` are the transactions that it can do, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.strangers: list[tuple[str, UUID, UUID]] = []
        self.done = 0
        self.failure: BaseException | None = None
        self.kinds: dict[str, Callable[[Organization], None]] = {
            "organization": self._as_organization,
            "user": self._as_user,
            "failing": self._failing,
            "system": self._as_system,
            "unknown user": self._unknown_user,
        }

    def work(self, organizations: list[Organization], transactions: int, dice: random.Random) -> None:
        """Do a mixture of transactions, for organizations that the dice choose."""
        kinds = list(self.kinds.values())
        try:
            while self.done < transactions:
                self.done += 1
                (kind,) = dice.choices(kinds, weights=(50, 20, 10, 15, 5))
                kind(dice.choice(organizations))
        except BaseException as error:  # noqa: BLE001  # reported by the test's own thread
            self.failure = error
        finally:
            self._database.close()

    def _look(self, transaction: Transaction, kind: str, organization: UUID) -> None:
        rows = transaction.all(QUESTION)
        self.strangers += [
            (kind, organization, row["organization_id"])
            for row in rows
            if row["organization_id"] != organization
        ]
        if len(rows) != 4:
            self.strangers.append((f"{kind} saw {len(rows)} rows", organization, organization))

    def _as_organization(self, organization: Organization) -> None:
        with self._database.organization(organization.id) as transaction:
            self._look(transaction, "organization", organization.id)

    def _as_user(self, organization: Organization) -> None:
        actor = self._database.sign_in(str(organization.agent))
        with self._database.as_actor(actor) as transaction:
            self._look(transaction, "user", organization.id)

    def _failing(self, organization: Organization) -> None:
        with contextlib.suppress(RuntimeError), self._database.organization(organization.id) as transaction:
            self._look(transaction, "failing", organization.id)
            raise RuntimeError("in the middle")

    def _as_system(self, organization: Organization) -> None:
        with self._database.system() as transaction:
            role = transaction.single("SELECT current_user AS role")["role"]
        if role != "banxway_system":
            self.strangers.append((f"system worked as {role}", organization.id, organization.id))

    def _unknown_user(self, organization: Organization) -> None:
        with contextlib.suppress(NotAuthenticated):
            self._database.sign_in(str(uuid4()))
            self.strangers.append(("unknown user signed in", organization.id, organization.id))
