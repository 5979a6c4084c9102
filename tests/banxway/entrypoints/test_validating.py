"""The rules for a request's content, and the sentence for each broken rule."""

from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field, Tag, field_validator, model_validator

from banxway.entrypoints.validating import NoQuery, validated, validated_query
from banxway.errors import BadRequest, ValidationFailed
from banxway.models.email_rules.rules import NewEmailRule
from banxway.models.fields import FieldProblem, Instant, RequestBody, Shape
from banxway.models.messages.messages import NewMessage
from banxway.models.pages import PageQuery
from banxway.models.threads.threads import ThreadQuery
from tests.support.gates.routes import ROUTES


class Inner(RequestBody):
    count: int = Field(ge=1)


class Whatsapp(RequestBody):
    channel: Literal["WHATSAPP"]
    variables: dict[Annotated[str, Field(min_length=1, max_length=9)], str] = Field(default={})


class Email(RequestBody):
    channel: Literal["EMAIL"]
    inner: Inner


class Ruled(RequestBody):
    name: str = "none"
    code: Annotated[str, Field(max_length=5), Shape("[a-z]+", "must have only the letters a to z")] = "a"
    other: str | None = None
    flag: bool | None = None
    port: int = Field(default=1, ge=1, le=65535)
    most: int = Field(default=1, le=9)
    words: list[Literal["a", "b"]] = Field(default=[], max_length=2)
    some: list[str] = Field(default=["x"], min_length=1)
    ids: list[UUID] = Field(default=[])
    whom: UUID | Literal["nobody"] | None = None
    at: Instant | None = None
    kept: Literal[True] = True

    @field_validator("name")
    @classmethod
    def _rule(cls, value: str) -> str:
        if value == "sentence":
            raise ValueError("Choose another name: this one is taken")
        if value == "clause":
            raise ValueError("must be another name")
        return value

    @model_validator(mode="after")
    def _rules(self) -> "Ruled":
        if self.other == self.name:
            raise FieldProblem("other", "must not be the name")
        return self


Sent = Annotated[
    Annotated[Whatsapp, Tag("WHATSAPP")] | Annotated[Email, Tag("EMAIL")], Field(discriminator="channel")
]


class Nested(RequestBody):
    sent: Sent
    ruled: Ruled = Ruled()


