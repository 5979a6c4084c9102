"""No service asks which channel or integration it works for: what differs is in the channel's own folder."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import PACKAGE, nodes_of, python_files, shown

# Each of these speaks of one channel or provider by its purpose.
FOLDERS = ("services/messages/channels", "services/integrations", "services/status/diagnosis")


@rule
def test_services_name_no_channel_and_no_integration_type() -> Sentences:
    """A condition on a channel is found by nobody who adds one; docs/adding-a-channel.md lists where one is added."""
    for file in python_files("layers/banxway/banxway/services", "layers/banxway/banxway/entrypoints"):
        if not any((PACKAGE / folder) in file.parents for folder in FOLDERS):
            yield from (f"{shown(file)}:{line} names {name}" for line, name in _named_in(file))


@rule
def test_services_compare_no_channel() -> Sentences:
    """A constant instead of the literal would be the same condition in other words."""
    for file in python_files("layers/banxway/banxway/services", "layers/banxway/banxway/entrypoints"):
        if not any((PACKAGE / folder) in file.parents for folder in FOLDERS):
            for node in nodes_of(file):
                if isinstance(node, ast.Compare) and any(map(_is_channel, [node.left, *node.comparators])):
                    yield f"{shown(file)}:{node.lineno} compares a channel: let the channel or its traits say it"


def test_every_channel_and_type_has_its_traits() -> None:
    from banxway.models.channels import CHANNELS
    from banxway.models.integrations.kinds import KINDS
    from banxway.models.words import AddressKind, Channel, IntegrationType

    assert tuple(CHANNELS) == get_args(Channel)
    assert tuple(KINDS) == get_args(IntegrationType)
    assert {traits.integration_type for traits in CHANNELS.values()} <= set(KINDS)
    assert {traits.address_kind for traits in CHANNELS.values()} == set(get_args(AddressKind))


def test_a_named_channel_is_found(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(
        '"""EMAIL in a sentence does not count."""\nif channel == "EMAIL":\n    kind = "zoho_mail"\n'
    )

    assert list(_named_in(file)) == [(2, "EMAIL"), (3, "zoho_mail")]


def _named_in(file: Path) -> Iterator[tuple[int, str]]:
    names = _names()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Constant) and node.value in names:
            yield node.lineno, node.value


@cache
def _names() -> frozenset[str]:
    from banxway.models.words import Channel, IntegrationType

    return frozenset((*get_args(Channel), *get_args(IntegrationType), "SMS", "VOICE", "CALL"))


def _is_channel(node: ast.expr) -> bool:
    """Return whether an expression is a channel's constant, such as EMAIL.name, or anything's channel."""
    if not isinstance(node, ast.Attribute):
        return False
    owner = node.value
    is_constant = isinstance(owner, ast.Name) and owner.id in _names()
    return is_constant and node.attr in ("name", "integration_type")
