"""A thread of 5,000 messages and 200 MB, read to its first message by cursor, each answer within its limit."""

from pathlib import Path

from tests.support.databases.postgres import TestDatabase
from tests.support.gates.chance import dice
from tests.support.gates.figures import Figures
from tests.support.hostile.long_threads import LARGEST_ANSWER, add_messages, add_thread, read_to_the_first
from tests.support.product.app import bundle_of

MESSAGES, AT_ONCE = 5_000, 100
ENOUGH = 200_000_000


def test_a_thread_of_five_thousand_messages_is_read_to_its_first(
    test_database: TestDatabase, tmp_path: Path, figures: Figures
) -> None:
    throw = dice(5_000)
    signs = ("x", "word ", "line\n", '"', "न", "😀")
    stored = 0
    with bundle_of(test_database, tmp_path) as bundle:
        organization = bundle.database.add_organization()
        thread = add_thread(bundle, organization)
        for start in range(0, MESSAGES, AT_ONCE):
            texts = [
                f"{number:04}" + (sign := throw.choice(signs)) * (throw.randrange(55_000) // len(sign))
                for number in range(start, start + AT_ONCE)
            ]
            stored += sum(len(text.encode()) for text in texts)
            add_messages(bundle, thread, texts, hours_ago=(MESSAGES - start) // AT_ONCE)

        messages, sizes = read_to_the_first(bundle, organization, thread)

    figures.show(messages=len(messages), bytes_stored=stored, answers=len(sizes), largest_answer=max(sizes))
    assert stored > ENOUGH
    assert [message["body_text"][:4] for message in messages] == [
        f"{number:04}" for number in range(MESSAGES)
    ]
    assert max(sizes) < LARGEST_ANSWER
