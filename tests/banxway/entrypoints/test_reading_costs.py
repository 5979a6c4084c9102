"""What reading a hostile body costs: twice the input takes at most 2.2 times the steps, whatever it is made of.

Steps are calls of Python and C functions, comparisons of names, and bytes of concatenated names; a duration would
depend on the machine.
"""

import json
import sys
import tracemalloc
from contextlib import suppress

import pytest

from banxway.entrypoints.reading import JsonBody, object_of
from banxway.entrypoints.validating import validated
from banxway.errors import BanxwayError
from banxway.models.email_accounts.accounts import NewEmailAccount
from banxway.models.email_rules.rules import NewEmailRule
from banxway.models.email_templates import NewEmailTemplate
from banxway.models.fields import Label
from banxway.models.messages.messages import NewMessage, NewTemplateMessage
from banxway.models.threads.threads import ThreadChange


def steps_of(work):
    """Count the calls that some work makes."""
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with suppress(BanxwayError):
            work()
    finally:
        sys.setprofile(before)
    return counted


def peak_of(work):
    """Return the most bytes that some work had allocated at once."""
    tracemalloc.start()
    try:
        with suppress(BanxwayError):
            work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def keys(count):
    return "{" + ",".join(f'"k{number}":1' for number in range(count)) + "}"


def a_key_twice(count):
    return keys(count)[:-1] + f',"k{count - 1}":2}}'


def every_key_twice(count):
    return keys(count)[:-1] + "," + keys(count)[1:]


HOSTILE = {
    "keys": (ThreadChange, keys, 20_000),
    "a key twice": (ThreadChange, a_key_twice, 20_000),
    "every key twice": (ThreadChange, every_key_twice, 10_000),
    "a long text": (ThreadChange, lambda size: json.dumps({"status": "x" * size}), 500_000),
    "a long name": (NewEmailAccount, lambda size: json.dumps({"name": "x" * size}), 100_000),
    "a long name in another script": (
        NewEmailAccount,
        lambda size: json.dumps({"name": "क" * size}),
        100_000,
    ),
    "a name of joiners": (NewEmailAccount, lambda size: json.dumps({"name": "क\u200d" * size}), 50_000),
    "a name of tags": (NewEmailAccount, lambda size: json.dumps({"name": "\U000e0061" * size}), 20_000),
    "a long host": (NewEmailAccount, lambda size: json.dumps({"smtp_host": "a." * size}), 100_000),
    "a long address": (NewEmailAccount, lambda size: json.dumps({"email": "a." * size + "@b"}), 100_000),
    "a long key": (ThreadChange, lambda size: json.dumps({"x" * size: 1}), 100_000),
    "a long key above a long list": (
        ThreadChange,
        lambda size: json.dumps({"x" * 2_000: [1] * size}),
        10_000,
    ),
    "tags": (ThreadChange, lambda size: json.dumps({"tags": ["x"] * size}), 50_000),
    "wrong tags": (ThreadChange, lambda size: json.dumps({"tags": [1] * size}), 50_000),
    "recipients": (
        NewMessage,
        lambda size: json.dumps({"channel": "EMAIL", "cc": [f"a{n}@b.example" for n in range(size)]}),
        10_000,
    ),
    "variables": (
        NewTemplateMessage,
        lambda size: json.dumps({"variables": {f"v{number}": "x" for number in range(size)}}),
        20_000,
    ),
    "conditions": (
        NewEmailRule,
        lambda size: json.dumps({"name": "x", "conditions": [{"field": "header"}] * size, "actions": []}),
        10_000,
    ),
    "empty lists": (NewEmailTemplate, lambda size: json.dumps({"name": [[]] * size}), 50_000),
    "numbers": (ThreadChange, lambda size: json.dumps({"tags": [10**300] * size}), 1_000),
    "a long number": (ThreadChange, lambda size: f'{{"tags": {"9" * size}}}', 100_000),
    "a deep body": (ThreadChange, lambda size: '{"a":' * size + "1" + "}" * size, 400),
}


def _read(model, text):
    return lambda: validated(model, JsonBody.read(text.encode()))


@pytest.mark.parametrize(("model", "body", "size"), HOSTILE.values(), ids=HOSTILE)
def test_twice_the_input_takes_twice_the_steps(model, body, size):
    once, twice = (_read(model, body(size * factor)) for factor in (1, 2))
    with suppress(BanxwayError):
        once()

    assert steps_of(twice) <= 2.2 * steps_of(once) + 100


@pytest.mark.parametrize(("model", "body", "size"), HOSTILE.values(), ids=HOSTILE)
def test_twice_the_input_takes_twice_the_memory(model, body, size):
    once, twice = (_read(model, body(size // 4 * factor)) for factor in (1, 2))
    with suppress(BanxwayError):
        once()

    assert peak_of(twice) <= 2.2 * peak_of(once) + 100_000


class Counted(str):
    """A name that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other):
        Counted.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_a_repeated_name_is_found_by_few_comparisons():
    def comparisons(count):
        Counted.compared = 0
        pairs = [(Counted(f"k{number}"), 1) for number in range(count)] + [(Counted(f"k{count - 1}"), 2)]
        with pytest.raises(BanxwayError, match="given twice"):
            object_of(pairs)
        return Counted.compared

    assert comparisons(2_000) <= 2.2 * comparisons(1_000) + 100


def test_a_name_is_looked_at_once_for_each_character():
    from pydantic import TypeAdapter

    names = TypeAdapter(Label)
    steps = [steps_of(lambda size=size: names.validate_python("क" * size)) for size in (20_000, 40_000)]

    assert steps[1] <= 2.2 * steps[0]
