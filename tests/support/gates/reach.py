"""What each function's code can do on AWS: the calls of clients that its handler reaches, read from the source.

    reached("threads/update")  ->  {("send_message", "change")}
    reached("audit/archive")   ->  {("put_object", "content"), ("put_object", "audit-archives"), …}

From a handler it follows every call into the layer: functions by their imports, methods by the annotated type of
what they are called on, and callables that a constructor was given (`enqueue_message=infrastructure.enqueue`) back to
where they were made. What is enqueued by such a callable is what its annotation says: `Callable[[MessageDue], None]`
is the queue of MessageDue; if it names several items, any of their queues is meant. Where a role has a stand-in for
one machine, it follows the class that works on AWS.

A call of the blob store is about a part of the bucket: the store's method says which, or, for one of the deployment's
own objects, the `_NAME` or `_name` of the module that calls it.

It looks at what is written, not at what is true when it runs: a call behind a condition counts. What the
decorators do counts, too.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.support.gates.tree import LAYER, PACKAGE, ROOT, parse

ON_AWS = {
    "BlobStore": "S3Blobs",
    "BlobTransfers": "S3Transfers",
    "FramePusher": "ApiGatewayFrames",
    "KeyWrapper": "KmsKeyWrapper",
}
"""The roles that another class fills on one machine, and the class that fills each on AWS."""

OPERATIONS = {
    "Queues": {"send_message", "get_queue_attributes", "change_message_visibility_batch"},
    "S3Blobs": {"put_object", "get_object"},
    "S3Transfers": {"put_object", "get_object"},
    "ApiGatewayFrames": {"post_to_connection", "delete_connection"},
    "CognitoUserPool": {
        "admin_create_user",
        "admin_delete_user",
        "admin_disable_user",
        "admin_enable_user",
        "admin_get_user",
        "admin_user_global_sign_out",
    },
    "KmsKeyWrapper": {"generate_data_key", "decrypt", "re_encrypt"},
}
"""The calls of AWS that each class makes, as botocore names them. No other class has a client."""

PART_OF_THE_BUCKET = {
    ("S3Blobs", "put"): "content",
    ("S3Blobs", "put_many"): "content",
    ("S3Blobs", "get"): "content",
    ("S3Transfers", "upload_target"): "uploads",
    ("S3Transfers", "uploaded"): "uploads",
    ("S3Transfers", "uploaded_size"): "uploads",
    ("S3Transfers", "download_url"): "content",
}
"""The part of the bucket that each method is about; `write` and `read` are about what their caller names."""

ONLY_WITH = {("banxway.entrypoints.http", "_notify"): "notifies=True"}
"""What a decorator calls only for handlers that choose it, and how they do."""

_ITEM = "QueueItem"
_CAPABILITIES = "banxway.providers.base"


@dataclass(frozen=True, eq=False)
class Class:
    """A class of the layer."""

    module: "Module"
    node: ast.ClassDef

    @cached_property
    def bases(self) -> "list[Class]":
        found = (self.module.find(ast.unparse(base).split(".")[-1]) for base in self.node.bases)
        return [each for each in found if isinstance(each, Class)]

    @cached_property
    def line(self) -> "list[Class]":
        """The class and what it inherits from."""
        return [self, *(above for base in self.bases for above in base.line)]

    @cached_property
    def methods(self) -> dict[str, ast.FunctionDef]:
        return {node.name: node for node in self.node.body if isinstance(node, ast.FunctionDef)}

    @cached_property
    def places(self) -> "dict[str, Place]":
        """Its methods as places to be called."""
        return {name: Place(self.module, self, node) for name, node in self.methods.items()}

    @cached_property
    def is_role(self) -> bool:
        return any(ast.unparse(base).startswith("Protocol") for base in self.node.bases)

    @cached_property
    def declared(self) -> dict[str, ast.AnnAssign]:
        found = (node for node in self.node.body if isinstance(node, ast.AnnAssign))
        return {node.target.id: node for node in found if isinstance(node.target, ast.Name)}

    @cached_property
    def queue(self) -> str | None:
        """The name of the queue that it declares, if it is a queue's item."""
        declared = self.declared.get("queue") if _ITEM in map(ast.unparse, self.node.bases) else None
        return ast.literal_eval(declared.value) if declared and declared.value else None

    @cached_property
    def parameters(self) -> dict[str, ast.expr | None]:
        """What its constructor takes, in order, each with its annotation."""
        for each in self.line:
            if "__init__" in each.methods:
                return dict(list(_parameters(each.methods["__init__"]).items())[1:])
        return {name: node.annotation for each in self.line[::-1] for name, node in each.declared.items()}

    @cached_property
    def assigned(self) -> dict[str, list[tuple[ast.expr | None, ast.expr | None]]]:
        """The annotation and value of everything that its constructor puts on `self`."""
        found: dict[str, list[tuple[ast.expr | None, ast.expr | None]]] = {}
        for node in ast.walk(self.methods["__init__"]) if "__init__" in self.methods else ():
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets if isinstance(node, ast.Assign | ast.AnnAssign) else ():
                if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                    found.setdefault(target.attr, []).append((getattr(node, "annotation", None), node.value))
        return found


