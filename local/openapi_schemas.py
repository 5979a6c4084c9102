"""JSON schemas of every model that HTTP shows, by one generator, so that each name means one model."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from local.openapi_parts import parameter

_REFERENCE = "#/components/schemas/{model}"


class ClashingNames(Exception):
    """Raised when two models share a name, or one model is both read and written. Rename or split it."""


class _Generator(GenerateJsonSchema):
    """Describes fields as they are declared, and as they are served: what is always there is required."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's signature
        return False

    def ser_schema(self, schema: Any) -> Any:
        # `Sparse` leaves out what is None; its fields are what a reader must see.
        return None if schema["type"] == "function-wrap" else super().ser_schema(schema)

    def model_schema(self, schema: Any) -> Any:
        from banxway.models.account_checks import Noted
        from banxway.models.fields import RequestBody, Sparse

        described = super().model_schema(schema)
        model, properties = schema["cls"], described.get("properties", {})
        for name, words in descriptions_of(model).items():
            if name in properties:
                properties[name]["description"] = words
        if issubclass(model, Sparse):
            properties.update({name: _without_null(each) for name, each in properties.items()})
        elif self.mode == "serialization" and not issubclass(model, RequestBody):
            left_out = Noted.model_fields if issubclass(model, Noted) else {}
            described["required"] = [name for name in properties if name not in left_out]
        return described


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


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema for what is left out instead of being null."""
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    others = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(others) == 1:
        return others[0] | kept
    return {"anyOf": others, **kept} if others else schema


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
        # Pydantic tells equal names apart by writing the module, or -Input and -Output, into them.
        clashes = [name for name in self.definitions if "__" in name or "-" in name]
        if clashes:
            raise ClashingNames(f"model names that stand for two things: {', '.join(clashes)}")

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
            parameter(name, "query", _without_null(each), required=name in required)
            for name, each in schema["properties"].items()
        ]
