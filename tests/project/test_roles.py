"""One role for each set of policies: functions that need the same share it, and a stack has room for all of them.

A role that several functions have is named by its policies, and one that a single function has by this function. What
each policy allows is in test_policies.py; here is who may write where, computed from what CloudFormation will get.
"""

import json
import re
from collections import Counter
from typing import Any

from tests.support.gates.rules import Sentences, differences, rule
from tests.support.gates.template_file import (
    HELD_BY_ALL,
    expanded,
    named,
    of,
    policies_in,
    policies_of,
    resources,
    role_of,
)

ONLY_THE_DATABASE = "RoleToUseTheDatabase"
SCHEDULER = "RoleOfSchedules"
SHARED_FROM = 3
"""A policy that fewer roles hold is written in each of them: a policy of its own is one resource of 500."""

MOST_MANAGED = 10
"""IAM's quota of managed policies for a role, unless AWS raises it."""

MOST_WRITTEN = 10_240
"""IAM's limit, in characters, of all that is written in a role."""

ORGANIZATION, HASH = "0196a5f0-3f7e-7000-8000-0123456789ab", "e3b0c44298fc1c149afbf4c8996fb924" * 2
MAY_WRITE = {
    f"{ORGANIZATION}/{HASH}": {
        "EmailAccountsPollNow",
        "EmailSyncPollMailboxes",
        "EmailSyncHoldIdle",
        "ThreadsPreviewMessage",
        "ThreadsSendMessage",
        "AuditArchive",
        "WebhooksExotelCallStatus",
        "WebhooksExotelWhatsappStatus",
    },
    f"_uploads/{ORGANIZATION}/{ORGANIZATION}": {"MessagesCreateUpload"},
    "_system/ledger-epoch": {"MaintenanceSweep"},
    f"_system/audit-heads/{ORGANIZATION}": {"MaintenanceSweep"},
    f"_system/audit-archives/{ORGANIZATION}": {"AuditArchive"},
    "_system/anything-else": set(),
    "anything-else": set(),
}
"""Who may write each kind of object of the bucket. Content is written once; see the bucket's own policy."""

RECEIVERS = {"WebhooksExotelCallStatus", "WebhooksExotelWhatsappStatus"}


@rule
def test_a_function_has_a_role_of_this_template_and_no_policies_beside_it() -> Sentences:
    """For a function without a role SAM makes one of its own, which is a resource that nobody counted."""
    for name, properties in of("Serverless::Function").items():
        if role_of(name) not in of("IAM::Role") or properties.get("Role") != _arn_of(role_of(name)):
            yield f"{name} has the role {properties.get('Role')}: name one of this template, by !GetAtt Role….Arn"
    made = {name for name, each in expanded()["Resources"].items() if each["Type"] == "AWS::IAM::Role"}
    for name in sorted(made - set(of("IAM::Role"))):
        yield f"SAM makes {name}, which is not in template.yaml"


@rule
def test_no_two_roles_hold_the_same_policies() -> Sentences:
    seen: dict[frozenset[str], str] = {}
    for role in of("IAM::Role"):
        first = seen.setdefault(frozenset(policies_in(role)), role)
        if first != role:
            yield f"{role} and {first} hold the same policies: give {_name_of(role)} to the functions of both"


@rule
def test_a_role_is_named_by_what_it_may_do_or_by_the_only_function_that_has_it() -> Sentences:
    """So that the line `Role:` of a function says what the function may do, or where that is written."""
    for role, functions in _holders().items():
        if role != SCHEDULER and role != _name_of(role):
            yield f"{role} is the role of {len(functions)} functions: its name should be {_name_of(role)}"
        if not functions and role != SCHEDULER:
            yield f"{role} is the role of no function"


@rule
def test_a_function_alone_in_its_role_is_followed_by_it() -> Sentences:
    names = list(resources())
    for role, functions in _holders().items():
        if role.startswith("RoleOf") and functions and names[names.index(functions[0]) + 1] != role:
            yield f"{role} does not follow {functions[0]}"


@rule
def test_a_policy_that_many_roles_hold_is_shared_and_another_is_written_in_them() -> Sentences:
    """Each shared policy is a resource, and each written one a text to keep in step."""
    holders = Counter(policy for role in of("IAM::Role") for policy in policies_in(role))
    for policy, count in sorted(holders.items()):
        is_shared = policy in of("IAM::ManagedPolicy")
        if is_shared != (count >= SHARED_FROM):
            place = "a policy of its own" if count >= SHARED_FROM else "written in them"
            yield f"{policy} is held by {count} roles: it should be {place}"


