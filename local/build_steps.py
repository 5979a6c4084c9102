"""Runs build steps as child processes, so that an interrupted start ends them too, and explains failures."""

from collections.abc import Callable
from pathlib import Path

from local.children import Children
from local.console import node
from local.install import reason
from local.refusal import CannotStart, full_disk


class BuildSteps:
    """Runs commands to their end, one after the other; their output goes into a log.

    `what` is the sentence that a failure begins with; `reason` finds its end in the output.
    """

    def __init__(
        self,
        children: Children,
        log: Path,
        *,
        what: str = "the functions' packages cannot be installed",
        folder: Path | None = None,
        reason: Callable[[str], str] = reason,
    ) -> None:
        self._children = children
        self._log = log
        self._what = what
        self._reason_in = reason
        self._folder = folder or Path.cwd()

    def __call__(self, command: list[str]) -> None:
        """Run one command. Raises CannotStart with the reason."""
        began_at = self._log.stat().st_size if self._log.exists() else 0
        child = self._children.start(
            command, environment=node.environment(), folder=self._folder, log=self._log
        )
        if child.wait():
            raise CannotStart(f"{self._what}: {self._reason(began_at)}")
        self._children.bury(child)

    def _reason(self, began_at: int) -> str:
        # On a full disk the log may lack its end too.
        full = full_disk(self._log.parent)
        said = self._log.read_bytes()[began_at:].decode(errors="replace")
        return full or f"{self._reason_in(said)} (all of it: {self._log})"
