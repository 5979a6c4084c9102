"""When a rule fires: texts without their case, globs in linear time, and every other property of a mail."""

import fnmatch
import itertools
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.email_rules.rules import Condition
from banxway.models.mail import MailOrigin
from banxway.services.email_rules import match as rule_matching
from banxway.services.email_rules.match import AttachmentFacts, ExaminedMail, matched_conditions
from banxway.services.email_rules.patterns import fits_glob

ACCOUNT = UUID(int=5)
CONDITIONS = TypeAdapter(list[Condition])
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def _mail(**changes: Any) -> ExaminedMail:
    headers = {"x-priority": ["1"], "received": ["from a", "from b"]}
    values: dict[str, Any] = {
        "sender": "asha@customer.example",
        "recipients": ["support@yourdomain.com", "sales@yourdomain.com"],
        "subject": "Invoice 4711 für Größe M",
        "body": "Dear team,\nplease find the INVOICE attached.\nRegards",
        "account_ids": [ACCOUNT],
        "origin": MailOrigin.HUMAN,
        "arrived_at": MONDAY_NOON,
        "attachments": [AttachmentFacts("Invoice.PDF", "application/pdf", 120_000, is_inline=False)],
        "headers": lambda name: headers.get(name, []),
    }
    return ExaminedMail(**(values | changes))


def _fires(*conditions: dict[str, Any], match: Any = "all", hours: Any = None, **changes: Any) -> bool:
    held = matched_conditions(CONDITIONS.validate_python(conditions), match, _mail(**changes), hours=hours)
    return held is not None


def _text(field: str, operator: str, value: str, **more: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value, **more}


HOLDS = {
    "sender equals": _text("sender", "equals", "Asha@Customer.example"),
    "sender ends with": _text("sender", "ends_with", "@customer.example"),
    "any recipient": _text("recipient", "equals", "sales@yourdomain.com"),
    "subject contains, whatever the case": _text("subject", "contains", "GRÖSSE"),
    "subject contains, in letters of another case": _text("subject", "contains", "größe"),
    "subject starts with": _text("subject", "starts_with", "invoice"),
    "body contains": _text("body", "contains", "invoice attached"),
    "body matches over lines": _text("body", "matches", "dear*attached*regards"),
    "a question mark is one character": _text("subject", "matches", "invoice ????*"),
    "a header": _text("header", "equals", "1", name="X-Priority"),
    "any value of a header": _text("header", "contains", "from b", name="Received"),
    "an attachment": {"field": "has_attachment"},
    "an attachment's name": _text("attachment_name", "ends_with", ".pdf"),
    "an attachment's type": _text("attachment_type", "matches", "application/*"),
    "a large attachment": {"field": "attachment_larger_than", "size_bytes": 100_000},
    "the mailbox": {"field": "account", "account_id": str(ACCOUNT)},
    "the origin": {"field": "origin", "value": "human"},
    "no such header": _text("header", "contains", "x", name="X-Spam", negate=True),
    "another mailbox, negated": {"field": "account", "account_id": str(UUID(int=6)), "negate": True},
}


@pytest.mark.parametrize("condition", HOLDS.values(), ids=HOLDS)
def test_it_holds_and_its_negation_does_not(condition: dict[str, Any]) -> None:
    opposite = condition | {"negate": not condition.get("negate", False)}

    assert _fires(condition)
    assert not _fires(opposite)


def test_all_conditions_must_hold_or_any() -> None:
    true, false = _text("subject", "contains", "invoice"), _text("subject", "contains", "parcel")

    assert [_fires(true, false), _fires(true, true), _fires(false)] == [False, True, False]
    assert [_fires(true, false, match="any"), _fires(false, false, match="any")] == [True, False]


def test_a_rule_without_conditions_fires_for_every_mail() -> None:
    assert [_fires(), _fires(match="any")] == [True, True]


def _saw(*conditions: dict[str, Any], **changes: Any) -> list[str]:
    held = matched_conditions(CONDITIONS.validate_python(conditions), "any", _mail(**changes), hours=None)
    return [each.saw for each in held or ()]


@pytest.mark.parametrize("value", MailOrigin)
def test_the_origin_is_the_one_that_was_named(value: MailOrigin) -> None:
    fires = [origin for origin in MailOrigin if _fires({"field": "origin", "value": value}, origin=origin)]

    assert fires == [value]


@pytest.mark.parametrize(
    ("text", "fires"), [("b", True), ("a", False), ("c", False), ("ba", False), ("", False)]
)
def test_a_text_that_equals_is_neither_before_nor_behind(text: str, fires: bool) -> None:
    assert _fires(_text("subject", "equals", "b"), subject=text) is fires


