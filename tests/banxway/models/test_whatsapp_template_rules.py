"""Which templates can be filled, and which values WhatsApp accepts for their variables."""

from typing import Any

import pytest

from banxway.models.integrations.whatsapp_template_rules import (
    count_variables,
    problem_of_value,
    why_not_usable,
)
from tests.support.product.fakes import a_template


def header(**values: Any) -> dict[str, Any]:
    return {"type": "HEADER", **values}


def buttons(*found: Any) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(found)}


BODY = {"type": "BODY", "text": "Hello {{1}}"}
URL = {"type": "URL", "text": "Track", "url": "https://t.example/"}


@pytest.mark.parametrize(
    "body",
    [
        "Hello",
        "Hello {{1}}",
        "{{2}} and {{1}}",
        "{{1}} and {{1}}",
        "Only {one} brace, }} and {{ open",
        "a {{1}}\n\nb",
    ],
)
@pytest.mark.parametrize("parameter_format", ["", "positional"])
def test_a_text_with_numbered_variables_can_be_filled(body: str, parameter_format: str):
    assert why_not_usable(a_template(body=body, parameter_format=parameter_format)) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Hello {{customer_name}}, voucher {{voucher_code}}", "named variables {{customer_name}}"),
        ("Hello {{ 1 }} ok", "named variables {{ 1 }}"),
        ("Hello {{1}} and {{name}}", "named variables {{name}}"),
        ("Hello {{01}}", "named variables {{01}}"),
        ("Hello {{0}}", "named variables {{0}}"),
        ("Hello {{}}", "named variables {{}}"),
        ("Hello {{१}}", "named variables {{१}}"),
        ("Hello {{100}}", "named variables {{100}}"),
        ("Hello {{2}}", "{{1}} is missing"),
        ("Hello {{1}} and {{3}}", "{{2}} is missing"),
        ("", "no text"),
        (" \n", "no text"),
    ],
)
def test_a_text_that_cannot_be_filled_says_why(body: str, reason: str):
    assert reason in str(why_not_usable(a_template(body=body)))


def test_a_template_of_named_variables_says_so_even_where_it_has_none():
    assert "named" in str(why_not_usable(a_template(body="Hello", parameter_format="named")))


@pytest.mark.parametrize(
    "components",
    [
        [BODY],
        [header(format="TEXT", text="News"), BODY, {"type": "FOOTER", "text": "Bye"}],
        [header(text="News"), BODY],
        [
            BODY,
            buttons({"type": "QUICK_REPLY", "text": "Yes"}, URL, {"type": "PHONE_NUMBER", "text": "Call"}),
        ],
        [{"type": "body", "text": "Hello"}, {"type": "buttons", "buttons": [{"type": "quick_reply"}]}],
        [{"type": "BUTTONS"}],
    ],
    ids=["text", "all parts", "header without a format", "silent buttons", "small letters", "no buttons"],
)
def test_parts_that_want_no_value_are_no_hindrance(components: list[dict[str, Any]]):
    assert why_not_usable(a_template(components=components)) is None


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        (header(format="TEXT", text="Order {{1}}"), "header has a variable"),
        (header(format="IMAGE"), "kind IMAGE"),
        (header(format="video"), "kind VIDEO"),
        (header(format="DOCUMENT"), "kind DOCUMENT"),
        (header(format="LOCATION"), "kind LOCATION"),
        (buttons(URL | {"url": "https://t.example/{{1}}"}), "variable in its address"),
        (buttons(URL, {"type": "COPY_CODE"}), "kind COPY_CODE"),
        (buttons({"type": "OTP", "otp_type": "COPY_CODE"}), "kind OTP"),
        (buttons({"type": "FLOW"}), "kind FLOW"),
        (buttons({"type": "CATALOG"}), "kind CATALOG"),
        (buttons("strange"), "kind UNKNOWN"),
        ({"type": "CAROUSEL", "cards": []}, "kind CAROUSEL"),
        ({"type": "LIMITED_TIME_OFFER"}, "kind LIMITED_TIME_OFFER"),
        ({}, "kind unknown"),
    ],
)
def test_a_part_that_wants_a_value_is_named(component: dict[str, Any], reason: str):
    assert reason in str(why_not_usable(a_template(components=[BODY, component])))


@pytest.mark.parametrize(
    ("body", "count"),
    [("Hello", 0), ("{{1}} {{2}}", 2), ("{{2}} {{2}} {{1}}", 2), ("{{name}}", 0), ("{{ 1 }}", 0)],
)
def test_variables_are_counted(body: str, count: int):
    assert count_variables(body) == count


@pytest.mark.parametrize("value", ["a", "a    b", "0", "नमस्ते 👩\u200d💻", "{{1}}", "a\u00a0b"])
def test_a_value_that_whatsapp_takes_has_no_problem(value: str):
    assert problem_of_value(value) is None


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("a     b", "four spaces"),
        ("a" + "\u00a0" * 5 + "b", "four spaces"),
        ("a \u2003\u00a0  b", "four spaces"),
        ("a\nb", "line breaks"),
        ("a\rb", "line breaks"),
        ("a\tb", "line breaks"),
        ("a\u2028b", "line breaks"),
        ("a\u0085b", "line breaks"),
        ("", "blank"),
        (" ", "blank"),
        ("\u200b", "blank"),
        ("\u2060\ufeff\u00ad", "blank"),
        ("\u3164", "blank"),
    ],
    ids=ascii,
)
def test_a_value_that_whatsapp_refuses_names_the_rule(value: str, problem: str):
    assert problem in str(problem_of_value(value))