@dataclass(frozen=True, eq=False)
class Place:
    """Something that can be called: a function, a method of a class, or a lambda within one of them."""

    module: "Module"
    owner: Class | None
    node: ast.FunctionDef | ast.Lambda
    within: "Place | None" = None

    @cached_property
    def parameters(self) -> dict[str, ast.expr | None]:
        outer = self.within.parameters if self.within else {}
        return {**outer, **_parameters(self.node)}

    @cached_property
    def bindings(self) -> dict[str, list[ast.expr]]:
        """The values that its local names get."""
        found = {name: list(values) for name, values in self.within.bindings.items()} if self.within else {}
        for node in ast.walk(self.node):
            for target, value in _bound(node):
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        found.setdefault(name.id, []).append(value)
        return found

    @cached_property
    def lambdas(self) -> "dict[ast.Lambda, Place]":
        """The lambdas within it as places to be called."""
        found = (
            node for node in ast.walk(self.node) if isinstance(node, ast.Lambda) and node is not self.node
        )
        return {node: Place(self.module, self.owner, node, within=self) for node in found}

    @cached_property
    def about(self) -> set[str]:
        """The queue or the part of the bucket that what it calls is about, if it says so."""
        owner = self.owner.node.name if self.owner else ""
        name = self.node.name if isinstance(self.node, ast.FunctionDef) else ""
        part = PART_OF_THE_BUCKET.get((owner, name))
        return {part} if part else self._queues or self._objects

    @property
    def _objects(self) -> set[str]:
        """The deployment's own object that it names by its module's `_NAME` or `_name`."""
        named = {node.id for node in ast.walk(self.node) if isinstance(node, ast.Name)}
        return {self.module.object_name} - {None} if named & {"_NAME", "_name"} else set()

    @property
    def _queues(self) -> set[str]:
        """The queue whose URL it looks up by name, if it is exactly one."""
        calls = [node for node in ast.walk(self.node) if isinstance(node, ast.Call)]
        asked = [call for call in calls if ast.unparse(call.func).endswith(".queue_url")]
        named = {call.args[0].value for call in asked if isinstance(call.args[0], ast.Constant)}
        return {str(each) for each in named} if len(named) == 1 else set()


