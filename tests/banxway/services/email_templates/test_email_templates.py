"""Filling mail templates: threat 38, substitution alone, and values that never become markup."""

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banxway.errors import ValidationFailed
from banxway.services.email_templates import insertion_contexts
from banxway.services.email_templates import templates as email_templates
from banxway.services.email_templates.templates import render, variables_of
from banxway.storage.email_templates import EmailTemplateRow
from tests.support.product.stored import row_of
from tests.support.timing.pattern_steps import counting

# Expressions of template engines in many languages (threat 38).
SSTI = (
    "{{7*7}}",
    "{{7*'7'}}",
    "{{ 7 * 7 }}",
    "${7*7}",
    "#{7*7}",
    "#{ 7*7 }",
    "<%= 7*7 %>",
    "<%= system('id') %>",
    "{%if 1%}x{%endif%}",
    "{% for x in [1,2] %}{{x}}{% endfor %}",
    "{%- raw -%}{{x}}{%- endraw -%}",
    "{{config}}",
    "{{ config.items() }}",
    "{{self}}",
    "{{request}}",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{cycler.__init__.__globals__.os.popen('id').read()}}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{url_for.__globals__}}",
    "{{get_flashed_messages.__globals__}}",
    "{0.__class__}",
    "{0.__init__.__globals__}",
    "{name.__class__}",
    "%(name)s",
    "%s%s%s%n",
    "$name ${name} $$",
    "{name}",
    "{{{name}}}",
    "{{{{name}}}}",
    "{{name|safe}}",
    "{{name | upper}}",
    "{{name.upper()}}",
    "{{name['__class__']}}",
    "{{name!r}}",
    "{{#each this}}{{@key}}{{/each}}",
    "{{#with 's' as |string|}}{{/with}}",
    "{{> partial}}",
    "{{!comment}}",
    "{{&name}}",
    "{{=<% %>=}}",
    "{{constructor.constructor('return process')()}}",
    "{{this.constructor.constructor('return 1')()}}",
    "{php}echo 1;{/php}",
    "{system('id')}",
    "{$smarty.version}",
    "{{_self.env.registerUndefinedFilterCallback('exec')}}",
    "{{['id']|filter('system')}}",
    "*{T(java.lang.Runtime).getRuntime().exec('id')}",
    "__${T(java.lang.Runtime).getRuntime().exec('id')}__::.x",
    '<#assign ex="freemarker.template.utility.Execute"?new()>${ex("id")}',
    "#set($x=7*7)$x",
    "[[${7*7}]]",
    "[(${7*7})]",
    "@(7*7)",
    "@{7*7}",
    "~{::x}",
    '{{printf "%s" .}}',
    "{{.}}",
    "{{ .System }}",
    "`id`",
    "$(id)",
    "\\u007b\\u007b7*7\\u007d\\u007d",
    "&#123;&#123;7*7&#125;&#125;",
    "{\u200b{name}}",
    "{{name",
    "name}}",
    "{{}}",
    "{{ }}",
)


def template_of(words: dict[str, str | None]) -> EmailTemplateRow:
    return row_of(EmailTemplateRow, **words)


EVERYWHERE = {
    "subject": "S {{name}}",
    "content_html": '<p title="{{name}}">{{name}}</p><a href="https://x.example/?q={{name}}">x</a>',
    "content_text": "T {{name}}",
}


@pytest.mark.parametrize("payload", SSTI)
def test_an_expression_in_a_value_is_text(payload: str) -> None:
    """Threat 38: a value is inserted unchanged, and a variable inside it is not filled."""
    filled = render(template_of(EVERYWHERE), {"name": payload})

    assert filled.subject == f"S {payload}"
    assert filled.text == f"T {payload}"
    assert texts_of(filled.html or "")[:1] == [payload]


