"""What template.yaml says of everything that cannot be had again: the key, the bucket, and who may come near them."""

from typing import Any

from tests.support.gates.rules import Sentences, differences, rule
from tests.support.gates.template_file import PARTS, of, resources

DAYS_TO_CLAIM_AN_UPLOAD = 2
KINDS = {
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::Queue",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::LayerVersion",
    "AWS::Serverless::WebSocketApi",
    "Custom::Migration",
}
ONE_OF_EACH = {
    "CredentialsKey": "AWS::KMS::Key",
    "BlobBucket": "AWS::S3::Bucket",
    "BlobBucketPolicy": "AWS::S3::BucketPolicy",
    "ConsoleBucket": "AWS::S3::Bucket",
    "ConsoleBucketPolicy": "AWS::S3::BucketPolicy",
    "ConsoleAccess": "AWS::CloudFront::OriginAccessControl",
    "ConsoleHeaders": "AWS::CloudFront::ResponseHeadersPolicy",
    "ConsolePaths": "AWS::CloudFront::Function",
    "ConsoleDistribution": "AWS::CloudFront::Distribution",
    "LogGroup": "AWS::Logs::LogGroup",
    "Api": "AWS::Serverless::HttpApi",
    "RealtimeApi": "AWS::Serverless::WebSocketApi",
    "Migration": "Custom::Migration",
    "UserPool": "AWS::Cognito::UserPool",
    "UserPoolClient": "AWS::Cognito::UserPoolClient",
    "UserPoolDomain": "AWS::Cognito::UserPoolDomain",
}
OUTLIVES_THE_STACK = {
    "CredentialsKey": "without the key, every credential and every stored mail is lost",
    "BlobBucket": "it holds every mail and attachment, and the audit trail's archive",
    "UserPool": "without it no member can sign in, and another pool gives every account another subject",
}


@rule
def test_every_resource_is_of_a_kind_that_these_tests_look_at() -> Sentences:
    """A permission or a URL of a function would open a way that no test here has seen."""
    for name, resource in resources().items():
        if resource.get("Type") not in KINDS:
            yield f"{name} is of the kind {resource.get('Type')}: say here what it must have, and what it may not"


@rule
def test_what_there_is_once_is_there() -> Sentences:
    """The rules below look at what is there; this one notices what is not."""
    for name, kind in ONE_OF_EACH.items():
        if resources().get(name, {}).get("Type") != kind:
            yield f"{name} is no {kind}, or is not there"
    for name, resource in resources().items():
        if resource.get("Type") in ONE_OF_EACH.values() and name not in ONE_OF_EACH:
            yield f"{name} is a second {resource.get('Type')}: say in these tests what it must have"


@rule
def test_what_cannot_be_had_again_outlives_its_stack() -> Sentences:
    """Deleting a stack, or a change that replaces a resource, must not delete what is in it. Nothing else stays."""
    for name, resource in resources().items():
        wanted = "Retain" if name in OUTLIVES_THE_STACK else None
        if resource.get("Type") == "AWS::Logs::LogGroup":
            wanted = "Delete"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy) != wanted:
                why = OUTLIVES_THE_STACK.get(name, "nothing is lost with it")
                yield f"{name} has {policy} {resource.get(policy)}, and should have {wanted}: {why}"


@rule
def test_a_resource_says_nothing_beside_its_properties_that_no_test_looks_at() -> Sentences:
    """A condition, for example: a resource that is there in one deployment only is seen by no test in the others."""
    known = {"Type", "Properties", "DeletionPolicy", "UpdateReplacePolicy", "IgnoreGlobals"}
    for name, resource in resources().items():
        own = {"Metadata"} if resource.get("Type") == "AWS::Serverless::LayerVersion" else set()
        own |= {"DependsOn"} if name == "BanxwayLayer" else set()
        own |= {"Condition"} if name.startswith("UserPool") else set()
        for each in sorted(set(resource) - known - own):
            yield f"{name} has {each}, which no test looks at"