class Module:
    """A file of the layer, or a function's, with what it defines and imports."""

    def __init__(self, file: Path, name: str) -> None:
        self.name = name
        tree = parse(file)
        self.classes = {node.name: Class(self, node) for node in tree.body if isinstance(node, ast.ClassDef)}
        self.functions = {
            node.name: Place(self, None, node) for node in tree.body if isinstance(node, ast.FunctionDef)
        }
        self.imported: dict[str, tuple[str, str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = (node.module, alias.name)
        self.object_name = _object_named(tree)

    def find(self, name: str) -> "Class | Place | Module | None":
        """Return what a name stands for in this module, if it is ours."""
        if name in self.classes:
            return self.classes[name]
        if name in self.functions:
            return self.functions[name]
        if name not in self.imported:
            return None
        source, original = self.imported[name]
        if f"{source}.{original}" in _modules():
            return _modules()[f"{source}.{original}"]
        return _modules()[source].find(original) if source in _modules() else None


@dataclass(frozen=True)
class Attribute:
    """What may run where an attribute of a class's instances is called, or read if it is a property."""

    owner: Class
    name: str


@dataclass(frozen=True)
class Argument:
    """What may run where an argument of a class's constructor is called."""

    owner: Class
    name: str

    @property
    def about(self) -> set[str]:
        """The queues of the items that it takes, as its annotation names them."""
        annotation = self.owner.parameters.get(self.name)
        module = next(each.module for each in self.owner.line if each.parameters == self.owner.parameters)
        return {item.queue for item in _in_annotation(annotation, module) if item.queue}


Step = Place | Attribute | Argument


@cache
def reached(folder: str) -> frozenset[tuple[str, str | None]]:
    """Return the operations of AWS that a function's handler reaches, each with the queue or part of the bucket.

    The folder is such as "threads/get". The second is None for what is about neither, or about any of them.
    """
    area, name = folder.split("/")
    module = Module(ROOT / "functions" / area / name / "app.py", f"functions.{area}.{name}.app")
    found: set[tuple[str, str | None]] = set()
    handler = module.functions["handler"]
    waiting: list[tuple[Step, str | None]] = [(handler, None)]
    options = [ast.unparse(each) for each in handler.node.decorator_list]
    seen = set(waiting)
    while waiting:
        step, passed = waiting.pop()
        if isinstance(step, Place) and not _is_chosen(step, options):
            continue
        said = set() if isinstance(step, Attribute) else step.about
        about: set[str | None] = {*said} or {passed}
        if isinstance(step, Place):
            found |= {(operation, each) for operation in _operations(step) for each in about}
        following = {(each, named) for each in _following(step) for named in about} - seen
        seen |= following
        waiting.extend(following)
    return frozenset(found)


def _is_chosen(place: Place, options: list[str]) -> bool:
    """Return whether a handler whose decorators say `options` reaches a place of the decorators."""
    name = place.node.name if isinstance(place.node, ast.FunctionDef) else ""
    option = ONLY_WITH.get((place.module.name, name))
    return option is None or any(option in each for each in options)


@cache
def _modules() -> dict[str, Module]:
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(file.relative_to(LAYER).with_suffix("").parts).removesuffix(".__init__")
        found[name] = Module(file, name)
    return found


def _operations(place: Place) -> set[str]:
    """Return the operations of AWS that a place names itself."""
    known = OPERATIONS.get(place.owner.node.name, set()) if place.owner else set()
    nodes = list(ast.walk(place.node)) if known else []
    words = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return known & (words | {node.attr for node in nodes if isinstance(node, ast.Attribute)})


@cache
def _following(step: Step) -> frozenset[Step]:
    """Return what a place calls, or hands on to be called; or what an attribute or argument stands for."""
    if isinstance(step, Attribute):
        return frozenset(_of_attribute(step.owner, step.name))
    if isinstance(step, Argument):
        return frozenset(_of_argument(step.owner, step.name))
    named = (node for node in ast.walk(step.node) if isinstance(node, ast.Name | ast.Attribute))
    return frozenset(each for node in named for each in _called(node, step))


def _called(node: ast.expr, place: Place) -> set[Step]:
    """Return what may run where an expression is called."""
    if isinstance(node, ast.Lambda):
        return {place.lambdas[node]}
    if isinstance(node, ast.Name):
        if node.id in place.parameters:
            is_constructor = isinstance(place.node, ast.FunctionDef) and place.node.name == "__init__"
            return {Argument(place.owner, node.id)} if is_constructor and place.owner else set()
        return _entered(place.module.find(node.id))
    if isinstance(node, ast.Attribute):
        if isinstance(module := _module_of(node.value, place), Module):
            return _entered(module.find(node.attr))
        return {Attribute(each, node.attr) for each in _types(node.value, place)}
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "partial":
        return _called(node.args[0], place)
    return set()


def _entered(found: "Class | Place | Module | None") -> set[Step]:
    """Return what runs when something of ours is called by its name; a class is constructed and entered."""
    if isinstance(found, Place):
        return {found}
    if isinstance(found, Class):
        names = ("__init__", "__post_init__", "__enter__", "__exit__")
        return {each.places[name] for each in found.line for name in names if name in each.places}
    return set()


def _of_attribute(owner: Class, name: str) -> set[Step]:
    for each in owner.line:
        if name in each.methods:
            return set() if _makes_a_part(each, each.methods[name]) else {each.places[name]}
        if name in each.assigned:
            constructor = each.places["__init__"]
            values = [value for _, value in each.assigned[name] if value is not None]
            return {step for value in values for step in _called(value, constructor)}
        if name in each.declared:
            return {Argument(owner, name)}
    return set()


def _makes_a_part(owner: Class, method: ast.FunctionDef) -> bool:
    """Return whether a method makes a part of App: making a service does not use everything that it is given."""
    return owner.module.name.startswith("banxway.app") and "cached_property" in map(
        ast.unparse, method.decorator_list
    )


def _of_argument(owner: Class, parameter: str) -> set[Step]:
    return {
        step
        for made, called, place in _constructions()
        if owner in made.line
        for value in _given(made, called, parameter)
        for step in _called(value, place)
    }


@cache
def _constructions() -> list[tuple[Class, ast.Call, Place]]:
    """Return every construction of a class of ours in the layer, with the place that contains it."""
    found = []
    for module in _modules().values():
        methods = [place for owner in module.classes.values() for place in owner.places.values()]
        for place in (*module.functions.values(), *methods):
            for node in ast.walk(place.node):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    made = module.find(node.func.id)
                    if isinstance(made, Class):
                        found.append((made, node, place))
    return found


def _given(made: Class, called: ast.Call, parameter: str) -> Iterator[ast.expr]:
    names = list(made.parameters)
    if parameter in names and names.index(parameter) < len(called.args):
        yield called.args[names.index(parameter)]
    yield from (each.value for each in called.keywords if each.arg == parameter)


def _types(node: ast.expr, place: Place) -> set[Class]:
    """Return the classes of ours that an expression may be an instance of, or contain, or return."""
    return {filling for each in _stated(node, place) for filling in _filling(each)}


@cache
def _stated(node: ast.expr, place: Place, depth: int = 0) -> frozenset[Class]:
    """Return what the annotations say of an expression; it follows assignments, but not without end."""
    if depth > 12:
        return frozenset()
    found: set[Class] = set()
    if isinstance(node, ast.Name):
        found |= _stated_of_name(node.id, place, depth)
    elif isinstance(node, ast.Attribute):
        if isinstance(module := _module_of(node.value, place), Module):
            found |= _returned(module.find(node.attr))
        else:
            for each in _stated(node.value, place, depth + 1):
                for filling in _filling(each):
                    found |= _stated_of_member(filling, node.attr, depth)
    else:
        for child in _holding(node):
            found |= _stated(child, place, depth + 1)
    return frozenset(found)


def _stated_of_name(name: str, place: Place, depth: int) -> set[Class]:
    if name == "self" and place.owner:
        return {place.owner}
    if name in place.parameters:
        return _in_annotation(place.parameters[name], place.module)
    if name in place.bindings:
        return {each for value in place.bindings[name] for each in _stated(value, place, depth + 1)}
    return _returned(place.module.find(name))


def _stated_of_member(owner: Class, name: str, depth: int) -> set[Class]:
    for each in owner.line:
        if name in each.methods:
            return _in_annotation(each.methods[name].returns, each.module)
        if name in each.declared:
            return _in_annotation(each.declared[name].annotation, each.module)
        if name in each.assigned:
            constructor = each.places["__init__"]
            found = set()
            for annotation, value in each.assigned[name]:
                found |= _in_annotation(annotation, each.module)
                found |= _stated(value, constructor, depth + 1) if value is not None else set()
            return found
    return set()


def _returned(found: "Class | Place | Module | None") -> set[Class]:
    if isinstance(found, Class):
        return {found}
    if isinstance(found, Place) and isinstance(found.node, ast.FunctionDef):
        return _in_annotation(found.node.returns, found.module)
    return set()


def _in_annotation(annotation: ast.expr | None, module: Module) -> set[Class]:
    """Return every class of ours that an annotation names, in whatever container or callable."""
    found: set[Class] = set()
    for node in ast.walk(annotation) if annotation is not None else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= _in_annotation(ast.parse(node.value, mode="eval").body, module)
        name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
        if isinstance(name, str) and isinstance(meant := module.find(name), Class):
            found.add(meant)
    return found


@cache
def _filling(role: Class) -> frozenset[Class]:
    """Return the classes that may fill a role that an annotation names; any other class is returned itself."""
    if not role.is_role:
        return frozenset({role})
    classes = [each for module in _modules().values() for each in module.classes.values()]
    if role.node.name in ON_AWS:
        return frozenset(each for each in classes if each.node.name == ON_AWS[role.node.name])
    return frozenset(
        each
        for each in classes
        if not each.is_role
        and role.methods
        and set(role.methods) <= _offered(each)
        # `send` is a method of other classes, too.
        and (role.module.name != _CAPABILITIES or each.module.name.startswith("banxway.providers."))
    )


def _offered(owner: Class) -> set[str]:
    return {name for each in owner.line for name in each.methods}


def _module_of(node: ast.expr, place: Place) -> Module | None:
    if isinstance(node, ast.Name) and node.id not in place.parameters:
        found = place.module.find(node.id)
        return found if isinstance(found, Module) else None
    return None


def _holding(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of an expression that its value may come from."""
    if isinstance(node, ast.Call):
        yield node.func
        if ast.unparse(node.func) in (
            "partial",
            "list",
            "iter",
            "next",
            "sorted",
            "reversed",
            "enumerate",
            "zip",
        ):
            yield from node.args
    elif isinstance(node, ast.Subscript | ast.Starred | ast.Await | ast.YieldFrom):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.NamedExpr):
        yield node.value
    elif isinstance(node, ast.Lambda):
        yield node.body
    elif isinstance(node, ast.Tuple | ast.List):
        yield from node.elts
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        yield node.elt


def _bound(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each target that a node assigns, with the value that it comes from."""
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign):
        yield node.target, node.annotation
        if node.value is not None:
            yield node.target, node.value
    elif isinstance(node, ast.NamedExpr):
        yield node.target, node.value
    elif isinstance(node, ast.For | ast.comprehension):
        yield node.target, node.iter
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr


def _parameters(node: ast.FunctionDef | ast.Lambda) -> dict[str, ast.expr | None]:
    arguments = node.args
    return {
        each.arg: each.annotation for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    }


def _object_named(tree: ast.Module) -> str | None:
    """Return the first part of what a module's `_NAME` or `_name` says, such as "audit-heads"."""
    for node in tree.body:
        is_name = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_NAME"
        if is_name or (isinstance(node, ast.FunctionDef) and node.name == "_name"):
            texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
            return next((text.split("/")[0] for text in texts if isinstance(text, str)), None)
    return None
