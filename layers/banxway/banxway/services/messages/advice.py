"""What a person should do about a message that did not leave: the fix, never the reason once more."""

from banxway.errors import BanxwayError, OutcomeUnknown, ProviderRejected


def advice_for(error: BanxwayError) -> str:
    """Return advice in a sentence: the provider's or the catalogue's where there is any, else the error's kind's."""
    told = error.details.get("advice") or error.details.get("fix")
    if told:
        return str(told)
    if isinstance(error, OutcomeUnknown):
        return "Wait for a delivery report, or ask the customer before sending again"
    if isinstance(error, ProviderRejected):
        return "Correct what the reason names, then write the message again"
    if error.retryable:
        return (
            "It was tried several times: send the message again later, and ask an admin if that fails as well"
        )
    # What is of our own making says in its sentence what to do.
    return error.message