@rule
def test_the_user_pool_is_there_if_it_is_wanted_and_lets_in_who_is_invited() -> Sentences:
    """Somebody who may sign up proves an address that nobody has read; a client's secret in a browser is none."""
    for name in ("UserPool", "UserPoolClient", "UserPoolDomain"):
        yield from differences(f"{name}.Condition", resources()[name].get("Condition"), "HasUserPool")
    pool, client = resources()["UserPool"]["Properties"], resources()["UserPoolClient"]["Properties"]
    yield from differences("sign-up", pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], True)
    # The address is the sign-in name, and a new one counts only once it is verified.
    for setting in ("UsernameAttributes", "AutoVerifiedAttributes"):
        yield from differences(setting, pool.get(setting), ["email"])
    verified_first = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    yield from differences("new addresses", pool.get("UserAttributeUpdateSettings"), verified_first)
    # As long as an invitation is open.
    days = pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"]
    yield from differences("TemporaryPasswordValidityDays", days, 7)
    wanted = {
        "UserPoolId": {"Ref": "UserPool"},
        "GenerateSecret": False,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email", "phone", "profile"],
        "CallbackURLs": [{"Fn::Sub": "${ConsoleOrigin}/signed-in"}],
        "LogoutURLs": [{"Fn::Sub": "${ConsoleOrigin}/signed-out"}],
        "SupportedIdentityProviders": ["COGNITO"],
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
    }
    yield from differences("UserPoolClient", client, wanted)


@rule
def test_every_bucket_is_closed_to_the_public_four_times() -> Sentences:
    """With all four, no later policy or list of permissions can open it by mistake."""
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    for name, properties in of("S3::Bucket").items():
        found = properties.get("PublicAccessBlockConfiguration")
        yield from differences(f"{name}.PublicAccessBlock", found, dict.fromkeys(closed, True))
        owner = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        yield from differences(f"{name}.OwnershipControls", properties.get("OwnershipControls"), owner)


@rule
def test_the_bucket_encrypts_under_our_key_and_keeps_former_versions() -> Sentences:
    """What is overwritten or deleted by mistake can be had again; what is copied off the disk cannot be read."""
    by_our_key = {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": {"Fn::GetAtt": ["CredentialsKey", "Arn"]},
        },
    }
    for name, properties in _content_buckets():
        encryption = properties.get("BucketEncryption")
        wanted = {"ServerSideEncryptionConfiguration": [by_our_key]}
        yield from differences(f"{name}.BucketEncryption", encryption, wanted)
        versions = properties.get("VersioningConfiguration")
        yield from differences(f"{name}.VersioningConfiguration", versions, {"Status": "Enabled"})


