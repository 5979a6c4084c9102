"""Our automatic answers as a bomb against others, with ten thousand forged senders (threat 35)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.mailboxes.filed import Post
from tests.support.mailboxes.forged import flood, victims
from tests.support.product.builders import Product


@pytest.fixture
def post(test_database: TestDatabase, organization: Organization, tmp_path: Path) -> Iterator[Post]:
    with closing(Product(test_database, tmp_path)) as product:
        yield Post(product, organization, product.add_mailbox(organization))


def test_of_10000_forged_senders_few_are_answered_and_no_victim_twice(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.is_away()

    flood(post, victims(10_000))

    answered = Counter(answer["recipient"] for answer in post.automatic())
    with capsys.disabled():
        print(f"10,000 forged mails: {answered.total()} answers to {len(answered)} victims")  # noqa: T201
    assert 20 <= answered.total() <= 200
    assert max(answered.values()) == 1
