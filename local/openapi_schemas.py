"""JSON schemas of every model that HTTP shows, by one generator, so that each name means one model."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from local.openapi_parts import parameter

_REFERENCE = "#/components/schemas/{model}"


class ClashingNames(Exception):
    """Raised when two models share a name, or one model is both read and written. Rename or split it."""


class _Generator(GenerateJsonSchema):
    """Describes fields as they are declared: no titles made of names, no serializer that hides them."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's signature
        return False

    def ser_schema(self, schema: Any) -> Any:
        # `Sparse` leaves out what is None; its fields are what a reader must see.
        return None if schema["type"] == "function-wrap" else super().ser_schema(schema)


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
        """Return a query model's fields as parameters, each of which a caller may leave out or must give."""
        if query is None:
            return []
        schema = TypeAdapter(query).json_schema(schema_generator=_Generator)
        required = schema.get("required", [])
        return [
            parameter(name, "query", each, required=name in required)
            for name, each in schema["properties"].items()
        ]