@rule
def test_a_lifecycle_rule_forgets_uploads_that_nobody_claimed_and_nothing_else() -> Sentences:
    """A rule with another prefix, or with none, deletes every mail of the product after two days."""
    from banxway.storage.blobs.transfers import UPLOADS

    for name, properties in _content_buckets():
        found = properties.get("LifecycleConfiguration", {}).get("Rules", [])
        for each in found:
            if each.get("Prefix") != f"{UPLOADS}/" or {"Filter", "TagFilters"} & set(each):
                yield f"{name}: the rule {each.get('Id')} is about {each.get('Prefix')!r}, not about {UPLOADS}/"
            if each.get("Status") != "Enabled":
                yield f"{name}: the rule {each.get('Id')} is switched off"
        said = [{key: each[key] for key in each if key not in ("Id", "Prefix", "Status")} for each in found]
        wanted: list[dict[str, Any]] = [
            {
                "ExpirationInDays": DAYS_TO_CLAIM_AN_UPLOAD,
                "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            },
            {"ExpiredObjectDeleteMarker": True},
        ]
        yield from differences(f"{name}.Lifecycle", said, wanted)
        if set(properties.get("LifecycleConfiguration", {})) != {"Rules"}:
            yield f"{name}: its lifecycle has {sorted(properties.get('LifecycleConfiguration', {}))}"


@rule
def test_an_upload_may_be_claimed_until_it_is_forgotten() -> Sentences:
    """The bucket must not forget what a message may still claim."""
    from banxway.services.messages.uploads import _URL_LIFETIME, _USABLE

    if (_USABLE + _URL_LIFETIME).days + 1 > DAYS_TO_CLAIM_AN_UPLOAD:
        yield f"an upload may be claimed for {_USABLE}, and the bucket forgets it after two days"


@rule
def test_the_bucket_takes_uploads_from_the_consoles_pages_alone() -> Sentences:
    """The browser sends attachments to the bucket itself; any other page's request is refused by the browser."""
    wanted = {
        "AllowedOrigins": [{"Ref": "ConsoleOrigin"}],
        "AllowedMethods": ["PUT"],
        "AllowedHeaders": ["content-type"],
        "MaxAge": 600,
    }
    for name, properties in _content_buckets():
        yield from differences(f"{name}.Cors", properties.get("CorsConfiguration"), {"CorsRules": [wanted]})


@rule
def test_the_bucket_has_no_property_that_nobody_reviewed() -> Sentences:
    """Its name, a website, replication, logging elsewhere: each would be a decision."""
    known = {
        "BucketEncryption",
        "CorsConfiguration",
        "LifecycleConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "VersioningConfiguration",
    }
    for name, properties in _content_buckets():
        for each in sorted(set(properties) - known):
            yield f"{name} has {each}, which no test looks at"


@rule
def test_what_a_bucket_says_to_everybody_is_a_refusal() -> Sentences:
    """A statement for everybody that allows anything opens every mail and attachment to the world."""
    for name, properties in of("S3::BucketPolicy").items():
        for statement in properties.get("PolicyDocument", {}).get("Statement", []):
            if "*" in str(statement.get("Principal")) and statement.get("Effect") != "Deny":
                yield f"{name} {statement.get('Effect')}s {statement.get('Action')} to everybody"


@rule
def test_the_bucket_answers_over_tls_only_and_keeps_content_as_it_was_stored() -> Sentences:
    """A receiver of callbacks may store content, and must not be able to replace a mail. The policy says no more."""
    over_tls = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [{"Fn::GetAtt": ["BlobBucket", "Arn"]}, {"Fn::Sub": "${BlobBucket.Arn}/*"}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    written_once = {
        "Sid": "ContentIsWrittenOnce",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": {"Fn::Sub": f"${{BlobBucket.Arn}}/{PARTS['content'][1]}"},
        # True for a request without If-None-Match, which storage/blobs/store.py always sends with content.
        "Condition": {"Null": {"s3:if-none-match": "true"}},
    }
    document = {"Version": "2012-10-17", "Statement": [over_tls, written_once]}
    said = {"Bucket": {"Ref": "BlobBucket"}, "PolicyDocument": document}
    yield from differences("BlobBucketPolicy", of("S3::BucketPolicy").get("BlobBucketPolicy"), said)


@rule
def test_the_key_is_renewed_every_year_and_is_the_accounts_alone() -> Sentences:
    """Who may use it is decided by the policies of this template, for nobody outside this account."""
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    statement = {
        "Sid": "AccountDecidesByIam",
        "Effect": "Allow",
        "Principal": account,
        "Action": "kms:*",
        "Resource": "*",
    }
    for name, properties in of("KMS::Key").items():
        said = {key: value for key, value in properties.items() if key != "Description"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        yield from differences(name, said, {"EnableKeyRotation": True, "KeyPolicy": document})


@rule
def test_logs_are_kept_for_as_long_as_the_deployment_says() -> Sentences:
    """Without a retention they stay for ever, with what people wrote in them."""
    for name, properties in of("Logs::LogGroup").items():
        yield from differences(name, properties, {"RetentionInDays": {"Ref": "LogRetentionDays"}})


def _content_buckets() -> list[tuple[str, dict[str, Any]]]:
    """Return every bucket but the console's, whose content is public: test_template_console.py looks at that one."""
    return [each for each in of("S3::Bucket").items() if each[0] != "ConsoleBucket"]
