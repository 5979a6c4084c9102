"""Manages rules for inbound mail; run.py runs them, dry_run.py tries them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from banxway.errors import Conflict, NotFound, ValidationFailed
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.email_rules.rules import (
    AccountCondition,
    Action,
    AssignAction,
    Condition,
    EmailRule,
    EmailRuleChange,
    ForwardAction,
    ListedEmailRule,
    NewEmailRule,
    RuleOrder,
)
from banxway.models.email_rules.traces import RuleTrace
from banxway.models.values.versions import version_of
from banxway.security.redaction import masked_pairs
from banxway.storage import email_accounts, email_rules
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Database, Transaction
from banxway.storage.messages import messages
from banxway.storage.rows import columns_of

# Every rule is matched with every mail: these limits bound the cost of one mail.
_MOST_RULES = 50
_MOST_CONDITIONS = 200
_ORDERING = ("email_rule.reorder", "email_rule.create", "email_rule.delete")


class EmailRules:
    """Lists, saves, changes, orders and removes an organization's rules."""

    def __init__(self, database: Database, *, new_id: NewId) -> None:
        self._database = database
        self._new_id = new_id

    def list_all(self, *, actor: Actor) -> list[ListedEmailRule]:
        """Return the rules in the order in which they run, with how often each fired in the last seven days."""
        with self._database.as_actor(actor) as transaction:
            return _listed(transaction)

    def get(self, *, actor: Actor, rule_id: UUID) -> EmailRule:
        """Return one rule. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            return _require(transaction, rule_id)

    def create(self, *, actor: Actor, rule: NewEmailRule) -> EmailRule:
        """Add a rule after all others.

        Raises ValidationFailed naming a member, mailbox or address that is not allowed, Conflict at the limits.
        """
        rule_id = self._new_id()
        with self._database.as_actor(actor) as transaction:
            email_rules.lock_all(transaction, actor.organization_id)
            require_possible(transaction, rule.conditions, rule.actions)
            values = _columns(rule.model_dump(mode="json"))
            identity = {
                "id": rule_id,
                "organization_id": actor.organization_id,
                "created_by": actor.user_id,
            }
            email_rules.add(transaction, {**values, **identity})
            _require_within_limits(transaction)
            added = _require(transaction, rule_id)
            _audit(transaction, actor, "email_rule.create", rule_id, after=_shown(added))
            return added

    def update(
        self, *, actor: Actor, rule_id: UUID, change: EmailRuleChange, based_on: str | None = None
    ) -> EmailRule:
        """Change the given fields of a rule. Raises NotFound, ChangedMeanwhile, and what `create` raises.

        A rule that is switched on, or whose conditions or actions change, forwards nothing that arrived before.
        """
        with self._database.as_actor(actor) as transaction:
            email_rules.lock_all(transaction, actor.organization_id)
            before = _require(transaction, rule_id)
            require_version(
                transaction,
                based_on,
                before.version,
                actions=("email_rule.update",),
                about={"rule_id": str(rule_id)},
            )
            require_possible(transaction, change.conditions or [], change.actions or [])
            values = _columns(change.model_dump(mode="json", exclude_none=True))
            is_activated = bool({"match", "conditions", "actions"} & values.keys()) or (
                change.is_active is True and not before.is_active
            )
            email_rules.change(transaction, rule_id, values, activates_again=is_activated)
            _require_within_limits(transaction)
            after = _require(transaction, rule_id)
            _audit(
                transaction, actor, "email_rule.update", rule_id, before=_shown(before), after=_shown(after)
            )
            return after

    def delete(self, *, actor: Actor, rule_id: UUID) -> None:
        """Delete a rule; its traces stay. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            email_rules.lock_all(transaction, actor.organization_id)
            before = _require(transaction, rule_id)
            email_rules.delete(transaction, rule_id)
            _audit(transaction, actor, "email_rule.delete", rule_id, before=_shown(before))

    def reorder(
        self, *, actor: Actor, order: RuleOrder, based_on: str | None = None
    ) -> list[ListedEmailRule]:
        """Put the rules into the given order.

        Raises ChangedMeanwhile for another order than the one that this is based on, and ValidationFailed unless it
        names every rule once.
        """
        with self._database.as_actor(actor) as transaction:
            email_rules.lock_all(transaction, actor.organization_id)
            before = [row.id for row in email_rules.list_rows(transaction)]
            require_version(transaction, based_on, version_of(before), actions=_ORDERING)
            if sorted(before) != sorted(order.rule_ids):
                raise ValidationFailed("rule_ids must name every rule once", field="rule_ids")
            email_rules.put_in_order(transaction, order.rule_ids)
            _audit(
                transaction,
                actor,
                "email_rule.reorder",
                None,
                before={"rule_ids": before},
                after={"rule_ids": order.rule_ids},
            )
            return _listed(transaction)

    def list_traces(self, *, actor: Actor, message_id: UUID) -> list[RuleTrace]:
        """Return which rules fired for a message, why, and what they did. Raises NotFound for the message."""
        with self._database.as_actor(actor) as transaction:
            if messages.find(transaction, message_id) is None:
                raise NotFound("Message not found")
            return email_rules.list_traces(transaction, message_id)


