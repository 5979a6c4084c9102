"""Least privilege, reviewable: a function holds exactly the policies that its code needs.

A policy's name is a sentence. What a function needs is read from its source (tests/support/gates/reach.py): the
calls of AWS that its handler reaches. The tables below say which policy allows which call, and what each policy says.
"""

import ast
import inspect
from typing import Any, NamedTuple

from tests.support.gates import reach
from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import (
    consumers,
    deployed,
    folder_of,
    functions,
    of,
    plurals,
    policies_of,
    template,
)
from tests.support.gates.tree import PACKAGE, function_files, nodes_of, parse, python_files, shown

ALLOWED_BY = {
    "put_object": "MayStoreBlobs",
    "get_object": "MayStoreBlobs",
    "generate_data_key": "MayDecryptCredentials",
    "decrypt": "MayDecryptCredentials",
    "re_encrypt": "MayRewrapKeys",
    "post_to_connection": "MayPushFrames",
    "delete_connection": "MayCloseConnections",
    "admin_create_user": "MayInviteUsers",
    "admin_delete_user": "MayInviteUsers",
    "admin_disable_user": "MayInviteUsers",
    "admin_enable_user": "MayInviteUsers",
    "admin_get_user": "MayInviteUsers",
    "admin_user_global_sign_out": "MayInviteUsers",
}
"""The policy that allows each call. What is sent to a queue, taken from it or measured has one for each queue."""

NEVER_HAPPENS = {
    ("MessagesSendTemplate", "MayStoreBlobs"): "only a mail has attachments, and a template is WhatsApp's",
}
"""Calls that are written on the way, and that the function never makes."""

MAY_HOLD = {
    "endpoint": {
        "MayDecryptCredentials",
        "MayStoreBlobs",
        "MayEnqueueMessages",
        "MayEnqueueChanges",
        "MayEnqueueRotations",
        "MayEnqueueMailboxes",
        "MayCloseConnections",
        "MayInviteUsers",
    },
    "webhook": {"MayEnqueueWebhooks", "MayStoreBlobs"},
    "worker": {
        "MayDecryptCredentials",
        "MayRewrapKeys",
        "MayStoreBlobs",
        "MayPushFrames",
    },
    "timer": {"MayStoreBlobs"},
    "socket": set(),
    "deployment": {"MayStoreBlobs", "MayEnqueueRotations", "MayInviteUsers"},
}
"""What a kind of function may ever hold, whatever its code says: a receiver is open to the internet, for example.

Besides, an endpoint may measure queues, a worker may enqueue and consume, and a timer may enqueue all but callbacks.
"""

HELD_BY_ONE = {
    "MayPushFrames": {"RealtimeNotify"},
    "MayCloseConnections": {"TeamUpdateMember"},
    "MayRewrapKeys": {"MaintenanceRotateEncryption"},
    "MayEnqueueWebhooks": {
        "WebhooksExotelCallStatus",
        "WebhooksExotelWhatsappStatus",
        "WebhooksApplyCallback",
    },
}
"""Who may push can pretend to be the product towards every browser; who closes connections can silence a team.

Who enqueues callbacks can pretend to be a provider.
"""

MEASURES_QUEUES = "StatusGetDiagnostics"
"""The one function that may measure queues. Each queue grants it that by a policy of its own."""

MAY_OPEN_A_SECRET = {
    "IntegrationsGetCredentials": "only admins may look, each time with an audit entry",
    "StatusGetDiagnostics": "asks every provider whether its account works, and shows nothing of what it asked with",
    "EmailSyncCompare": "looks at a mail server, and shows nothing of what it logged in with",
}
"""The functions that only show something, and nevertheless decrypt."""

