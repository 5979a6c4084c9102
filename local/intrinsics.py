"""Reads a CloudFormation template's YAML and resolves the few intrinsic functions that ours uses.

Why not SAM CLI's own readers: importing them takes 1.3 s of every start (own reading: under 0.1 s), they
read neither queues, mappings, schedules nor WebSocket routes, and they invent ids where the local addresses
must be. tests/local/test_template.py compares our reading of routes and functions with theirs.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

NO_VALUE = "AWS::NoValue"


def read_yaml(path: Path) -> dict[str, Any]:
    """Parse a template; short forms such as `!Ref x` become `{"Ref": "x"}`, `{"Fn::Sub": …}`."""
    with path.open(encoding="utf-8") as opened:
        document: dict[str, Any] = yaml.load(opened, _Loader)  # noqa: S506  # a SafeLoader with our own tags
    return document


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """A safe loader that also knows the short forms of intrinsic functions."""


def _short_form(loader: Any, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _short_form)


class Unresolvable(Exception):
    """Raised when a template uses what the local runner does not know. Add it here, or change the template."""


class Resolver:
    """Replaces intrinsic functions by this machine's values."""

    def __init__(
        self,
        *,
        references: Mapping[str, str],
        attributes: Callable[[str, str], str],
        conditions: Mapping[str, Any],
    ) -> None:
        self._references = references
        self._attributes = attributes
        self._conditions = conditions

    def resolve(self, value: Any) -> Any:
        """Return `value` with every intrinsic function replaced. Raises Unresolvable."""
        if isinstance(value, list):
            resolved = [self.resolve(each) for each in value]
            return [each for each in resolved if each != NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument)
        resolved_items = {key: self.resolve(each) for key, each in value.items()}
        return {key: each for key, each in resolved_items.items() if each != NO_VALUE}

    def is_true(self, condition: Any) -> bool:
        """Return whether a condition, given by name or as an expression, is true."""
        if isinstance(condition, str):
            return self.is_true(self._conditions[condition])
        [(name, argument)] = condition.items()
        if name == "Condition":
            return self.is_true(argument)
        if name == "Fn::Equals":
            left, right = self.resolve(argument)
            return bool(left == right)
        if name == "Fn::Not":
            return not self.is_true(argument[0])
        if name == "Fn::And":
            return all(self.is_true(each) for each in argument)
        if name == "Fn::Or":
            return any(self.is_true(each) for each in argument)
        raise Unresolvable(f"condition {name}")

    def _call(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._reference(argument)
        if name == "Fn::GetAtt":
            return self._attributes(argument[0], argument[1])
        if name == "Fn::Sub":
            return self._substitute(argument)
        if name == "Fn::If":
            return self.resolve(argument[1] if self.is_true(argument[0]) else argument[2])
        if name == "Fn::Join":
            separator, parts = argument
            return str(separator).join(str(part) for part in self.resolve(parts))
        raise Unresolvable(f"intrinsic function {name}")

    def _reference(self, name: str) -> str:
        if name == NO_VALUE:
            return NO_VALUE
        if name not in self._references:
            raise Unresolvable(f"reference to {name}")
        return self._references[name]

    def _substitute(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def value_of(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return str(own[name])
            if "." in name and name not in self._references:
                return self._attributes(*name.split(".", 1))
            return str(self._reference(name))

        return re.sub(r"\$\{([^}]+)\}", value_of, text)