@pytest.mark.parametrize(
    ("sizes", "fires"), [([99], False), ([100], False), ([101], True), ([7, 101, 9], True), ([], False)]
)
def test_a_large_attachment_is_one_of_more_bytes(sizes: list[int], fires: bool) -> None:
    attachments = [AttachmentFacts("a", "a/b", size, is_inline=False) for size in sizes]

    assert _fires({"field": "attachment_larger_than", "size_bytes": 100}, attachments=attachments) is fires


def test_the_largest_of_no_attachments_has_no_bytes() -> None:
    without = {"field": "attachment_larger_than", "size_bytes": 1, "negate": True}

    assert _saw(without, attachments=[]) == ["0 bytes"]


def test_what_is_dear_to_look_at_is_looked_at_last_and_only_if_it_still_matters() -> None:
    """A header may have to be read from storage; a body is long."""
    asked: list[str] = []

    def headers(name: str) -> list[str]:
        asked.append(name)
        return ["1"]

    header, body = _text("header", "equals", "1", name="X"), _text("body", "contains", "dear")
    name = _text("attachment_name", "contains", "invoice")

    assert _saw(header, body, name, headers=headers)[:1] == ["Invoice.PDF"]
    assert _saw(header, body, headers=headers)[-1] == "1"
    asked.clear()
    assert not _fires(header, _text("body", "contains", "nothing of it"), headers=headers)
    assert asked == []


def test_a_condition_is_shown_with_what_it_says_alone() -> None:
    condition = {"field": "business_hours", "is_open": True}

    (held,) = matched_conditions(CONDITIONS.validate_python([condition]), "all", _mail(), hours=None) or ()

    assert held.condition == condition | {"negate": False}


def test_an_open_hour_is_not_a_closed_one() -> None:
    assert not _fires({"field": "business_hours", "is_open": False})


def test_a_negated_condition_says_what_it_was_compared_with_and_not_all_of_it() -> None:
    people = [f"person{number}@customer.example" for number in range(7)]
    files = [AttachmentFacts(f"{number}.pdf", "application/pdf", 9, is_inline=False) for number in range(25)]

    assert _saw(_text("recipient", "equals", "nobody", negate=True), recipients=people) == [
        ", ".join(people[:5])
    ]
    assert _saw({"field": "has_attachment"}, attachments=files) == [
        ", ".join(f"{number}.pdf" for number in range(20))
    ]


@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ([64_000, 5], [64_000]),
        ([63_999, 5], [63_999]),
        ([63_998, 5], [63_998, 1]),
        ([70_000, 5], [64_000]),
        ([31_999, 31_999, 5], [31_999, 31_999]),
        ([31_999, 31_998, 5], [31_999, 31_998, 1]),
    ],
)
def test_several_texts_are_read_up_to_64000_characters_together(lengths: list[int], kept: list[int]) -> None:
    mail = _mail(headers=lambda name: ["x" * length for length in lengths])

    assert [len(text) for text, _ in mail.texts("header:x")] == kept


@pytest.mark.parametrize(
    ("before", "behind", "start"),
    [(5, 300, 0), (39, 300, 0), (40, 300, 0), (41, 300, 1), (100, 300, 60), (100, 93, 0), (100, 94, 60)],
)
def test_what_a_condition_saw_begins_40_characters_before_it_and_is_200_long(
    before: int, behind: int, start: int
) -> None:
    """A text of 200 characters is shown whole."""
    text = "".join(chr(0x4E00 + at) for at in range(before)) + "INVOICE" + "y" * behind

    assert _saw(_text("subject", "contains", "invoice"), subject=text) == [text[start : start + 200]]


def test_an_image_within_the_text_is_no_attachment() -> None:
    image = AttachmentFacts("logo.png", "image/png", 900, is_inline=True)

    assert not _fires({"field": "has_attachment"}, attachments=[image])


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (MONDAY_NOON, True),
        (datetime(2026, 11, 23, 3, 29, tzinfo=UTC), False),  # 8:59 in Kolkata
        (datetime(2026, 11, 23, 3, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 12, 0, tzinfo=UTC), False),
    ],
    ids=["noon", "a minute early", "on time", "sunday", "a day left out"],
)
def test_business_hours_are_read_in_their_own_timezone(at: datetime, is_open: bool) -> None:
    hours = {"monday": {"start": "09:00", "end": "18:00"}, "sunday": {"closed": True}}
    own = {"field": "business_hours", "is_open": True, "hours": hours}
    organizations = {"field": "business_hours", "is_open": True}

    assert _fires(own, arrived_at=at) is is_open
    assert _fires(organizations, arrived_at=at, hours=BusinessHours(**hours)) is is_open
    assert _fires(organizations, arrived_at=at, hours=None)
    assert _fires(organizations, arrived_at=at, hours=BusinessHours(enabled=False))


