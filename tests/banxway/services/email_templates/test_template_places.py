"""Where in HTML a variable stands, as browsers read it."""

import pytest

from banxway.services.email_templates import insertion_contexts as template_places
from banxway.services.email_templates.insertion_contexts import Place, places_of
from tests.support.pattern_steps import counting

HERE = "{{x}}"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{{x}}", Place.TEXT),
        ("<p>{{x}}</p>", Place.TEXT),
        ("3 < 4 {{x}}", Place.TEXT),
        ("<3 {{x}}", Place.TEXT),
        ('<p title="{{x}}">', Place.TEXT),
        ("<p title='a {{x}}'>", Place.TEXT),
        ('<p title = "{{x}}">', Place.TEXT),
        ('<p title=it\'s class="{{x}}">', Place.TEXT),
        ("<!-- {{x}} -->", Place.TEXT),
        ("<script>1</script>{{x}}", Place.TEXT),
        ("<script>1</script >{{x}}", Place.TEXT),
        ('<a href="https://x.example/{{x}}">', Place.TEXT),
        ('<a title=">" href="{{x}}">', Place.LINK_START),
        ('<a href="{{x}}">', Place.LINK_START),
        ("<a HREF=' {{x}}'>", Place.LINK_START),
        ('<img src="{{x}}">', Place.LINK_START),
        ('<!--[if mso]><a href="{{x}}"><![endif]-->', Place.LINK_START),
        ("<{{x}}>", Place.UNSAFE),
        ("</{{x}}>", Place.UNSAFE),
        ("<p {{x}}>", Place.UNSAFE),
        ("<p{{x}}>", Place.UNSAFE),
        ("<p title={{x}}>", Place.UNSAFE),
        ("<p title=a{{x}}>", Place.UNSAFE),
        ('<p title="{{x}}', Place.UNSAFE),
        ('<p title="a"{{x}}>', Place.UNSAFE),
        ('<p onclick="{{x}}">', Place.UNSAFE),
        ('<p ONMOUSEOVER="{{x}}">', Place.UNSAFE),
        ('<p style="color: {{x}}">', Place.UNSAFE),
        ('<iframe srcdoc="{{x}}">', Place.UNSAFE),
        ("<script>{{x}}</script>", Place.UNSAFE),
        ("<SCRIPT type=x>a</scrip>{{x}}", Place.UNSAFE),
        ("<style>{{x}}</style>", Place.UNSAFE),
        ("<textarea>{{x}}</textarea>", Place.UNSAFE),
        ("<title>{{x}}", Place.UNSAFE),
        ("<!DOCTYPE {{x}}>", Place.UNSAFE),
        ("<?php {{x}}", Place.UNSAFE),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_place_is_told_by_what_surrounds_it(content: str, place: Place) -> None:
    assert places_of(content, [content.index(HERE)]) == [place]


def test_places_are_told_in_the_order_asked() -> None:
    content = '<a href="{{x}}" title="{{x}}" {{x}}>{{x}}<script>{{x}}</script>{{x}}'
    positions = [at for at in range(len(content)) if content.startswith(HERE, at)]

    assert [place.name for place in places_of(content, positions)] == [
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
    with counting(monkeypatch, template_places, most=50 * len(content)):
        places_of(content, [len(content) - 1])
