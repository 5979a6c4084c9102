"""The first rule that a request breaks, as a sentence of ours: which field, and what it must be.

Both are derived from the model; the validator's own texts, patterns and tags are never shown. A field's name is
its path in what the caller wrote, without the members of unions, which the validator includes in its paths.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from banxway.models.fields import FieldProblem
from banxway.models.values.quoting import one_of, quoted

Schema = dict[str, Any]
"""A node of a core schema, as pydantic makes it of a model."""

_KINDS = {
    "bool": "true or false",
    "uuid": "a UUID",
    "datetime": "a date and time with its offset, such as 2026-01-15T09:30:00Z",
    "date": "a day of the calendar, such as 2027-01-31",
    "float": "a number",
    "model": "an object",
    "model-fields": "an object",
    "dict": "an object",
    "tagged-union": "an object",
}
# How a rule begins that continues the sentence after the field's name.
_VERBS = ("must ", "needs ", "is ", "are ", "has ")


def first_problem(schema: Any, error: ValidationError) -> tuple[str, str]:
    """Return the dotted name of the first field that breaks a rule, and a sentence with both; never the value."""
    problem: Any = error.errors(include_url=False, include_context=True, include_input=False)[0]
    walk = _Walk(schema)
    is_name = problem["loc"][-1:] == ("[key]",)
    for part in problem["loc"][: -2 if is_name else None]:
        walk.enter(part)
    own = problem["ctx"]["error"] if problem["type"] == "value_error" else None
    if isinstance(own, FieldProblem):
        walk.names.append(own.field)
    elif problem["type"] in ("union_tag_not_found", "union_tag_invalid"):
        walk.enter_discriminator()
    name = quoted(".".join(walk.names)) or "body"
    return name, _sentence(name, problem, own, walk.rule_of_names() if is_name else walk.rule())


def _sentence(name: str, problem: Any, own: Exception | None, rule: str) -> str:
    if own is not None:
        said = str(own)
        return f"{name} {said}" if said.startswith(_VERBS) else said
    if problem["type"] == "extra_forbidden":
        return f"Unknown field: {name}"
    if problem["type"] in ("missing", "union_tag_not_found"):
        return f"{name} is required"
    return f"{name} {rule}"


class _Walk:
    """A walk from a model to a problem: the names on the way, and the schema that it has reached."""

    def __init__(self, schema: Schema) -> None:
        self.names: list[str] = []
        self._definitions: dict[str, Schema] = {}
        self._node: Schema | None = schema

    def enter(self, part: str | int) -> None:
        """Go to a part of the present schema, and add its name unless it is only a member of a union."""
        node = self._bare(self._node)[0] if self._node else None
        kind = node["type"] if node else None
        if node and kind == "tagged-union":
            self._node = node["choices"].get(part)
        # The rule of a union without tags covers all its members, so the walk does not enter one.
        elif kind != "union":
            self.names.append(quoted(str(part)))
            self._node = _part_of(node, part) if node else None

    def enter_discriminator(self) -> None:
        """Go to the field whose value chooses the member of a tagged union."""
        node = self._bare(self._node)[0] if self._node else None
        if node and node["type"] == "tagged-union" and isinstance(node["discriminator"], str):
            self.names.append(node["discriminator"])
            self._node = {"type": "literal", "expected": list(node["choices"])}

    def rule(self) -> str:
        """Return the rule for a value of the present schema."""
        return f"must be {self._described(self._node)}" if self._node else "is not valid"

    def rule_of_names(self) -> str:
        """Return the rule for the names within the present schema, which callers choose."""
        node = self._bare(self._node)[0] if self._node else {}
        limits = self._bare(node["keys_schema"])[1] if "keys_schema" in node else {}
        return f"must have names{_counted(limits, 'minLength', 'maxLength', 'characters')}"

    def _described(self, schema: Schema) -> str:
        node, limits = self._bare(schema)
        kind = node["type"]
        if kind == "str":
            return f"a text{_counted(limits, 'minLength', 'maxLength', 'characters')}"
        if kind == "int":
            return f"a whole number{_ranged(limits)}"
        if kind == "list":
            return f"a list{_counted(limits, 'minItems', 'maxItems', 'entries')}"
        if kind == "dict":
            return f"an object{_counted(limits, 'minProperties', 'maxProperties', 'entries')}"
        if kind == "literal":
            return one_of([_spelled(word) for word in node["expected"]])
        if kind == "enum":
            return one_of([str(member.value) for member in node["members"]])
        if kind == "union":
            return one_of([self._described(_member(choice)) for choice in node["choices"]])
        return _KINDS.get(kind, "of another kind")

    def _bare(self, schema: Schema) -> tuple[Schema, dict[str, int]]:
        """Return the node inside our own validators, and its limits."""
        limits: dict[str, int] = {}
        while True:
            limits = {**schema.get("metadata", {}).get("pydantic_js_updates", {}), **limits}
            self._definitions |= {one["ref"]: one for one in schema.get("definitions", ())}
            if schema["type"] == "definition-ref":
                schema = self._definitions[schema["schema_ref"]]
            elif schema["type"] == "chain":
                schema = schema["steps"][0]
            elif schema.get("schema", {}).get("type") not in (None, "model-fields"):
                schema = schema["schema"]
            else:
                return schema, {**_limits_of(schema), **limits}


def _part_of(node: Schema, part: str | int) -> Schema | None:
    if node["type"] == "model":
        field: Schema | None = node["schema"]["fields"].get(part)
        return field
    if node["type"] == "list":
        return node.get("items_schema")
    return node.get("values_schema") if node["type"] == "dict" else None


def _limits_of(node: Schema) -> dict[str, int]:
    names = {
        "str": {"min_length": "minLength", "max_length": "maxLength"},
        "list": {"min_length": "minItems", "max_length": "maxItems"},
        "dict": {"min_length": "minProperties", "max_length": "maxProperties"},
        "int": {"ge": "minimum", "le": "maximum"},
    }.get(node["type"], {})
    return {limit: node[name] for name, limit in names.items() if name in node}


def _counted(limits: dict[str, int], least: str, most: str, what: str) -> str:
    if limits.get(least) and most in limits:
        return f" of {limits[least]} to {limits[most]} {what}"
    if most in limits:
        return f" of at most {limits[most]} {_ONE.get(what, what) if limits[most] == 1 else what}"
    if limits.get(least):
        return f" of at least {limits[least]} {_ONE.get(what, what) if limits[least] == 1 else what}"
    return ""


_ONE = {"characters": "character", "entries": "entry"}


def _ranged(limits: dict[str, int]) -> str:
    if "minimum" in limits and "maximum" in limits:
        return f" from {limits['minimum']} to {limits['maximum']}"
    if "minimum" in limits:
        return f" of at least {limits['minimum']}"
    return f" of at most {limits['maximum']}" if "maximum" in limits else ""


def _member(choice: Schema | Sequence[Any]) -> Schema:
    return choice if isinstance(choice, dict) else choice[0]


def _spelled(word: Any) -> str:
    return {True: "true", False: "false"}[word] if isinstance(word, bool) else str(word)
