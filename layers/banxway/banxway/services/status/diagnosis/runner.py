"""Diagnosis: examines one organization and the deployment that serves it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from banxway.clock import Clock
from banxway.models.actors import Actor
from banxway.models.status.diagnosis import Diagnosis as Report
from banxway.models.status.diagnosis import DiagnosisCheck, GroupName
from banxway.providers.base import Providers
from banxway.services.integrations.credentials import Credentials
from banxway.services.status.diagnosis import (
    encryption,
    environment,
    exotel,
    organization,
    queues,
    sending,
    webhooks,
)
from banxway.services.status.diagnosis.causes import Found
from banxway.services.status.diagnosis.clocks import ClockExamination
from banxway.services.status.diagnosis.conclusions import conclude
from banxway.services.status.diagnosis.deployment import Deployment
from banxway.services.status.diagnosis.encryption import Opened
from banxway.services.status.diagnosis.groups import group_of_check, is_asked, summed
from banxway.services.status.diagnosis.mail import polling
from banxway.services.status.diagnosis.mail.logins import MailExamination
from banxway.services.status.diagnosis.probes import Asked, ask_all
from banxway.storage import migrator
from banxway.storage.database import Database
from banxway.storage.integrations.integrations import StandIn
from banxway.storage.status import diagnosis as stored
from banxway.storage.status.diagnosis import Facts


class Diagnosis:
    """Asks real servers real questions; changes nothing and contacts no customer.

    `deadline_s` bounds the questions to the world outside; the whole takes a few seconds more at most.
    """

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        credentials: Callable[[], Credentials],
        deployment: Deployment,
        clock: Clock,
        deadline_s: float = 14.0,
    ) -> None:
        self._database = database
        self._providers = providers
        self._credentials = credentials
        self._deployment = deployment
        self._clock = clock
        self._deadline_s = deadline_s

    def run(self, *, actor: Actor, group: GroupName | None = None) -> Report:
        """Return one finding per root cause, the gravest first, every check that was made, and every group's state.

        With a `group`, asks nobody but whom this group is about, and returns only its findings.
        """
        checks = _Checks(self._clock)
        concluded = conclude(list(self._examine(actor, checks, group)))
        findings = [each for each in concluded if group in (None, each.group)]
        return Report(
            checked_at=self._clock.now(),
            healthy=all(each.severity == "note" for each in findings),
            findings=findings,
            checks=[each for each in checks.made if group in (None, each.group)],
            # By all findings: what is wrong with the keys blocks the others.
            groups=summed(concluded, checks.made, asked=group, has_facts=checks.has_facts),
        )

    def _examine(self, actor: Actor, checks: "_Checks", group: GroupName | None) -> Iterator[Found]:
        # For the organization: a manager's own scope shows nobody else's permissions.
        with (
            checks.timing("database", "migrations"),
            self._database.organization(actor.organization_id) as transaction,
        ):
            missing = sorted({*migrator.migration_names()} - stored.applied_migrations(transaction))
            began = self._clock.now()
            facts = None if missing else stored.read_facts(transaction, late_s=sending.LATE_S)
            halfway = began + (self._clock.now() - began) / 2
        if facts is None:
            checks.has_facts = False
            checks.spoil()
            yield Found("migration_missing", "database", f"not applied: {', '.join(missing)}")
            return
        facts.integrations.extend(self._stand_ins(actor, facts))
        with checks.timing("encryption", "credentials"):
            opened = encryption.open_all(
                facts, organization_id=actor.organization_id, credentials=self._credentials
            )
        yield from opened.found
        yield from environment.examine(facts, opened, self._deployment.environment, actor.organization_id)
        yield from self._look(facts, checks)
        yield from self._ask(facts, opened, facts.now - halfway, checks, group)

    def _stand_ins(self, actor: Actor, facts: Facts) -> list[StandIn]:
        saved = {row.integration_type for row in facts.integrations}
        rows = self._deployment.environment.list_all(actor.organization_id)
        return [row for row in rows if row.integration_type not in saved]

    def _look(self, facts: Facts, checks: "_Checks") -> Iterator[Found]:
        with checks.timing("ledger", "epoch"):
            epoch = sending.check_epoch(self._deployment)
        with checks.timing("rows", "organization"):
            found = [
                *organization.examine(facts),
                *polling.examine(facts),
                *sending.examine(facts),
                *webhooks.examine(facts, self._deployment),
                *queues.examine(facts, self._deployment),
            ]
        yield from epoch
        yield from found

    def _ask(
        self,
        facts: Facts,
        opened: Opened,
        database_ahead: timedelta,
        checks: "_Checks",
        group: GroupName | None,
    ) -> Iterator[Found]:
        mail = MailExamination(facts, opened, self._providers)
        clocks = ClockExamination(
            self._deployment,
            self._clock,
            exotel_url=next((each.base_url for each in opened.accounts.values()), None),
            database_ahead=database_ahead,
        )
        probes = [
            *exotel.probes(facts, opened, self._providers),
            *mail.probes(),
            *queues.probes(self._deployment),
            *webhooks.probes(self._deployment),
            *clocks.probes(),
        ]
        probes = [each for each in probes if is_asked(group, each.name, each.subject)]
        for asked in ask_all(probes, deadline_s=self._deadline_s, clock=self._clock):
            checks.add(asked)
            yield from asked.result.found
        if group in (None, "mailboxes"):
            yield from mail.conclude()
        yield from clocks.conclude()


class _Checks:
    """The list of what was checked; the last one made can be spoiled by what it showed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.made: list[DiagnosisCheck] = []
        self.has_facts = True

    @contextmanager
    def timing(self, name: str, subject: str) -> Iterator[None]:
        began = self._clock.monotonic()
        yield
        duration_ms = round((self._clock.monotonic() - began) * 1000)
        self._add(name, subject, ok=True, duration_ms=duration_ms)

    def spoil(self) -> None:
        self.made[-1] = self.made[-1].model_copy(update={"ok": False})

    def add(self, asked: Asked) -> None:
        probe = asked.probe
        self._add(probe.name, probe.subject, ok=asked.result.ok, duration_ms=asked.duration_ms)

    def _add(self, name: str, subject: str, *, ok: bool, duration_ms: int) -> None:
        group = group_of_check(name, subject)
        self.made.append(
            DiagnosisCheck(name=name, group=group, subject=subject, ok=ok, duration_ms=duration_ms)
        )
