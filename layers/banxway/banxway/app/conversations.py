"""The services of the areas customers and threads."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.customers.read import Customers
    from banxway.services.customers.update import CustomerChanges
    from banxway.services.threads.read import Threads
    from banxway.services.threads.read_state import ReadMarks
    from banxway.services.threads.update import ThreadChanges


class CustomerServices(Part):
    """Services of functions/customers/."""

    @cached_property
    def read(self) -> "Customers":
        from banxway.services.customers.read import Customers

        return Customers(self._infrastructure.database)

    @cached_property
    def update(self) -> "CustomerChanges":
        from banxway.services.customers.update import CustomerChanges

        return CustomerChanges(
            self._infrastructure.database,
            environment=self._app.integrations.environment,
            notices=self._app.notices,
            new_id=new_id,
        )


class ThreadServices(Part):
    """Services of functions/threads/."""

    @cached_property
    def read(self) -> "Threads":
        from banxway.services.threads.read import Threads

        return Threads(self._infrastructure.database)

    @cached_property
    def update(self) -> "ThreadChanges":
        from banxway.services.threads.update import ThreadChanges

        return ThreadChanges(self._infrastructure.database, notices=self._app.notices, new_id=new_id)

    @cached_property
    def read_state(self) -> "ReadMarks":
        from banxway.services.threads.read_state import ReadMarks

        return ReadMarks(
            self._infrastructure.database,
            enqueue_mailboxes=self._infrastructure.enqueue,
            notices=self._app.notices,
        )
