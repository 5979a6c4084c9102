"""How a user wants the console to look and behave."""

from typing import Literal

from banxway.models.fields import RequestBody


class Preferences(RequestBody):
    """A user's preferences for the console; one that is left out has its default."""

    theme: Literal["auto", "light", "dark"] = "auto"
    """The colours; auto follows the browser."""
    density: Literal["comfortable", "compact"] = "comfortable"
    """How much space lists take."""
    single_keys: bool = True
    """Whether single letters are shortcuts outside of text fields."""