@rule
def test_every_role_of_a_function_writes_logs_and_traces_and_serves_lambda_alone() -> Sentences:
    for role, properties in of("IAM::Role").items():
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        if role == SCHEDULER:
            statement["Principal"] = {"Service": "scheduler.amazonaws.com"}
            # Otherwise a schedule of another account could use it.
            statement["Condition"] = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        trusted = {"Version": "2012-10-17", "Statement": [statement]}
        yield from differences(role, properties.get("AssumeRolePolicyDocument"), trusted)
        if (HELD_BY_ALL in policies_in(role)) == (role == SCHEDULER):
            yield f"{role} {'holds' if role == SCHEDULER else 'does not hold'} {HELD_BY_ALL}"
        for each in sorted(set(properties) - {"AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"}):
            yield f"{role} has {each}, which no test looks at"


@rule
def test_a_role_names_policies_of_this_template() -> Sentences:
    """An ARN of AWS's own policies would allow what no table shows."""
    for role, properties in of("IAM::Role").items():
        for policy in properties.get("ManagedPolicyArns", []):
            if policy != {"Ref": named(policy)} or named(policy) not in of("IAM::ManagedPolicy"):
                yield f"{role} holds {policy!r}, which is no reference to a policy of this template"


@rule
def test_a_role_stays_within_the_quotas_of_iam() -> Sentences:
    for role, properties in of("IAM::Role").items():
        if (count := len(properties.get("ManagedPolicyArns", []))) > MOST_MANAGED:
            yield f"{role} names {count} policies, and {MOST_MANAGED} are the most"
        written = json.dumps([each.get("PolicyDocument") for each in properties.get("Policies", [])])
        if len(written) > MOST_WRITTEN:
            yield f"{role} has {len(written)} characters of policies, and {MOST_WRITTEN} are the most"


@rule
def test_only_its_owner_may_write_an_object_of_the_bucket() -> Sentences:
    """Who writes anchors can hide a rewritten audit trail; who writes the epoch can have messages sent twice."""
    for key, wanted in MAY_WRITE.items():
        found = {name for name in _functions() if _may(name, "s3:PutObject", key)}
        for name in sorted(found - wanted):
            yield f"{name} may write {key}, and should not"
        for name in sorted(wanted - found):
            yield f"{name} may not write {key}, and has to"


@rule
def test_a_receiver_reads_nothing_of_the_bucket() -> Sentences:
    """It is open to the internet: it may add a callback's body, and neither read nor list what is there."""
    for name in sorted(RECEIVERS):
        for key in MAY_WRITE:
            if _may(name, "s3:GetObject", key):
                yield f"{name} may read {key}"
        if _may(name, "s3:ListBucket", None) or _may(name, "kms:Decrypt", None):
            yield f"{name} may list the bucket, or decrypt"


@rule
def test_nobody_may_delete_an_object() -> Sentences:
    for name in _functions():
        for action, _ in _allowed(name):
            if action.startswith("s3:") and action not in ("s3:GetObject", "s3:PutObject", "s3:ListBucket"):
                yield f"{name} may {action}"


def _holders() -> dict[str, list[str]]:
    """Return the functions of each role, in the template's order."""
    return {
        role: [name for name in of("Serverless::Function") if role_of(name) == role]
        for role in of("IAM::Role")
    }


def _name_of(role: str) -> str:
    """Return the name that a role should have."""
    functions = _holders()[role]
    policies = sorted(policies_in(role) - {HELD_BY_ALL})
    if not policies:
        return ONLY_THE_DATABASE
    if len(functions) == 1 and sum(policies_of(name) == set(policies) for name in _functions()) == 1:
        return f"RoleOf{functions[0]}"
    return "RoleTo" + "And".join(policy.removeprefix("May") for policy in policies)


def _arn_of(role: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [role, "Arn"]}


def _functions() -> list[str]:
    return list(of("Serverless::Function"))


def _allowed(function: str) -> list[tuple[str, Any]]:
    """Return each action that a deployed function may take, with what it may be taken on."""
    made = expanded()["Resources"]
    role = made[named(made[function]["Properties"]["Role"])]["Properties"]
    held = [made[named(each)]["Properties"]["PolicyDocument"] for each in role.get("ManagedPolicyArns", [])]
    held += [each["PolicyDocument"] for each in role.get("Policies", [])]
    return [
        (action, resource)
        for document in held
        for statement in document["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _may(function: str, action: str, key: str | None) -> bool:
    """Return whether a function may take an action on an object of the bucket, or on anything if there is no key."""
    return any(
        allowed == action and (key is None or _covers(resource, key))
        for allowed, resource in _allowed(function)
    )


def _covers(resource: Any, key: str) -> bool:
    """Return whether an ARN with IAM's wildcards covers an object: `*` is any text, `?` any one character."""
    pattern = str(resource.get("Fn::Sub", "")) if isinstance(resource, dict) else str(resource)
    of_the_bucket = pattern.removeprefix("${BlobBucket.Arn}/")
    expression = re.escape(of_the_bucket).replace(r"\*", ".*").replace(r"\?", ".")
    return pattern == "*" or (pattern != of_the_bucket and re.fullmatch(expression, key) is not None)
