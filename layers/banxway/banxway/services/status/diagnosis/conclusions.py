"""Turns everything that was found into one entry per root cause."""

from collections.abc import Iterable

from banxway.models.status.diagnosis import DiagnosisFinding
from banxway.security.known_secrets import masked
from banxway.services.status.diagnosis.catalogue import AREAS, CAUSES
from banxway.services.status.diagnosis.causes import Cause, Found
from banxway.services.status.diagnosis.groups import group_of_finding

_LONGEST_EVIDENCE = 600
_SEVERITIES = ("error", "warning", "note")


def conclude(found: Iterable[Found]) -> list[DiagnosisFinding]:
    """Return one entry per root cause, without mere consequences, the gravest first."""
    merged = _merged(found)
    kept = [each for each in merged if not any(_hides(other, each) for other in merged)]
    order = list(AREAS)
    kept.sort(
        key=lambda each: (
            _SEVERITIES.index(CAUSES[each.code].severity),
            order.index(CAUSES[each.code].area),
            each.code,
            each.subject,
        )
    )
    return [_entry(each) for each in kept]


def _merged(found: Iterable[Found]) -> list[Found]:
    by_root: dict[object, Found] = {}
    for each in found:
        root = each.root if each.root is not None else (each.code, each.subject)
        known = by_root.get(root)
        by_root[root] = each if known is None else _joined(known, each)
    return list(by_root.values())


def _joined(first: Found, second: Found) -> Found:
    subjects = list(dict.fromkeys([*first.subject.split(", "), second.subject]))
    evidence = list(dict.fromkeys([first.evidence, second.evidence]))
    return Found(first.code, ", ".join(subjects), "; ".join(evidence), first.root)


def _hides(cause: Found, consequence: Found) -> bool:
    entry = CAUSES[cause.code]
    if cause is consequence or not any(_names(each, consequence.code) for each in entry.hides):
        return False
    if cause.code == consequence.code:
        return False
    return entry.everywhere or bool(set(cause.subject.split(", ")) & set(consequence.subject.split(", ")))


def _names(pattern: str, code: str) -> bool:
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


def _entry(found: Found) -> DiagnosisFinding:
    entry: Cause = CAUSES[found.code]
    return DiagnosisFinding(
        code=entry.code,
        area=entry.area,
        group=group_of_finding(entry.code, entry.area, found.subject),
        subject=found.subject,
        severity=entry.severity,
        symptom=entry.symptom,
        # Providers quote what they were sent; what was decrypted for the diagnosis is masked again.
        evidence=masked(found.evidence)[:_LONGEST_EVIDENCE],
        cause=entry.cause,
        fix=entry.fix,
        guide_issue=entry.issue,
    )
