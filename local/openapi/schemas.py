"""JSON schemas of every model in HTTP bodies and answers, by one generator, so that each name means one model."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from local.openapi.parts import parameter
from local.openapi.rules import ALSO, FIELDS, SERVED, rule_of
from local.openapi.texts import add_rule, changed, require_text, with_format, without_null

_REFERENCE = "#/components/schemas/{model}"


class ClashingNames(Exception):
    """Raised when two models share a name, or one model is both read and written. Rename or split it."""


class _Generator(GenerateJsonSchema):
    """Describes fields as they are declared, with what their validators require, and answers as they are served."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's signature
        return False

    def ser_schema(self, schema: Any) -> Any:
        # `OmitsNone` leaves out what is None; its fields are what a reader must see.
        return None if schema["type"] == "function-wrap" else super().ser_schema(schema)

    def function_after_schema(self, schema: Any) -> Any:
        return self._with_rule(super().function_after_schema(schema), schema)

    def function_before_schema(self, schema: Any) -> Any:
        return self._with_rule(super().function_before_schema(schema), schema)

    def _with_rule(self, described: Any, schema: Any) -> Any:
        validator = schema["function"]["function"]
        if getattr(validator, "__module__", "").startswith("banxway."):
            whole = self.get_schema_from_definitions(described["$ref"]) if "$ref" in described else described
            add_rule(whole, rule_of(validator))
        return described

    def model_schema(self, schema: Any) -> Any:
        from banxway.models.changes import ChangeBody
        from banxway.models.fields import RequestBody

        described = super().model_schema(schema)
        model, properties = schema["cls"], described.get("properties", {})
        if issubclass(model, RequestBody):
            require_text(properties)
        elif self.mode == "serialization":
            _show_as_served(model, described)
        described |= ALSO.get(model.__name__, {})
        if issubclass(model, ChangeBody):
            for name in properties:
                properties[name] = changed(properties[name], may_be_null=name in model.may_be_null)
        for name in properties:
            properties[name] |= FIELDS.get(f"{model.__name__}.{name}", {})
        for name, words in descriptions_of(model).items():
            if name in properties:
                properties[name]["description"] = words
        return described


_WRITTEN_BY_STRANGERS = ("SuggestedCustomer",)


def _show_as_served(model: type, described: dict[str, Any]) -> None:
    from banxway.models.fields import OmitsNone
    from banxway.models.integrations.checks import WithNotes

    properties = described.get("properties", {})
    if model.__name__ not in _WRITTEN_BY_STRANGERS:
        properties.update({name: with_format(each, SERVED.get(name)) for name, each in properties.items()})
    if issubclass(model, OmitsNone):
        properties.update({name: without_null(each) for name, each in properties.items()})
    else:
        left_out = WithNotes.model_fields if issubclass(model, WithNotes) else {}
        described["required"] = [name for name in properties if name not in left_out]


@cache
def descriptions_of(model: type) -> dict[str, str]:
    """Return what the docstrings below a model's fields say, those of its bases included.

    Pydantic could (`use_attribute_docstrings`), and would read every model's source at each cold start.
    """
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if base.__module__.startswith("banxway."):
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
            found |= _below_fields(tree.body[0])
    return found


def _below_fields(definition: ast.AST) -> dict[str, str]:
    statements = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(statements)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


class Schemas:
    """Every body and answer, described together; `definitions` are the models by name."""

    def __init__(self, models: Mapping[tuple[str, str], Any]) -> None:
        inputs = [(name, mode, TypeAdapter(model)) for (name, mode), model in models.items()]
        found, definitions = TypeAdapter.json_schemas(
            inputs,  # type: ignore[arg-type]  # the mode is one of its two words
            ref_template=_REFERENCE,
            schema_generator=_Generator,
        )
        self._found: Mapping[Any, Any] = found
        self.definitions: dict[str, Any] = dict(sorted(definitions.get("$defs", {}).items()))
        # Pydantic makes equal names distinct by adding the module, or -Input and -Output.
        clashes = [name for name in self.definitions if "__" in name or "-" in name]
        if clashes:
            raise ClashingNames(f"model names with two meanings: {', '.join(clashes)}")

    def of(self, name: str, mode: str) -> dict[str, Any]:
        """Return the schema of one body ("validation") or answer ("serialization")."""
        schema: dict[str, Any] = self._found[name, mode]
        return schema

    def query_parameters(self, query: type[BaseModel] | None) -> list[dict[str, Any]]:
        """Return a query model's fields as parameters; none of them can be null, only left out."""
        if query is None:
            return []
        schema = TypeAdapter(query).json_schema(schema_generator=_Generator)
        required = schema.get("required", [])
        return [
            parameter(
                name,
                "query",
                {word: value for word, value in without_null(each).items() if word != "description"},
                required=name in required,
                words=each["description"],
            )
            for name, each in schema["properties"].items()
        ]