TAKES = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
KEY = {"Fn::GetAtt": ["CredentialsKey", "Arn"]}
BUCKET = {"Fn::GetAtt": ["BlobBucket", "Arn"]}
PREVIOUS_KEY = {"Fn::If": ["HasPreviousKey", {"Ref": "EncryptionPreviousKeyArn"}, KEY]}
FOR_CREDENTIALS = {"StringEquals": {"kms:EncryptionContext:purpose": "credentials"}}
THROUGH_S3 = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}}}
CONNECTIONS = (
    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RealtimeApi}/live/%s/@connections/*"
)
CLIENTS = ("self._client", "self._s3()", "self._kms()")


class Says(NamedTuple):
    """One statement of a policy; all of them allow."""

    actions: list[str]
    on: list[Any]
    condition: dict[str, Any] | None = None


NO_POOL = "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/none"

SAYS = {
    "MayInviteUsers": [
        Says(
            [
                "cognito-idp:AdminCreateUser",
                "cognito-idp:AdminDeleteUser",
                "cognito-idp:AdminDisableUser",
                "cognito-idp:AdminEnableUser",
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminUserGlobalSignOut",
            ],
            [{"Fn::If": ["HasUserPool", {"Fn::GetAtt": ["UserPool", "Arn"]}, {"Fn::Sub": NO_POOL}]}],
        )
    ],
    "MayDecryptCredentials": [
        Says(["kms:Decrypt", "kms:GenerateDataKey"], [KEY], FOR_CREDENTIALS),
        Says(["kms:Decrypt"], [PREVIOUS_KEY], FOR_CREDENTIALS),
    ],
    "MayRewrapKeys": [
        Says(["kms:ReEncryptFrom", "kms:ReEncryptTo"], [KEY], FOR_CREDENTIALS),
        Says(["kms:ReEncryptFrom"], [PREVIOUS_KEY], FOR_CREDENTIALS),
    ],
    "MayStoreBlobs": [
        Says(["s3:GetObject", "s3:PutObject"], [{"Fn::Sub": "${BlobBucket.Arn}/*"}]),
        # Without it S3 says AccessDenied for what is only absent.
        Says(["s3:ListBucket"], [BUCKET]),
        Says(["kms:Decrypt", "kms:GenerateDataKey"], [KEY], THROUGH_S3),
    ],
    "MayPushFrames": [Says(["execute-api:ManageConnections"], [{"Fn::Sub": CONNECTIONS % "POST"}])],
    "MayCloseConnections": [Says(["execute-api:ManageConnections"], [{"Fn::Sub": CONNECTIONS % "DELETE"}])],
}
"""What each policy says that is not about queues; those have the same words for every queue."""


@rule
def test_a_function_holds_every_policy_that_its_code_needs() -> Sentences:
    """Locally everything is allowed; on AWS a missing policy fails every call, and nothing here would notice."""
    for name, needed in _needed().items():
        for policy, call in sorted(needed.items()):
            if policy not in policies_of(name) and (name, policy) not in NEVER_HAPPENS:
                yield f"{name} reaches {call}, so it must hold {policy}"


@rule
def test_a_function_holds_no_policy_that_its_code_does_not_need() -> Sentences:
    """What nothing uses is only of use to somebody who breaks in."""
    for name, needed in _needed().items():
        for policy in sorted(policies_of(name)):
            if policy not in needed or (name, policy) in NEVER_HAPPENS:
                yield f"{name} holds {policy}, and its code reaches nothing that needs it"


@rule
def test_what_never_happens_is_still_written_on_the_way() -> Sentences:
    """An exception that outlived its reason would hide the next one."""
    for name, policy in NEVER_HAPPENS:
        if policy not in _needed().get(name, {}):
            yield f"{name} no longer reaches what needs {policy}: remove the exception"


@rule
def test_every_call_of_aws_is_one_that_the_walk_knows() -> Sentences:
    """A class with a client of its own, or a new call of an old one, would need a policy that nobody asks for."""
    yield from _strange_clients()
    yield from _strange_calls()


@rule
def test_a_function_holds_named_policies_only() -> Sentences:
    """An inline statement is a permission that nobody reads."""
    for name, properties in of("Serverless::Function").items():
        for policy in properties.get("Policies", []):
            if not isinstance(policy, dict) or set(policy) != {"Ref"} or policy["Ref"] not in _policies():
                yield f"{name} holds {policy!r}, which is no reference to a policy of this template"


@rule
def test_a_function_holds_nothing_that_its_kind_may_not() -> Sentences:
    """The table above is the review."""
    for each in functions():
        for policy in sorted(policies_of(each.logical_id) - _may_hold(each.kind)):
            yield f"{each.logical_id} is a function of the kind {each.kind}, which may not hold {policy}"


@rule
def test_a_worker_consumes_its_own_queue_and_no_other() -> Sentences:
    """A worker that can drain another queue can lose its work."""
    own = {worker: {f"MayConsume{plurals().get(queue)}"} for queue, worker in consumers().items()}
    for name in of("Serverless::Function"):
        held = policies_of(name) & _about_queues("MayConsume")
        if held != own.get(name, set()):
            yield f"{name} consumes by {sorted(held)}, and should by {sorted(own.get(name, set()))}"


@rule
def test_a_function_that_only_shows_holds_nothing_but_the_database_and_the_blobs() -> Sentences:
    """What agents may look at never includes a secret, so that no reading function needs a key."""
    for each in functions():
        if each.kind == "endpoint" and each.routes and each.routes[0].method == "GET":
            beyond = policies_of(each.logical_id) - {"MayStoreBlobs"}
            if each.logical_id in MAY_OPEN_A_SECRET:
                beyond -= {"MayDecryptCredentials"}
            if each.logical_id == MEASURES_QUEUES:
                beyond -= _about_queues("MayMeasure")
            for policy in sorted(beyond):
                yield f"{each.logical_id} only shows something, and holds {policy}"


@rule
def test_what_reaches_far_is_held_by_one_function() -> Sentences:
    measuring = {policy: {MEASURES_QUEUES} for policy in _about_queues("MayMeasure")}
    for policy, wanted in (HELD_BY_ONE | measuring).items():
        holders = {name for name in of("Serverless::Function") if policy in policies_of(name)}
        if holders != wanted:
            yield f"{policy} is held by {sorted(holders)}, and should be by {sorted(wanted)}"


@rule
def test_every_policy_is_held_by_somebody() -> Sentences:
    """An unused permission is one that somebody attaches later without thinking."""
    held = {policy for name in of("Serverless::Function") for policy in policies_of(name)}
    for policy in sorted(_policies() - held):
        yield f"{policy} is held by no function"


@rule
def test_a_policy_says_what_its_name_says() -> Sentences:
    """Nothing wider, nothing narrower, under its condition: the table above, statement by statement."""
    for name in sorted(set(_says()) - _policies()):
        yield f"{name} is not in template.yaml"
    for name in sorted(_policies()):
        found, wanted = [_said(statement) for statement in _statements(name)], _says().get(name, [])
        yield from (f"{name} says {each}, which no table does" for each in found if each not in wanted)
        yield from (f"{name} does not say {each}" for each in wanted if each not in found)


@rule
def test_no_statement_of_a_policy_is_hidden_from_the_table() -> Sentences:
    """`NotAction`, another effect, or a user that a policy is given to would allow what no table shows."""
    for name, properties in (of("IAM::ManagedPolicy") | of("IAM::RolePolicy")).items():
        document = properties.get("PolicyDocument", {})
        beside = {"PolicyName", "RoleName"} if name in of("IAM::RolePolicy") else set()
        if set(properties) != {"PolicyDocument", *beside} or set(document) != {"Version", "Statement"}:
            yield f"{name} has more or less than a document of statements: {sorted({*properties, *document})}"
        if document.get("Version") != "2012-10-17":
            yield f"{name} is written in version {document.get('Version')} of the language"
        for statement in _statements(name):
            if statement.get("Effect") != "Allow" or set(statement) - {
                "Effect",
                "Action",
                "Resource",
                "Condition",
            }:
                yield f"{name} has a statement of another form: {statement}"


@rule
def test_no_policy_names_a_star() -> Sentences:
    """A star is every action, or every key, queue and bucket of the account. `…/*` is all that is in one bucket."""
    for name in sorted(_policies()):
        for statement in map(_said, _statements(name)):
            for each in (*statement.actions, *map(str, statement.on)):
                if "*" in each.replace("/*", "") or each == "/*":
                    yield f"{name} names {each}"


@rule
def test_the_purpose_of_credentials_is_the_one_that_the_policies_name() -> Sentences:
    """KMS compares it with what the envelope says; if one side changes alone, no credential opens on AWS."""
    from banxway.security.envelope import Envelope

    (purpose,) = FOR_CREDENTIALS["StringEquals"].values()
    for method in (Envelope.encrypt, Envelope.decrypt, Envelope.rewrap, Envelope.current_key_id):
        said = inspect.signature(method).parameters["purpose"].default
        if said != purpose:
            yield f"Envelope.{method.__name__} says {said!r}, and the policies say {purpose!r}"


@rule
def test_only_what_a_deployer_starts_knows_the_owners_password() -> Sentences:
    """Row-level security binds banxway_app; it does not bind the owner."""
    shared = template().get("Globals", {}).get("Function", {})
    given = {"every function": shared, **of("Serverless::Function")}
    knowing = {name for name, properties in given.items() if "OwnerDatabaseUrl" in str(properties)}
    for name in sorted(knowing ^ {"PlatformMigrate", "OrganizationsCreate"}):
        yield f"{name} {'knows' if name in knowing else 'does not know'} the owner's password"


def _says() -> dict[str, list[Says]]:
    """Return what every policy says: the table above, and the same for every queue."""
    arns = {queue: {"Fn::GetAtt": [queue, "Arn"]} for queue in plurals()}
    letters = {
        queue: {"Fn::GetAtt": [f"{queue.removesuffix('Queue')}DeadLetters", "Arn"]} for queue in plurals()
    }
    return {
        **SAYS,
        **{
            f"MayMeasure{plural}": [Says(["sqs:GetQueueAttributes"], sorted([arns[q], letters[q]], key=str))]
            for q, plural in plurals().items()
        },
        **{f"MayEnqueue{plural}": [Says(["sqs:SendMessage"], [arns[q]])] for q, plural in plurals().items()},
        **{f"MayConsume{plural}": [Says(TAKES, [arns[q]])] for q, plural in plurals().items()},
    }


def _may_hold(kind: str) -> set[str]:
    enqueueing = _about_queues("MayEnqueue")
    besides = {
        "worker": enqueueing | _about_queues("MayConsume"),
        "timer": enqueueing - {"MayEnqueueWebhooks"},
        "endpoint": _about_queues("MayMeasure"),
    }
    return MAY_HOLD[kind] | besides.get(kind, set())


def _about_queues(verb: str) -> set[str]:
    return {f"{verb}{plural}" for plural in plurals().values()}


def _needed() -> dict[str, dict[str, str]]:
    """Return the policies that each function's code needs, each with a call that needs it."""
    folders = {f"{file.parent.parent.name}/{file.parent.name}" for file in function_files()}
    return {
        name: {
            policy: _in_words(call, queue)
            for call, queue in sorted(calls, key=str)
            for policy in _allowing(call, queue, name)
        }
        for name, properties in deployed().items()
        if (folder := folder_of(properties)) in folders
        for calls in [reach.reached(folder)]
    }


def _allowing(call: str, queue: str | None, name: str) -> set[str]:
    if call == "send_message":
        return {f"MayEnqueue{plurals().get(f'{str(queue).capitalize()}Queue')}"}
    if call == "get_queue_attributes":
        return _about_queues("MayMeasure")
    if call == "change_message_visibility_batch":
        own = next((each for each, worker in consumers().items() if worker == name), "")
        return {f"MayConsume{plurals().get(own)}"}
    return {ALLOWED_BY[call]}


def _in_words(call: str, queue: str | None) -> str:
    return f"{call} of the {queue} queue" if queue else call


def _policies() -> set[str]:
    return {*of("IAM::ManagedPolicy"), *of("IAM::RolePolicy")}


def _statements(policy: str) -> list[dict[str, Any]]:
    properties = of("IAM::ManagedPolicy").get(policy) or of("IAM::RolePolicy").get(policy, {})
    found = properties.get("PolicyDocument", {}).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _said(statement: dict[str, Any]) -> Says:
    return Says(
        sorted(map(str, _listed(statement.get("Action")))),
        sorted(_listed(statement.get("Resource")), key=str),
        statement.get("Condition"),
    )


def _strange_clients() -> Sentences:
    for file in python_files("layers/banxway"):
        if not file.is_relative_to(PACKAGE / "app"):
            for node in nodes_of(file):
                if isinstance(node, ast.Call) and _last(node.func) in ("create_client", "aws_client"):
                    yield f"{shown(file)}:{node.lineno} makes a client of AWS, which only banxway/app does"
    for name in sorted(_given_a_client() - set(reach.OPERATIONS)):
        yield f"{name} is given a client of AWS: add it to OPERATIONS in tests/support/gates/reach.py"


def _strange_calls() -> Sentences:
    nodes = [node for file in python_files("layers/banxway") for node in parse(file).body]
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    for name in sorted({*reach.OPERATIONS, *reach.ON_AWS} - set(classes)):
        yield f"tests/support/gates/reach.py names {name}, which is no class any more"
    for name, known in reach.OPERATIONS.items():
        for call in sorted(_calls_of_its_client(classes[name]) - known if name in classes else ()):
            yield f"{name} calls {call} of AWS: add it to OPERATIONS in tests/support/gates/reach.py, and to a policy"


def _calls_of_its_client(owner: ast.ClassDef) -> set[str]:
    """Return what a class calls on its client of AWS, itself or by way of a method of its own."""
    found = set()
    for node in ast.walk(owner):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in CLIENTS:
            found.add(node.attr)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("self._call", "self._presigned"):
            found |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    return found - {"generate_presigned_url", "exceptions"}


def _given_a_client() -> set[str]:
    """Return the classes that banxway/app hands a way to make a client of AWS."""
    trees = [parse(file) for file in sorted((PACKAGE / "app").glob("*.py"))]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {_last(node.func) for node in calls if any(map(_makes_a_client, _arguments(node)))}


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _makes_a_client(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Lambda)
        and isinstance(node.body, ast.Call)
        and _last(node.body.func) == "aws_client"
    )


def _last(node: ast.expr) -> str:
    return ast.unparse(node).split(".")[-1]
