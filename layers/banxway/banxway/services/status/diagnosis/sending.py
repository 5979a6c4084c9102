"""Checks whether queued messages leave, and why messages fail (the guide's issues 3 and 10)."""

import re

from banxway.errors import BanxwayError, SettingsError
from banxway.reasons import Reason
from banxway.services.status.diagnosis.causes import Found
from banxway.services.status.diagnosis.deployment import Deployment
from banxway.services.status.diagnosis.encryption import explain, is_about_keys
from banxway.storage.status.diagnosis import Facts, Failures

LATE_S = 300
"""How long past its time a message may wait before it is reported."""

_MANY = 3
_CHANNEL_TYPES = {"WHATSAPP": "exotel_whatsapp", "EMAIL": "zoho_mail", "SMS": "exotel_sms"}
# Of Exotel's report codes (reference/exotel.md, 6.4), else of the words.
_WHATSAPP_CAUSES = (
    ("whatsapp_quality_low", ("30008",), re.compile(r"quality|RESTRICTED_BY_META|\bspam\b", re.IGNORECASE)),
    ("whatsapp_limit_reached", ("30007",), re.compile(r"messaging limit|daily limit", re.IGNORECASE)),
    ("whatsapp_setup_incomplete", ("30006",), re.compile(r"SETUP_ERROR")),
)


def examine(facts: Facts) -> list[Found]:
    """Return what the ledger of the last day shows."""
    found = []
    sending = facts.sending
    if sending.waiting:
        oldest = (sending.oldest_waiting_s or LATE_S) / 60
        evidence = f"{sending.waiting} messages are late, the oldest by {oldest:.0f} min"
        found.append(Found("messages_waiting", "ledger", evidence))
    if sending.unknown:
        found.append(Found("messages_unknown", "ledger", f"{sending.unknown} messages have status unknown"))
    return [*found, *_failures(facts)]


def _failures(facts: Facts) -> list[Found]:
    named: dict[tuple[str, str], list[Failures]] = {}
    for row in facts.failures:
        subject = _CHANNEL_TYPES.get(row.channel, str(row.channel))
        named.setdefault((_cause_of(row), subject), []).append(row)
    return [
        Found(code, subject, _evidence(rows))
        for (code, subject), rows in named.items()
        if code != "sends_failing" or _are_most(rows, facts)
    ]


def _cause_of(row: Failures) -> str:
    words = str(row.reason or "")
    if row.channel == "WHATSAPP":
        for code, codes, pattern in _WHATSAPP_CAUSES:
            if row.code in codes or pattern.search(words):
                return code
    return "sends_failing"


def _are_most(rows: list[Failures], facts: Facts) -> bool:
    failed: int = sum(row.failures for row in rows)
    return failed >= _MANY and failed > int(facts.sending.succeeded)


def _evidence(rows: list[Failures]) -> str:
    commonest = max(rows, key=lambda row: row.failures)
    total = sum(row.failures for row in rows)
    code = f" {commonest.code}" if commonest.code else ""
    advice = f" ({commonest.advice})" if commonest.advice else ""
    return (
        f"{total} messages failed within 24 hours, most with{code}: {commonest.reason or 'no reason'}{advice}"
    )


def check_epoch(deployment: Deployment) -> list[Found]:
    """Compare the ledger with its copy outside the database; uses the database's one connection."""
    try:
        deployment.check_epoch()
    except (BanxwayError, SettingsError) as error:
        if error.reason == Reason.LEDGER_EPOCH_BEHIND:
            return [Found("ledger_epoch_behind", "ledger", error.message)]
        if is_about_keys(error):
            return [explain(error, "blob store")]
        return [Found("blob_store_unreachable", "blob store", error.message)]
    except OSError as error:
        return [Found("blob_store_unreachable", "blob store", type(error).__name__)]
    return []