UUID_RULE = "ids.0 must be a UUID"
INSTANT = "at must be a date and time with its offset, such as 2026-01-15T09:30:00Z"
BROKEN = [
    (Inner, {"count": 1, "more": 2}, "more", "Unknown field: more"),
    (Inner, {}, "count", "count is required"),
    (Inner, {"count": "many"}, "count", "count must be a whole number of at least 1"),
    (Inner, {"count": 0}, "count", "count must be a whole number of at least 1"),
    (Inner, {"count": None}, "count", "count must be a whole number of at least 1"),
    (Ruled, {"port": "1"}, "port", "port must be a whole number from 1 to 65535"),
    (Ruled, {"port": 1.0}, "port", "port must be a whole number from 1 to 65535"),
    (Ruled, {"port": True}, "port", "port must be a whole number from 1 to 65535"),
    (Ruled, {"most": 10**400}, "most", "most must be a whole number of at most 9"),
    (Ruled, {"flag": "f"}, "flag", "flag must be true or false"),
    (Ruled, {"flag": 0}, "flag", "flag must be true or false"),
    (Ruled, {"kept": False}, "kept", "kept must be true"),
    (Ruled, {"name": "sentence"}, "name", "Choose another name: this one is taken"),
    (Ruled, {"name": "clause"}, "name", "name must be another name"),
    (Ruled, {"name": 5}, "name", "name must be a text"),
    (Ruled, {"name": ["x"]}, "name", "name must be a text"),
    (Ruled, {"name": "x", "other": "x"}, "other", "other must not be the name"),
    (Ruled, {"code": "A"}, "code", "code must have only the letters a to z"),
    (Ruled, {"code": "abcdef"}, "code", "code must be a text of at most 5 characters"),
    (Ruled, {"words": "a"}, "words", "words must be a list of at most 2 entries"),
    (Ruled, {"words": ["a", "c"]}, "words.1", "words.1 must be a or b"),
    (Ruled, {"words": ["a", "b", "a"]}, "words", "words must be a list of at most 2 entries"),
    (Ruled, {"some": []}, "some", "some must be a list of at least 1 entry"),
    (Ruled, {"ids": [5]}, "ids.0", UUID_RULE),
    (Ruled, {"ids": ["zz"]}, "ids.0", UUID_RULE),
    (Ruled, {"whom": 5}, "whom", "whom must be a UUID or nobody"),
    (Ruled, {"at": 1}, "at", INSTANT),
    (Ruled, {"at": "5"}, "at", INSTANT),
    (Ruled, {"at": "0" * 100_000}, "at", INSTANT),
    (Sent, {}, "channel", "channel is required"),
    (Sent, {"channel": "PIGEON"}, "channel", "channel must be WHATSAPP or EMAIL"),
    (Sent, {"channel": ["EMAIL"]}, "channel", "channel must be WHATSAPP or EMAIL"),
    (Sent, {"channel": "EMAIL", "inner": {"count": 0}}, "inner.count", None),
    (Sent, {"channel": "EMAIL", "inner": 5}, "inner", "inner must be an object"),
    (Sent, {"channel": "WHATSAPP", "text": 1}, "text", "Unknown field: text"),
    # A variable may have the name of a member of the union.
    (Sent, {"channel": "WHATSAPP", "variables": {"WHATSAPP": 5}}, "variables.WHATSAPP", None),
    (
        Sent,
        {"channel": "WHATSAPP", "variables": {"": "x"}},
        "variables",
        "variables must have names of 1 to 9 characters",
    ),
    (Nested, {"sent": {"channel": "EMAIL"}}, "sent.inner", "sent.inner is required"),
    (Nested, {"sent": {"channel": "x"}}, "sent.channel", "sent.channel must be WHATSAPP or EMAIL"),
    (
        Nested,
        {"sent": {"channel": "WHATSAPP"}, "ruled": {"name": "x", "other": "x"}},
        "ruled.other",
        "ruled.other must not be the name",
    ),
    (NewMessage, {"channel": "EMAIL", "to": []}, "to", "to must be a list of at least 1 entry"),
    (NewMessage, {"channel": "EMAIL", "to": 5}, "to", "to must be a list of at least 1 entry"),
    (
        NewEmailRule,
        {"name": "x", "conditions": [{"field": "header", "operator": "is", "value": "x"}], "actions": []},
        "conditions.0.operator",
        "conditions.0.operator must be contains, equals, starts_with, ends_with or matches",
    ),
    (
        NewEmailRule,
        {"name": "x", "actions": [{"type": "forward", "address": "nobody"}]},
        "actions.0.address",
        "actions.0.address must be an email address, such as support@yourdomain.com",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("model", "content", "field", "sentence"), BROKEN)
def test_the_first_broken_rule_is_named_with_its_field_and_in_our_words(model, content, field, sentence):
    with pytest.raises(ValidationFailed) as refused:
        validated(model, content)

    assert refused.value.details == {"field": field}
    assert refused.value.message == sentence or sentence is None
    assert refused.value.message.startswith(field) or not refused.value.message[0].islower()


def test_what_was_typed_is_cut_where_it_is_repeated():
    with pytest.raises(ValidationFailed) as refused:
        validated(Inner, {"count": 1, "x" * 200_000: 1})

    assert refused.value.message == f"Unknown field: {'x' * 99}…"
    assert refused.value.details == {"field": "x" * 99 + "…"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "+5"}, "limit"),
        ({"limit": " 5"}, "limit"),
        ({"limit": "5.0"}, "limit"),
        ({"limit": "1_0"}, "limit"),
        ({"limit": "05"}, "limit"),
        ({"limit": "٥"}, "limit"),
        ({"limit": "1,2"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"is_spam": "1"}, "is_spam"),
        ({"is_spam": "yes"}, "is_spam"),
        ({"is_spam": "True"}, "is_spam"),
        ({"assigned_to": "somebody"}, "assigned_to"),
        ({"status": "OPEN"}, "status"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_query_is_as_strict_as_a_body(query, field):
    with pytest.raises(ValidationFailed) as refused:
        validated_query(ThreadQuery, query)

    assert refused.value.details == {"field": field}


def test_a_query_spells_numbers_flags_and_ids():
    query = validated_query(ThreadQuery, {"limit": "7", "is_spam": "true", "customer_id": str(UUID(int=1))})

    assert (query.limit, query.is_spam, query.customer_id) == (7, True, UUID(int=1))


def test_a_text_of_digits_stays_a_text():
    assert validated_query(ThreadQuery, {"tag": "7"}).tag == "7"
    assert validated_query(PageQuery, {"cursor": "true"}).cursor == "true"


def test_what_cannot_be_stored_is_refused_in_a_query_too():
    with pytest.raises(ValidationFailed, match="tag must not contain NUL"):
        validated_query(ThreadQuery, {"tag": "a\0"})
    with pytest.raises(BadRequest, match="name of a field"):
        validated_query(NoQuery, {"\0": "a"})


def _kinds_of(schema: Any) -> set[str]:
    """Return the types of all nodes of a core schema."""
    if isinstance(schema, dict):
        own = {schema["type"]} if isinstance(schema.get("type"), str) else set()
        return own.union(*map(_kinds_of, schema.values()))
    if isinstance(schema, list | tuple):
        return set().union(*map(_kinds_of, schema))
    return set()


def test_every_rule_of_every_route_has_words_of_ours():
    """A type without a description would be described as "of another kind"."""
    from pydantic import TypeAdapter

    from banxway.entrypoints.http import ByPath

    models = [
        model for route in ROUTES if route.endpoint for model in (route.endpoint.body, route.endpoint.query)
    ]
    flat = [
        one for model in models for one in (model.models.values() if isinstance(model, ByPath) else [model])
    ]
    kinds = set().union(*(_kinds_of(TypeAdapter(model).core_schema) for model in flat if model))
    known = {
        "str",
        "int",
        "list",
        "dict",
        "literal",
        "enum",
        "union",
        "tagged-union",
        "bool",
        "uuid",
        "datetime",
        "date",
    }
    wrapping = {
        "nullable",
        "default",
        "definitions",
        "definition-ref",
        "chain",
        "model",
        "model-fields",
        "model-field",
    }
    functions = {"function-after", "function-before", "function-wrap", "no-info", "with-info"}

    assert kinds <= known | wrapping | functions
