"""Least privilege, reviewable: a function holds exactly the policies that its code needs.

A function holds the policies of its role (test_roles.py). A policy's name is a sentence. What a function needs is
read from its source (tests/support/gates/reach.py): the calls of AWS that its handler reaches. The tables below say
which policy allows which call, and what each policy says.
"""

import ast
import inspect
from typing import Any, NamedTuple

from tests.support.gates import reach
from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import (
    HELD_BY_ALL,
    PARTS,
    consumers,
    deployed,
    documents,
    folder_of,
    functions,
    logical_queue,
    of,
    plurals,
    policies_of,
    schedules,
    template,
)
from tests.support.gates.tree import PACKAGE, function_files, nodes_of, parse, python_files, shown

ALLOWED_BY = {
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
"""The policy that allows each call. What is sent to a queue or taken from it has one for each queue."""

NEVER_HAPPENS = {
    ("MessagesSendTemplate", policy): "only a mail has attachments, and a template is WhatsApp's"
    for policy in ("MayReadUploads", "MayStoreContent")
} | {
    (
        "DeadLettersRecord",
        "MayEnqueueDeadLetters",
    ): "a worker gives items up, but its own queue has no last attempt"
}
"""Calls that are written on the way, and that the function never makes."""

MAY_HOLD = {
    "endpoint": {
        "MayDecryptCredentials",
        "MayReadContent",
        "MayStoreContent",
        "MayReadUploads",
        "MayStoreUploads",
        "MayReadEpoch",
        "MayReadAnchors",
        "MayReadManifests",
        "MayEnqueueMessages",
        "MayEnqueueMails",
        "MayEnqueueChanges",
        "MayEnqueueRotations",
        "MayEnqueueMailboxes",
        "MayEnqueueIdles",
        "MayEnqueueIntegrations",
        "MayEnqueueWebhooks",
        "MayMeasureQueues",
        "MayCloseConnections",
        "MayInviteUsers",
    },
    "webhook": {"MayEnqueueWebhooks", "MayStoreContent"},
    "worker": {
        "MayDecryptCredentials",
        "MayRewrapKeys",
        "MayReadContent",
        "MayStoreContent",
        "MayReadEpoch",
        "MayPushFrames",
        "MayCloseConnections",
    },
    "timer": {
        "MayStoreContent",
        "MayReadEpoch",
        "MayStoreEpoch",
        "MayReadAnchors",
        "MayStoreAnchors",
        "MayReadManifests",
        "MayStoreManifests",
    },
    "socket": set(),
    "deployment": {"MayReadEpoch", "MayEnqueueRotations", "MayInviteUsers"},
}
"""What a kind of function may ever hold, whatever its code says: a receiver is open to the internet, for example.

Besides, a worker may enqueue and consume, and a timer may enqueue all but callbacks.
"""

HELD_BY_ONE = {
    "MayPushFrames": {"RealtimeNotify"},
    "MayCloseConnections": {"TeamUpdateMember", "RealtimeNotify"},
    "MayRewrapKeys": {"MaintenanceRotateEncryption"},
    "MayMeasureQueues": {"StatusGetDiagnostics"},
    "MayStoreEpoch": {"MaintenanceSweep"},
    "MayStoreAnchors": {"MaintenanceSweep"},
    "MayStoreManifests": {"AuditArchive"},
    "MayEnqueueWebhooks": {
        "WebhooksExotelCallStatus",
        "WebhooksExotelWhatsappStatus",
        "WebhooksApplyCallback",
        # Only what the worker of callbacks had in its hands already, and gave up.
        "DeadLettersRedrive",
        "WebhooksReplayEvent",
    },
}
"""Who may push can pretend to be the product towards every browser; who closes connections can silence a team.

Who stores the epoch can have messages sent twice; who stores anchors or manifests can hide that the audit trail was
rewritten. Who enqueues callbacks can pretend to be a provider.
"""

OF_THE_SCHEDULER = {"MayStartTimers", "MayEnqueueFailedTicks"}
"""The policies of EventBridge Scheduler, which no function holds."""

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
    HELD_BY_ALL: [
        Says(["logs:CreateLogStream", "logs:PutLogEvents"], [{"Fn::GetAtt": ["LogGroup", "Arn"]}]),
        # X-Ray knows no resource for traces.
        Says(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
    ],
    "MayEnqueueFailedTicks": [Says(["sqs:SendMessage"], [{"Fn::GetAtt": ["TimerDeadLetters", "Arn"]}])],
    "MayPushFrames": [Says(["execute-api:ManageConnections"], [{"Fn::Sub": CONNECTIONS % "POST"}])],
    "MayCloseConnections": [Says(["execute-api:ManageConnections"], [{"Fn::Sub": CONNECTIONS % "DELETE"}])],
}
"""What policies say that are not about queues or parts of the bucket; those have the same words for each."""


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
            held = policies_of(each.logical_id)
            beyond = {policy for policy in held if not policy.startswith(("MayRead", "MayMeasure"))}
            if each.logical_id in MAY_OPEN_A_SECRET:
                beyond -= {"MayDecryptCredentials"}
            for policy in sorted(beyond):
                yield f"{each.logical_id} only shows something, and holds {policy}"


@rule
def test_what_reaches_far_is_held_by_one_function() -> Sentences:
    for policy, wanted in HELD_BY_ONE.items():
        holders = {name for name in of("Serverless::Function") if policy in policies_of(name)}
        if holders != wanted:
            yield f"{policy} is held by {sorted(holders)}, and should be by {sorted(wanted)}"


@rule
def test_every_policy_is_held_by_somebody() -> Sentences:
    """An unused permission is one that somebody attaches later without thinking."""
    held = {policy for name in of("Serverless::Function") for policy in policies_of(name)}
    for policy in sorted(_policies() - held - {HELD_BY_ALL, *OF_THE_SCHEDULER}):
        yield f"{policy} is held by no function"


@rule
def test_a_policy_says_what_its_name_says() -> Sentences:
    """Nothing wider, nothing narrower, under its condition: the table above, statement by statement."""
    for name in sorted(set(_says()) - _policies()):
        yield f"{name} is not in template.yaml"
    for name, place, document in documents():
        found, wanted = [_said(statement) for statement in _statements(document)], _says().get(name, [])
        where = name if name == place else f"{name} in {place}"
        yield from (f"{where} says {each}, which no table does" for each in found if each not in wanted)
        yield from (f"{where} does not say {each}" for each in wanted if each not in found)


@rule
def test_no_statement_of_a_policy_is_hidden_from_the_table() -> Sentences:
    """`NotAction`, another effect, or a user that a policy is given to would allow what no table shows."""
    for name, properties in of("IAM::ManagedPolicy").items():
        if set(properties) != {"PolicyDocument"}:
            yield f"{name} has more or less than a document: {sorted(properties)}"
    for name, place, document in documents():
        if set(document) != {"Version", "Statement"} or document.get("Version") != "2012-10-17":
            yield f"{name} in {place} is not a list of statements of version 2012-10-17: {sorted(document)}"
        for statement in _statements(document):
            if statement.get("Effect") != "Allow" or set(statement) - {
                "Effect",
                "Action",
                "Resource",
                "Condition",
            }:
                yield f"{name} in {place} has a statement of another form: {statement}"


@rule
def test_no_policy_names_a_star() -> Sentences:
    """A star is every action, or every key, queue and bucket of the account. `…/*` is all that is in one folder."""
    for name, place, document in documents():
        for statement in map(_said, _statements(document)):
            for each in (*statement.actions, *map(str, statement.on)):
                of_traces = each == "*" and all(action.startswith("xray:Put") for action in statement.actions)
                if ("*" in each.replace("/*", "") and not of_traces) or each == "/*":
                    yield f"{name} in {place} names {each}"


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
    """Return what every policy says: the table above, and the same for every queue and part of the bucket."""
    arns = {queue: {"Fn::GetAtt": [queue, "Arn"]} for queue in plurals()}
    timers = [{"Fn::GetAtt": [name, "Arn"]} for name in of("Serverless::Function") if schedules(name)]
    return {
        **SAYS,
        "MayStartTimers": [Says(["lambda:InvokeFunction"], sorted(timers, key=str))],
        "MayMeasureQueues": [Says(["sqs:GetQueueAttributes"], sorted(arns.values(), key=str))],
        **{f"MayEnqueue{plural}": [Says(["sqs:SendMessage"], [arns[q]])] for q, plural in plurals().items()},
        **{f"MayConsume{plural}": [Says(TAKES, [arns[q]])] for q, plural in plurals().items()},
        **{f"MayRead{name}": _reads(objects) for name, objects in PARTS.values()},
        **{f"MayStore{name}": _stores(objects) for name, objects in PARTS.values()},
    }


def _reads(objects: str) -> list[Says]:
    return [
        Says(["s3:GetObject"], [{"Fn::Sub": f"${{BlobBucket.Arn}}/{objects}"}]),
        # Without it S3 says AccessDenied for what is only absent.
        Says(["s3:ListBucket"], [BUCKET]),
        Says(["kms:Decrypt"], [KEY], THROUGH_S3),
    ]


def _stores(objects: str) -> list[Says]:
    return [
        Says(["s3:PutObject"], [{"Fn::Sub": f"${{BlobBucket.Arn}}/{objects}"}]),
        Says(["kms:GenerateDataKey"], [KEY], THROUGH_S3),
    ]


def _may_hold(kind: str) -> set[str]:
    enqueueing = _about_queues("MayEnqueue")
    besides = {
        "worker": enqueueing | _about_queues("MayConsume"),
        "timer": enqueueing - {"MayEnqueueWebhooks"},
    }
    return MAY_HOLD[kind] | besides.get(kind, set())


def _about_queues(verb: str) -> set[str]:
    return {f"{verb}{plural}" for plural in plurals().values()}


def _needed() -> dict[str, dict[str, str]]:
    """Return the policies that each function's code needs, each with a call that needs it."""
    folders = {f"{file.parent.parent.name}/{file.parent.name}" for file in function_files()}
    return {
        name: {
            _allowing(call, about, name): f"{call} ({about})" if about else call
            for call, about in sorted(calls, key=str)
        }
        for name, properties in deployed().items()
        if (folder := folder_of(properties)) in folders
        for calls in [reach.reached(folder)]
    }


def _allowing(call: str, about: str | None, name: str) -> str:
    if call in ("get_object", "put_object"):
        part, _ = PARTS.get(str(about), (f"{about}, which is no part of the bucket in PARTS", ""))
        return f"MayRead{part}" if call == "get_object" else f"MayStore{part}"
    if call == "send_message":
        return f"MayEnqueue{plurals().get(logical_queue(str(about)))}"
    if call == "get_queue_attributes":
        return "MayMeasureQueues"
    if call == "change_message_visibility_batch":
        own = next((each for each, worker in consumers().items() if worker == name), "")
        return f"MayConsume{plurals().get(own)}"
    return ALLOWED_BY[call]


def _policies() -> set[str]:
    return {name for name, _, _ in documents()}


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement", [])
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
