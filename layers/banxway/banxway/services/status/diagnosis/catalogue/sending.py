"""Messages on their way out: active, verified, and not working (the guide's issue 10)."""

from banxway.services.status.diagnosis.causes import Cause

CAUSES = (
    Cause(
        code="blob_store_unreachable",
        area="sending",
        symptom="Nothing is sent, large callbacks and mail are not stored",
        cause="The blob store does not answer, does not let us read, or its disk is full",
        fix="Make room on a full disk; check BLOB_BUCKET (or BLOB_FOLDER), the policy MayReadEpoch, the way to S3",
        hides=("messages_waiting",),
        everywhere=True,
    ),
    Cause(
        code="ledger_epoch_behind",
        area="sending",
        symptom="Messages stay queued; nothing is sent",
        cause="The database was restored from a backup: what was sent after the backup must not be sent again",
        fix="Check the messages that were on their way, then invoke platform/confirm_restore: docs/operations.md",
        hides=("messages_waiting",),
        everywhere=True,
    ),
    Cause(
        code="messages_waiting",
        area="sending",
        issue=10,
        symptom="Messages stay queued; status shows Active and Verified, test connection passes",
        cause="A worker (messages/deliver, messages/deliver_mail) does not run, or the sweeper does not; or "
        "the provider is so slow that all of the organization's slots are taken",
        fix="Check that the workers' event sources and the timer maintenance/sweep are enabled, and their logs; "
        "MESSAGES_IN_FLIGHT is the number of slots",
    ),
    Cause(
        code="messages_unknown",
        area="sending",
        issue=10,
        severity="warning",
        symptom="Messages with status unknown: they were handed over, and nothing proves whether they arrived",
        cause="The connection broke, or a worker died, after the hand-over had begun; no report has settled it since",
        fix="Look each up at the provider; send again by hand only what did not arrive",
    ),
    Cause(
        code="sends_failing",
        area="sending",
        issue=10,
        severity="warning",
        symptom="Status shows Active and Verified, test connection passes, actual usage fails",
        cause="The provider refuses most messages; the evidence quotes the commonest reason and our advice",
        fix="Check thread timelines and /api/v1/settings/audit-logs?status=failed for details, and follow the advice",
    ),
    Cause(
        code="diagnosis_incomplete",
        area="queues",
        severity="note",
        symptom="Some checks were not made",
        cause="There was more to ask than fits into one diagnosis, or something answered too slowly",
        fix="Repair what is listed, then ask again; test the rest one by one under /settings",
    ),
)
