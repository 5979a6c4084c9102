"""Changes customers: their names and addresses, and merges of two that are one person (docs/decisions/011)."""

from typing import Any
from uuid import UUID

from banxway.e164 import to_e164
from banxway.errors import Conflict, NotFound, ValidationFailed
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.channels import channel_of_kind
from banxway.models.customers import (
    CustomerChange,
    CustomerDetails,
    CustomerMerge,
    LinkedAddress,
    NewCustomerAddress,
)
from banxway.services.customers import own_addresses
from banxway.services.customers.read import require
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.realtime.notices import ChangeNotices
from banxway.storage.audit import trail as audit
from banxway.storage.customers import customers
from banxway.storage.customers import lists as customer_lists
from banxway.storage.customers import merges as customer_merges
from banxway.storage.customers.lists import CustomerRow
from banxway.storage.database import Database, Transaction
from banxway.storage.messages import filed as filed_messages
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange
from banxway.storage.visibility import whole_conversations

_ADDRESSES_AUDITED = 100


class CustomerChanges:
    """Changes customers, records each change in the audit trail, and notifies browsers."""

    def __init__(
        self,
        database: Database,
        *,
        environment: EnvironmentIntegrations,
        notices: ChangeNotices,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._environment = environment
        self._notices = notices
        self._new_id = new_id

    def update(self, *, actor: Actor, customer_id: UUID, change: CustomerChange) -> CustomerDetails:
        """Rename a customer. Raises NotFound, Conflict for one that was merged into another."""
        with self._database.as_actor(actor) as transaction:
            before = _lock_to_change(transaction, customer_id)
            if before.name != change.name:
                customer_lists.rename(transaction, customer_id=customer_id, name=change.name)
                sides = {"before": {"name": before.name}, "after": {"name": change.name}}
                _record(transaction, actor, "customer.update", customer_id, sides)
            shown = _show(transaction, customer_id)
        self._notices.notify(actor.organization_id)
        return shown

    def add_address(self, *, actor: Actor, customer_id: UUID, address: NewCustomerAddress) -> CustomerDetails:
        """Add an address to a customer. Earlier messages from it stay in their threads.

        Raises NotFound, ValidationFailed for an address of our own, Conflict for an address that has a customer
        already and for a customer that was merged into another.
        """
        with self._database.as_actor(actor) as transaction:
            before = _snapshot(transaction, _lock_to_change(transaction, customer_id))
            self._refuse_own(transaction, actor, address)
            if not customer_lists.add_address(
                transaction,
                organization_id=actor.organization_id,
                customer_id=customer_id,
                kind=address.kind,
                address=address.address,
            ):
                raise _taken(transaction, customer_id, address)
            shown = _show(transaction, customer_id)
            sides = {"before": before, "after": _audited(shown)}
            _record(transaction, actor, "customer.add_address", customer_id, sides)
        self._notices.notify(actor.organization_id)
        return shown

    def remove_address(self, *, actor: Actor, customer_id: UUID, address_id: UUID) -> CustomerDetails:
        """Remove an address from a customer; messages from it stay in their threads.

        Raises NotFound for either, Conflict for the last address of a customer without a name, and for a customer
        that was merged into another.
        """
        with self._database.as_actor(actor) as transaction:
            row = _lock_to_change(transaction, customer_id)
            shown = customer_lists.show(transaction, row)
            known = customer_lists.count_addresses(
                transaction, customer_id=customer_id, address_id=address_id
            )
            if not known:
                raise NotFound("Address not found")
            if known == 1 and not _is_name(row.name):
                raise Conflict(
                    "This is the last address of a customer without a name: give them a name first"
                )
            customer_lists.remove_address(transaction, address_id=address_id)
            left = _show(transaction, customer_id)
            sides = {"before": _audited(shown), "after": _audited(left)}
            _record(transaction, actor, "customer.remove_address", customer_id, sides)
        self._notices.notify(actor.organization_id)
        return left

    def merge(self, *, actor: Actor, customer_id: UUID, other: CustomerMerge) -> CustomerDetails:
        """Merge another customer into this one and return this one; `unmerge` is the exact inverse.

        Raises NotFound, ValidationFailed for the customer itself or one of another organization, Conflict if either
        was merged into another.
        """
        with self._database.as_actor(actor) as transaction, whole_conversations(transaction):
            survivor, merged = _both(transaction, actor, customer_id, other)
            if into := customer_merges.survivor_of(transaction, merged.id):
                raise Conflict(
                    "customer_id is merged into a customer already: un-merge it first",
                    field="customer_id",
                    merged_into=str(into),
                )
            before = [_snapshot(transaction, row) for row in (survivor, merged)]
            moved = customer_merges.merge(
                transaction,
                merge_id=self._new_id(),
                organization_id=actor.organization_id,
                survivor_id=survivor.id,
                merged_id=merged.id,
                merged_by=actor.user_id,
            )
            shown = _show(transaction, customer_id)
            sides = {"before": before, "after": [_audited(shown)]}
            _record(transaction, actor, "customer.merge", customer_id, _named(merged, moved) | sides)
        self._notices.notify(actor.organization_id)
        return shown

    def unmerge(self, *, actor: Actor, customer_id: UUID, other: CustomerMerge) -> CustomerDetails:
        """Undo a merge: the other customer gets back what it brought, and what came since for its addresses.

        Returns this customer afterwards. Raises as `merge` does, and Conflict if the other is not merged into it.
        """
        with self._database.as_actor(actor) as transaction, whole_conversations(transaction):
            survivor, merged = _both(transaction, actor, customer_id, other)
            found = customer_merges.find(transaction, merged_id=merged.id)
            if found is None or found.survivor_id != survivor.id:
                raise Conflict("customer_id is not merged into this customer", field="customer_id")
            before = [_snapshot(transaction, survivor)]
            moved = customer_merges.unmerge(
                transaction, merge_id=found.id, survivor_id=survivor.id, merged_id=merged.id
            )
            shown = _show(transaction, customer_id)
            sides = {"before": before, "after": [_audited(shown), _snapshot(transaction, merged)]}
            details = _named(merged, moved) | sides
            _record(transaction, actor, "customer.unmerge", customer_id, details, merged.id)
        self._notices.notify(actor.organization_id)
        return shown

    def _refuse_own(self, transaction: Transaction, actor: Actor, address: NewCustomerAddress) -> None:
        if own_addresses.is_ours(
            transaction,
            organization_id=actor.organization_id,
            kind=address.kind,
            address=address.address,
            environment=self._environment,
        ):
            what = channel_of_kind(address.kind).own_noun
            raise ValidationFailed(
                f"address is one of our own {what}, which is never a customer's", field="address"
            )


def _lock_to_change(transaction: Transaction, customer_id: UUID) -> CustomerRow:
    """Return a customer's row, locked against changes and merges. Raises NotFound, and Conflict if it was merged."""
    customer_merges.lock_shared(transaction)
    customers.lock(transaction, customer_id)
    row = require(transaction, customer_id)
    _refuse_merged(transaction, customer_id)
    return row


def _both(
    transaction: Transaction, actor: Actor, customer_id: UUID, other: CustomerMerge
) -> tuple[CustomerRow, CustomerRow]:
    """Return the customer of the path and the other one, with merges and new rows of customers locked.

    Raises as `CustomerChanges.merge` does.
    """
    filed_messages.lock_filing(transaction, actor.organization_id)
    customer_merges.lock_exclusive(transaction)
    survivor = require(transaction, customer_id)
    if other.customer_id == customer_id:
        raise ValidationFailed("customer_id must be another customer than this one", field="customer_id")
    merged = customer_lists.find(transaction, other.customer_id)
    if merged is None:
        raise ValidationFailed("customer_id must be a customer of this organization", field="customer_id")
    _refuse_merged(transaction, customer_id)
    return survivor, merged


def _refuse_merged(transaction: Transaction, customer_id: UUID) -> None:
    if into := customer_merges.survivor_of(transaction, customer_id):
        raise Conflict(
            "This customer was merged into another: change that one, or un-merge first", merged_into=str(into)
        )


def _taken(transaction: Transaction, customer_id: UUID, address: NewCustomerAddress) -> Conflict:
    owner = customers.find_by_address(transaction, kind=address.kind, address=address.address)
    if owner == customer_id:
        return Conflict("This address is the customer's already", field="address")
    return Conflict(
        "This address belongs to another customer: merge the two, or remove it there first",
        field="address",
        customer_id=str(owner),
    )


def _is_name(name: str) -> bool:
    """Return whether a name is a person's name, not a repeated address."""
    return bool(name.strip()) and "@" not in name and to_e164(name) is None


def _show(transaction: Transaction, customer_id: UUID) -> CustomerDetails:
    return customer_lists.show(transaction, require(transaction, customer_id))


def _named(other: CustomerRow, moved: dict[str, int]) -> dict[str, Any]:
    return {"other_customer_id": str(other.id), "moved": moved}


def _snapshot(transaction: Transaction, row: CustomerRow) -> dict[str, Any]:
    return _audited(_show(transaction, row.id))


def _audited(shown: CustomerDetails) -> dict[str, Any]:
    """Return what the audit trail records of a customer, with at most the first 100 addresses."""
    addresses: list[LinkedAddress] = shown.addresses[:_ADDRESSES_AUDITED]
    return {
        "id": str(shown.id),
        "name": shown.name,
        "addresses": [f"{each.kind} {each.address}" for each in addresses],
        "thread_count": shown.thread_count,
    }


def _record(
    transaction: Transaction,
    actor: Actor,
    action: str,
    customer_id: UUID,
    details: dict[str, Any],
    *also: UUID,
) -> None:
    """Record who changed what in the audit trail, and a change for each thread of these customers."""
    audit.append(
        transaction,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        action=action,
        succeeded=True,
        details={"customer_id": str(customer_id), **details},
    )
    touched = [
        thread_id
        for one in (customer_id, *also)
        for thread_id in customer_lists.list_thread_ids(transaction, one)
    ]
    changes.record_all(
        transaction,
        organization_id=actor.organization_id,
        pending=[PendingChange("thread.updated", thread_id, None) for thread_id in touched],
    )