def require_possible(
    transaction: Transaction, conditions: Sequence[Condition], actions: Sequence[Action]
) -> None:
    """Require that a rule names only this organization's members and mailboxes, and forwards only outside.

    Raises ValidationFailed naming the first field that breaks this.
    """
    accounts = email_rules.existing_accounts(
        transaction, [each.account_id for each in conditions if isinstance(each, AccountCondition)]
    )
    for position, condition in enumerate(conditions):
        if isinstance(condition, AccountCondition) and condition.account_id not in accounts:
            field = f"conditions.{position}.account_id"
            raise ValidationFailed(f"{field} must be a mailbox of this organization", field=field)
    members = email_rules.active_members(
        transaction, [each.user_id for each in actions if isinstance(each, AssignAction)]
    )
    own = set(email_accounts.ids_by_address(transaction))
    for position, action in enumerate(actions):
        if isinstance(action, AssignAction) and action.user_id not in members:
            field = f"actions.{position}.user_id"
            raise ValidationFailed(f"{field} must be an active member of this organization", field=field)
        if isinstance(action, ForwardAction) and action.address in own:
            field = f"actions.{position}.address"
            raise ValidationFailed(f"{field} must not be a mailbox of this organization", field=field)


def _listed(transaction: Transaction) -> list[ListedEmailRule]:
    fired = email_rules.counts_of_last_days(transaction, days=7)
    rows = email_rules.list_rows(transaction)
    order = version_of([row.id for row in rows])
    return [
        ListedEmailRule(**columns_of(row), fired_last_7_days=fired.get(row.id, 0), order_version=order)
        for row in rows
    ]


def _require(transaction: Transaction, rule_id: UUID) -> EmailRule:
    row = email_rules.find(transaction, rule_id)
    if row is None:
        raise NotFound("Email rule not found")
    return EmailRule(**columns_of(row))


def _require_within_limits(transaction: Transaction) -> None:
    rules = email_rules.list_rows(transaction)
    if len(rules) > _MOST_RULES:
        raise Conflict(f"An organization may have {_MOST_RULES} rules: delete one first")
    if sum(len(rule.conditions) for rule in rules) > _MOST_CONDITIONS:
        raise Conflict(
            f"The rules may have {_MOST_CONDITIONS} conditions together: remove some first",
            field="conditions",
        )


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Return values without empty fields of conditions and actions, so that they are stored as they are shown."""
    for name in ("conditions", "actions"):
        if name in values:
            values[name] = [
                {key: value for key, value in part.items() if value is not None} for part in values[name]
            ]
    return values


def _shown(rule: EmailRule) -> dict[str, Any]:
    return rule.model_dump(
        mode="json", include={"name", "position", "is_active", "match", "conditions", "actions"}
    )


def _audit(
    transaction: Transaction,
    actor: Actor,
    action: str,
    rule_id: UUID | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    old, new = masked_pairs(before, after)
    sides = {name: side for name, side in (("before", old), ("after", new)) if side is not None}
    audit.append(
        transaction,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        action=action,
        succeeded=True,
        details={**({"rule_id": str(rule_id)} if rule_id else {}), **sides},
    )
