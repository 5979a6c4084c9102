"""The state folder's secrets."""

import json
from pathlib import Path

from local.state import State


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = State(tmp_path).secrets()

    assert State(tmp_path).secrets() == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert first.encryption_previous_master_key == ""


def test_a_previous_key_written_in_by_hand_is_read(tmp_path: Path) -> None:
    made = State(tmp_path).secrets()
    file = tmp_path / "secrets.json"
    written = json.loads(file.read_text()) | {
        "encryption_master_key": "new",
        "encryption_previous_master_key": made.encryption_master_key,
    }
    file.write_text(json.dumps(written))

    read = State(tmp_path).secrets()

    assert (read.encryption_master_key, read.encryption_previous_master_key) == (
        "new",
        made.encryption_master_key,
    )


def test_a_file_of_an_older_release_is_read(tmp_path: Path) -> None:
    State(tmp_path).secrets()
    file = tmp_path / "secrets.json"
    older = json.loads(file.read_text())
    del older["encryption_previous_master_key"]
    file.write_text(json.dumps(older))

    assert State(tmp_path).secrets().encryption_previous_master_key == ""
