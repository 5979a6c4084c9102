"""How long a hand-over may take, how often it is tried, and how many of an organization may happen at once."""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_HAND_OVER_S = 150
"""The longest time in seconds from the claim of a message to its recorded outcome; its lease is as long.

A mail: 60 s up to its last dot, 10 s to record the start, 30 s for the answer; the rest is for its attachments.
"""

MOST_ATTEMPTS = 5
"""How often a message is claimed before it has failed."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """How many messages of one organization may be in flight at once in each queue.

    `channels_of` has the channels whose messages share a queue, by the queue's name.
    """

    most: int
    channels_of: Mapping[str, tuple[str, ...]]
