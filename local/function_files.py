"""Reads the functions' own files: what triggers each, what it promises, what it declares."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from local.intrinsics import read_yaml

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("endpoint", "webhook", "worker", "timer", "socket", "deployment")


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API; `event` is its logical name in the template."""

    method: str
    path: str
    event: str


@dataclass(frozen=True)
class FunctionFile:
    """One `functions/<area>/<folder>/app.py`, read and imported.

    Its docstring is `<trigger>: <promise>`, then `details`. `routes` are the template's, in their order.
    """

    area: str
    folder: str
    trigger: str
    promise: str
    details: str
    handler: Any
    routes: tuple[Route, ...] = ()

    @property
    def kind(self) -> str:
        """Return which decorator made it. Raises StopIteration for a handler without one."""
        return next(kind for kind in KINDS if hasattr(self.handler, kind))

    @property
    def operation(self) -> str:
        """Return area and folder in snake_case: the operationId."""
        return f"{self.area}_{self.folder}"

    @property
    def logical_id(self) -> str:
        """Return area and folder in PascalCase: the name in the template."""
        return logical_id(self.area, self.folder)

    @property
    def summary(self) -> str:
        """Return the promise as a sentence: the template's Description."""
        return self.promise[:1].upper() + self.promise[1:]


def logical_id(area: str, folder: str) -> str:
    """Return what the template calls the function in this folder."""
    return "".join(word.capitalize() for word in f"{area}_{folder}".split("_"))


def add_layer_to_path() -> None:
    """Let `banxway` be imported from its layer, as it is under pytest and on Lambda."""
    layer = str(ROOT / "layers" / "banxway")
    if layer not in sys.path:
        sys.path.insert(0, layer)


def read_functions(root: Path = ROOT) -> list[FunctionFile]:
    """Return every function under `functions/`, in the order of the template; unlisted ones come last."""
    resources = read_yaml(root / "template.yaml")["Resources"]
    order = {name: position for position, name in enumerate(resources)}
    folders = [file.parent for file in root.glob("functions/*/*/app.py")]
    folders.sort(key=lambda each: (order.get(logical_id(each.parent.name, each.name), len(order)), each))
    return [read_function(folder, resources) for folder in folders]


def read_function(folder: Path, resources: dict[str, Any]) -> FunctionFile:
    """Return the function in a folder, with the routes that a template's resources give it."""
    area, name = folder.parent.name, folder.name
    module = importlib.import_module(f"functions.{area}.{name}.app")
    trigger, promise, details = split_docstring(module)
    events = resources.get(logical_id(area, name), {}).get("Properties", {}).get("Events", {})
    return FunctionFile(
        area=area,
        folder=name,
        trigger=trigger,
        promise=promise,
        details=details,
        handler=module.handler,
        routes=tuple(
            Route(event["Properties"]["Method"].upper(), event["Properties"]["Path"], event_name)
            for event_name, event in events.items()
            if event["Type"] == "HttpApi"
        ),
    )


def split_docstring(module: ModuleType) -> tuple[str, str, str]:
    """Return a function file's trigger, its promise (a sentence), and what follows.

    Raises ValueError for a docstring of another form.
    """
    first, _, rest = (module.__doc__ or "").partition("\n")
    trigger, separator, promise = first.partition(": ")
    if not separator or not promise.endswith("."):
        raise ValueError(f"{module.__name__}: the docstring must begin `<trigger>: <sentence>.`")
    return trigger, promise, rest.strip()
