"""What the parts of the app have in common."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from banxway.app import App


class Part:
    """The services of one area, each made when it is first used.

    A service is made of the infrastructure and of other services, which it finds by way of the app: so no part
    has to exist before another.
    """

    def __init__(self, app: "App") -> None:
        self._app = app
        self._infrastructure = app.infrastructure
