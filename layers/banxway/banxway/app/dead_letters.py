"""The services of the area dead_letters."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.dead_letters.discard import DeadLetterDiscarding
    from banxway.services.dead_letters.lists import DeadLetterLists
    from banxway.services.dead_letters.record import DeadLetterRecorder
    from banxway.services.dead_letters.redrive import DeadLetterRedriving


class DeadLetterServices(Part):
    """Services of functions/dead_letters/."""

    @cached_property
    def record(self) -> "DeadLetterRecorder":
        from banxway.services.dead_letters.record import DeadLetterRecorder

        return DeadLetterRecorder(
            self._infrastructure.database,
            queue_urls=self._infrastructure.settings.queue_urls,
            notifications=self._app.status.notifications,
            notices=self._app.notices,
            new_id=new_id,
        )

    @cached_property
    def lists(self) -> "DeadLetterLists":
        from banxway.services.dead_letters.lists import DeadLetterLists

        return DeadLetterLists(self._infrastructure.database)

    @cached_property
    def redrive(self) -> "DeadLetterRedriving":
        from banxway.services.dead_letters.redrive import DeadLetterRedriving

        return DeadLetterRedriving(
            self._infrastructure.database,
            enqueue=self._infrastructure.enqueue,
            notifications=self._app.status.notifications,
            notices=self._app.notices,
        )

    @cached_property
    def discard(self) -> "DeadLetterDiscarding":
        from banxway.services.dead_letters.discard import DeadLetterDiscarding

        return DeadLetterDiscarding(
            self._infrastructure.database,
            notifications=self._app.status.notifications,
            notices=self._app.notices,
        )
