"""SQS's errors, with the names by which boto3 distinguishes them."""

from typing import ClassVar


class Refusal(Exception):
    """Base of SQS's errors. `name` is the JSON protocol's shape, `code` what boto3 shows."""

    name: ClassVar[str] = "InternalError"
    code: ClassVar[str] = "InternalError"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class QueueDoesNotExist(Refusal):
    """Raised for a queue that was never created. Create it first."""

    name, code = "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"


class QueueNameExists(Refusal):
    """Raised when a queue of that name exists with other attributes."""

    name, code = "QueueNameExists", "QueueAlreadyExists"


class InvalidParameterValue(Refusal):
    """Raised for a value outside its range."""

    name, code = "InvalidParameterValue", "InvalidParameterValue"


class MissingParameter(Refusal):
    """Raised when a required parameter is absent."""

    name, code = "MissingParameter", "MissingParameter"


class InvalidAttributeName(Refusal):
    """Raised for a queue attribute that SQS does not know."""

    name, code = "InvalidAttributeName", "InvalidAttributeName"


class InvalidAttributeValue(Refusal):
    """Raised for a queue attribute outside its range."""

    name, code = "InvalidAttributeValue", "InvalidAttributeValue"


class InvalidMessageContents(Refusal):
    """Raised for characters that XML 1.0 does not allow."""

    name, code = "InvalidMessageContents", "InvalidMessageContents"


class ReceiptHandleIsInvalid(Refusal):
    """Raised for text that was never a receipt handle."""

    name, code = "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"


class MessageNotInflight(Refusal):
    """Raised when the visibility of a message that is not in flight is changed."""

    name, code = "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"


class EmptyBatchRequest(Refusal):
    """Raised for a batch without entries."""

    name, code = "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"


class TooManyEntriesInBatchRequest(Refusal):
    """Raised for a batch of more than ten."""

    name, code = "TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"


class BatchEntryIdsNotDistinct(Refusal):
    """Raised for a batch in which an id occurs twice."""

    name, code = "BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"


class InvalidBatchEntryId(Refusal):
    """Raised for a batch id with other characters than letters, digits, hyphen and underscore."""

    name, code = "InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"


class BatchRequestTooLong(Refusal):
    """Raised for a batch whose bodies together exceed the limit of one message."""

    name, code = "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"


class UnsupportedOperation(Refusal):
    """Raised for a call that this endpoint does not offer."""

    name, code = "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"
