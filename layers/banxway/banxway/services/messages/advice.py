"""Advises a person about a message that did not leave: what to do, without repeating the reason."""

from banxway.errors import BanxwayError, OutcomeUnknown, ProviderRejected


def advice_for(error: BanxwayError) -> str:
    """Return a sentence of advice: the provider's, else the catalogue's, else that for the kind of error."""
    given = error.details.get("advice") or error.details.get("fix")
    if given:
        return str(given)
    if isinstance(error, OutcomeUnknown):
        return "Wait for a delivery report, or ask the customer before sending again"
    if isinstance(error, ProviderRejected):
        return "Correct what the reason names, then write the message again"
    if error.retryable:
        return (
            "It was tried several times: send the message again later, and ask an admin if that fails as well"
        )
    # The sentences of our own errors say what to do.
    return error.message
