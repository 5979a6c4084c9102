"""Mails that attack a parser. Each case names what it attacks and plants a word that must stay visible.

Cases are composed: every charset in every place and transfer encoding that can carry it, every kind of damage
to every structure, and the singular ones by hand.
"""

from tests.support.torture.case import Case
from tests.support.torture.charsets import charsets, mislabelled
from tests.support.torture.floods import floods
from tests.support.torture.found import found
from tests.support.torture.headers import headers
from tests.support.torture.parts import damaged_structures, names, odd_types, structure, transfer
from tests.support.torture.senders import senders
from tests.support.torture.winmail import winmails


def all_cases() -> list[Case]:
    """Every case, in a fixed order."""
    makers = (
        charsets,
        mislabelled,
        headers,
        transfer,
        structure,
        damaged_structures,
        names,
        odd_types,
        floods,
        winmails,
        found,
        senders,
    )
    return [case for maker in makers for case in maker()]
