"""Small changes to a schema: a requirement added, null removed, texts that must not be blank."""

from typing import Any

from local.openapi import rules as openapi_rules

_ALSO_FILLED = {
    openapi_rules.ONE_LINE: openapi_rules.FILLED_LINE,
    openapi_rules.NAME: openapi_rules.FILLED_NAME,
    openapi_rules.LABEL: openapi_rules.FILLED_LABEL,
}


def add_rule(schema: dict[str, Any], rule: dict[str, Any]) -> None:
    """Add a rule to a schema, in the schema itself; where null is allowed, the rule is required of other values."""
    others = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    for each in others if others and "anyOf" not in rule else [schema]:
        each.update(rule)


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema for a value that is left out instead of being null."""
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    others = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(others) == 1:
        return others[0] | kept
    return {"anyOf": others, **kept} if others else schema


def with_format(schema: dict[str, Any], form: str | None) -> dict[str, Any]:
    """Return a text's schema with its format."""
    if form is None:
        return schema
    if schema.get("type") == "string":
        return {**schema, "format": form}
    shapes = [with_format(each, form) for each in schema.get("anyOf", ())]
    return {**schema, "anyOf": shapes} if shapes else schema


def changed(schema: dict[str, Any], *, may_be_null: bool) -> dict[str, Any]:
    """Return the schema of a field that changes nothing when it is left out, whatever its default."""
    schema = schema if may_be_null else without_null(schema)
    return {name: value for name, value in schema.items() if name != "default"}


def require_text(properties: dict[str, Any]) -> None:
    """Require more than space of texts that must not be empty: bodies drop space from both ends."""
    waiting: list[Any] = list(properties.values())
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        if schema.get("type") == "string" and schema.get("minLength", 0) > 0 and "enum" not in schema:
            pattern = schema.get("pattern")
            schema["pattern"] = _ALSO_FILLED.get(pattern, pattern) if pattern else openapi_rules.FILLED
        waiting += [*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")]
