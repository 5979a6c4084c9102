"""The catalogue: complete, consistent, and in nobody's words but the guide's and ours."""

import pytest

from banxway.services.status.diagnosis.catalogue import AREAS, CAUSES


@pytest.mark.parametrize("code", CAUSES)
def test_a_cause_tells_what_is_seen_why_and_what_to_do(code):
    cause = CAUSES[code]

    assert cause.area in AREAS
    assert all(len(text) > 10 and not text.endswith(".") for text in (cause.symptom, cause.cause, cause.fix))
    assert cause.issue in (None, *range(1, 11))


@pytest.mark.parametrize("code", [code for code, cause in CAUSES.items() if cause.hides])
def test_what_a_cause_hides_exists(code):
    unknown = [
        name
        for name in CAUSES[code].hides
        if not any(known.startswith(name[:-1]) if name.endswith("*") else known == name for known in CAUSES)
    ]

    assert unknown == []


def test_every_issue_of_the_guide_is_covered():
    assert {cause.issue for cause in CAUSES.values()} == {None, *range(1, 11)}


def test_a_symptom_leads_to_one_cause():
    """Anybody who searches the page for what they see must not find several entries that say the same."""
    symptoms = {code: cause.symptom.lower() for code, cause in CAUSES.items()}

    shared = [
        (one, other)
        for one, symptom in symptoms.items()
        for other, its in symptoms.items()
        if one != other and symptom in its
    ]

    assert shared == []