@pytest.mark.parametrize(
    "payload",
    [
        each
        for each in SSTI
        if not variables_of(
            template_of({**EVERYWHERE, "subject": each, "content_html": None, "content_text": None})
        )
    ],
)
def test_an_expression_in_a_template_is_text(payload: str) -> None:
    """Threat 38: what is not a plain variable stays as the author wrote it; nothing is computed."""
    template = {"subject": payload, "content_html": None, "content_text": f"{payload} for {{{{name}}}}"}

    filled = render(template_of(template), {"name": "Asha"})

    assert (filled.subject, filled.text) == (payload.strip(), f"{payload} for Asha")


def test_a_value_that_names_another_variable_is_not_filled_again() -> None:
    template = {"subject": "{{a}} {{b}}", "content_html": "{{a}}{{b}}", "content_text": "{{b}}{{a}}"}

    filled = render(template_of(template), {"a": "{{b}}", "b": "{{a}}"})

    assert filled.subject == "{{b}} {{a}}"
    assert (filled.html, filled.text) == ("{{b}}{{a}}", "{{a}}{{b}}")


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def texts_of(content: str) -> list[str]:
    return reading_of(content).texts


def reading_of(content: str) -> _Reading:
    reading = _Reading()
    reading.feed(content)
    reading.close()
    return reading


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=60))
def test_no_value_becomes_markup(value: str) -> None:
    reading = reading_of(render(template_of(EVERYWHERE), {"name": value}).html or "")

    assert [(tag, [name for name, _ in attributes]) for tag, attributes in reading.tags] == [
        ("p", ["title"]),
        ("a", ["href"]),
    ]
    assert reading.tags[0][1][0][1] == value
    assert "".join(reading.texts) == f"{value}x"


@pytest.mark.parametrize(
    "value", ["a\nb", "a\rb", "a\r\nBcc: x@y.example", "a\x85b", "a\u2028b", "a\0b", "a\x1bb"]
)
def test_a_value_keeps_the_subject_on_one_line(value: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        render(template_of(EVERYWHERE), {"name": value})

    assert refused.value.details == {"field": "variables.name"}


@pytest.mark.parametrize(
    ("value", "is_allowed"),
    [
        ("https://track.example/BX-1", True),
        ("http://track.example/", True),
        ("mailto:help@yourdomain.com", True),
        ("tel:+919876543210", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("//evil.example", False),
        ("", False),
    ],
)
def test_a_link_begins_only_with_what_is_a_link(value: str, is_allowed: bool) -> None:
    template = {"subject": "x", "content_html": '<a href="{{link}}">x</a>', "content_text": None}

    if is_allowed:
        assert render(template_of(template), {"link": value}).html == f'<a href="{value}">x</a>'
        return
    with pytest.raises(ValidationFailed) as refused:
        render(template_of(template), {"link": value})
    assert refused.value.details == {"field": "variables.link"}


def test_missing_and_unknown_variables_are_named() -> None:
    with pytest.raises(ValidationFailed, match=r"variables\.name is missing") as missing:
        render(template_of(EVERYWHERE), {})
    with pytest.raises(ValidationFailed, match=r"variables\.nmae is not a variable .* name$") as unknown:
        render(template_of(EVERYWHERE), {"name": "Asha", "nmae": "Asha"})

    assert missing.value.details == {"field": "variables.name"}
    assert unknown.value.details == {"field": "variables.nmae"}


def test_a_content_that_a_template_lacks_stays_absent() -> None:
    assert (
        render(template_of({"subject": "x", "content_html": "<p>x</p>", "content_text": None}), {}).text
        is None
    )
    assert render(template_of({"subject": "x", "content_html": None, "content_text": "x"}), {}).html is None


def test_the_largest_template_is_filled_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    content = '<p title="{{a}}">{{b}}</p>' * 150
    template = {"subject": "{{a}}", "content_html": content, "content_text": "{{" * 2_000}
    length = len(content) + 4_000

    with counting(monkeypatch, email_templates, insertion_contexts, most=50 * length):
        filled = render(template_of(template), {"a": "1", "b": "<2>"})

    assert unescape(filled.html or "").count("<2>") == 150