def test_a_conditions_own_business_hours_count_and_not_the_organizations() -> None:
    """Monday noon UTC is 17:30 in Kolkata."""
    night, day = (
        {"monday": {"start": "20:00", "end": "23:00"}},
        {"monday": {"start": "09:00", "end": "18:00"}},
    )
    own = {"field": "business_hours", "is_open": True, "hours": night}

    assert not _fires(own, hours=BusinessHours(**day))
    assert _fires(own | {"is_open": False}, hours=BusinessHours(**day))


def test_what_a_condition_saw_is_said_around_the_place_and_cut() -> None:
    body = "x" * 5_000 + " the invoice is late " + "y" * 5_000

    held = matched_conditions(
        CONDITIONS.validate_python([_text("body", "contains", "invoice")]),
        "all",
        _mail(body=body),
        hours=None,
    )

    assert held is not None
    assert "the invoice is late" in held[0].saw
    assert len(held[0].saw) <= 200


# Globs.


def test_a_glob_fits_as_the_shells_does() -> None:
    """Every pattern of up to five of these characters against every text of up to four."""
    patterns = ["".join(each) for n in range(6) for each in itertools.product("a1*?", repeat=n)]
    texts = ["".join(each) for n in range(5) for each in itertools.product("a1", repeat=n)]

    wrong = [
        (pattern, text)
        for pattern in patterns
        for text in texts
        if fits_glob(text, pattern) != fnmatch.fnmatchcase(text, pattern)
    ]

    assert wrong == []


EVIL = {
    "stars": "*" * 200,
    "a star between each": "*a" * 99 + "b",
    "questions": "*" + "a?" * 98 + "b*",
    "questions between stars": "*a?" * 66 + "b",
    "many questions": "*" + "?" * 197 + "b",
    "a regular expression's": "*(a+)+$*",
    "a long literal": "*" + "a" * 197 + "b*",
}


class CountedText(str):
    """A text that counts how many of its characters are read, by index or by a search."""

    __slots__ = ("looks",)

    def __new__(cls, text: str) -> "CountedText":
        made = super().__new__(cls, text)
        made.looks = 0
        return made

    def __getitem__(self, place: Any) -> str:
        found = super().__getitem__(place)
        self.looks += len(found)
        return found

    def find(self, piece: str, at: int = 0) -> int:  # type: ignore[override]  # as it is called here
        found = super().find(piece, at)
        self.looks += (len(self) if found < 0 else found + len(piece)) - at
        return found


@pytest.mark.parametrize("text", ["a" * 65_536, "ab" * 32_768, "a" * 65_535 + "c"], ids=["a", "ab", "aac"])
@pytest.mark.parametrize("pattern", EVIL.values(), ids=EVIL)
def test_no_rule_pattern_looks_at_more_than_its_text_once(pattern: str, text: str) -> None:
    """Threat 37: work grows with the text alone. Reads by another kind of matcher would not be counted."""
    counted = CountedText(text)

    fits_glob(counted, pattern)

    assert counted.looks <= len(text) + len(pattern)


@pytest.mark.parametrize("pattern", ["*b*", "*?b", "*a?b*", "*" + "?" * 197 + "b*"])
def test_a_pattern_that_fits_nowhere_has_looked_at_the_whole_text(pattern: str) -> None:
    """The control of the test above: reads are counted."""
    counted = CountedText("a" * 65_536)

    assert not fits_glob(counted, pattern)
    assert counted.looks >= (1 if pattern == "*?b" else len(counted) - len(pattern))


def test_twenty_conditions_on_one_text_fold_it_once_and_look_at_the_part_that_anybody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The limits bound a mail's cost for the worst rules that an organization may have."""
    folded: list[int] = []
    compared: list[int] = []

    class Folding(str):
        __slots__ = ()

        def __getitem__(self, place: Any) -> "Folding":
            return Folding(super().__getitem__(place))

        def casefold(self) -> str:
            folded.append(len(self))
            return super().casefold()

    monkeypatch.setattr(
        rule_matching, "compare", lambda operator, text, wanted: compared.append(len(text)) is not None
    )
    conditions = CONDITIONS.validate_python([_text("body", "matches", EVIL["questions"], negate=True)] * 20)

    matched_conditions(conditions, "all", _mail(body=Folding("a" * 1_000_000)), hours=None)

    assert folded == [64_000]
    assert compared == [64_000] * 20
