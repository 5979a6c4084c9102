"""The context in HTML that a variable is inserted in, as browsers read it."""

import pytest

from banxway.services.email_templates import insertion_contexts
from banxway.services.email_templates.insertion_contexts import InsertionContext, contexts_of
from tests.support.timing.pattern_steps import counting

HERE = "{{x}}"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{{x}}", InsertionContext.TEXT),
        ("<p>{{x}}</p>", InsertionContext.TEXT),
        ("3 < 4 {{x}}", InsertionContext.TEXT),
        ("<3 {{x}}", InsertionContext.TEXT),
        ('<p title="{{x}}">', InsertionContext.TEXT),
        ("<p title='a {{x}}'>", InsertionContext.TEXT),
        ('<p title = "{{x}}">', InsertionContext.TEXT),
        ('<p title=it\'s class="{{x}}">', InsertionContext.TEXT),
        ("<!-- {{x}} -->", InsertionContext.TEXT),
        ("<script>1</script>{{x}}", InsertionContext.TEXT),
        ("<script>1</script >{{x}}", InsertionContext.TEXT),
        ('<a href="https://x.example/{{x}}">', InsertionContext.TEXT),
        ('<a title=">" href="{{x}}">', InsertionContext.LINK_START),
        ('<a href="{{x}}">', InsertionContext.LINK_START),
        ("<a HREF=' {{x}}'>", InsertionContext.LINK_START),
        ('<img src="{{x}}">', InsertionContext.LINK_START),
        ('<!--[if mso]><a href="{{x}}"><![endif]-->', InsertionContext.LINK_START),
        ("<{{x}}>", InsertionContext.UNSAFE),
        ("</{{x}}>", InsertionContext.UNSAFE),
        ("<p {{x}}>", InsertionContext.UNSAFE),
        ("<p{{x}}>", InsertionContext.UNSAFE),
        ("<p title={{x}}>", InsertionContext.UNSAFE),
        ("<p title=a{{x}}>", InsertionContext.UNSAFE),
        ('<p title="{{x}}', InsertionContext.UNSAFE),
        ('<p title="a"{{x}}>', InsertionContext.UNSAFE),
        ('<p onclick="{{x}}">', InsertionContext.UNSAFE),
        ('<p ONMOUSEOVER="{{x}}">', InsertionContext.UNSAFE),
        ('<p style="color: {{x}}">', InsertionContext.UNSAFE),
        ('<iframe srcdoc="{{x}}">', InsertionContext.UNSAFE),
        ("<script>{{x}}</script>", InsertionContext.UNSAFE),
        ("<SCRIPT type=x>a</scrip>{{x}}", InsertionContext.UNSAFE),
        ("<style>{{x}}</style>", InsertionContext.UNSAFE),
        ("<textarea>{{x}}</textarea>", InsertionContext.UNSAFE),
        ("<title>{{x}}", InsertionContext.UNSAFE),
        ("<!DOCTYPE {{x}}>", InsertionContext.UNSAFE),
        ("<?php {{x}}", InsertionContext.UNSAFE),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_place_is_over_in_what_surrounds_it(content: str, place: InsertionContext) -> None:
    assert contexts_of(content, [content.index(HERE)]) == [place]


def test_places_are_reported_in_the_order_asked() -> None:
    content = '<a href="{{x}}" title="{{x}}" {{x}}>{{x}}<script>{{x}}</script>{{x}}'
    positions = [at for at in range(len(content)) if content.startswith(HERE, at)]

    assert [place.name for place in contexts_of(content, positions)] == [
        "LINK_START", "TEXT", "UNSAFE", "TEXT", "UNSAFE", "TEXT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "<a " * 1_000,
        "<a" + " " * 3_000,
        "<!--" * 800,
        "<script>" * 400,
        '<a b="' * 500,
        "<a b=" + " " * 1_500 + "c" + "=" * 1_500,
        "<" * 3_000,
        "<a " + 'b="c"' * 600,
        "</" * 1_500,
        "<a b" + " /" * 1_500,
    ],
    ids=[
        "tags",
        "spaces",
        "comments",
        "scripts",
        "quotes",
        "equals",
        "angles",
        "attributes",
        "ends",
        "slashes",
    ],
)
def test_the_longest_content_costs_no_more_than_its_length(
    content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counting(monkeypatch, insertion_contexts, most=50 * len(content)):
        contexts_of(content, [len(content) - 1])
