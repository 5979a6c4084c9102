"""The bodies of PATCH requests: some of a row's fields, those that are to change."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, ValidationInfo, field_validator, model_validator

from banxway.models.fields import FieldProblem, RequestBody


def _must_be_true(given: bool) -> bool:
    if not given:
        raise ValueError("must be true")
    return given


def _must_be_false(given: bool) -> bool:
    if given:
        raise ValueError("must be false")
    return given


# Not Literal[True], which accepts 1, too.
OnlyTrue = Annotated[bool, AfterValidator(_must_be_true)]
OnlyFalse = Annotated[bool, AfterValidator(_must_be_false)]


class ChangeBody(RequestBody):
    """Base of PATCH bodies: at least one field, null only for those in `may_be_null`; other fields do not change."""

    may_be_null: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _must_not_be_null(cls, given: Any, info: ValidationInfo) -> Any:
        if given is None and info.field_name not in cls.may_be_null:
            raise ValueError("must not be null")
        return given

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            *names, last = type(self).model_fields
            choice = f"{', '.join(names)} or {last}" if names else last
            raise FieldProblem(names[0] if names else last, f"Nothing to change: give {choice}")
        return self
