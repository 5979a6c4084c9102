"""Validating what callers send against the models, with JSON's own types and no conversions.

A body is validated as strict JSON: "f" is not a boolean, 1 not a date, false not a number. A query has only texts, so
a text that spells a whole number, true or false is converted if the model asks for that type.
"""

import json
import re
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from banxway.entrypoints.reading import require_storable
from banxway.entrypoints.sentences import first_problem
from banxway.errors import ValidationFailed
from banxway.models.fields import RequestBody

_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,599})")
_FLAGS = {"true": True, "false": False}


class NoQuery(RequestBody):
    """The query of a route without query parameters."""


def validated(model: Any, content: dict[str, Any]) -> Any:
    """Return an instance of the model. Raises ValidationFailed for the first broken rule, naming its field."""
    adapter = _adapter_of(model)
    try:
        return adapter.validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        name, sentence = first_problem(adapter.core_schema, error)
        raise ValidationFailed(sentence, field=name) from error


def validated_query(model: type[BaseModel], texts: dict[str, str]) -> Any:
    """Return an instance of the model from a query. Raises as `validated` and `require_storable` do."""
    require_storable(texts)
    return validated(model, {name: _read(model, name, text) for name, text in texts.items()})


@cache
def _adapter_of(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _read(model: type[BaseModel], name: str, text: str) -> Any:
    if name not in model.model_fields:
        return text
    annotation = model.model_fields[name].annotation
    wanted = {annotation, *get_args(annotation)}
    if bool in wanted:
        return _FLAGS.get(text, text)
    return int(text) if int in wanted and _WHOLE_NUMBER.fullmatch(text) else text
