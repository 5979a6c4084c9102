"""How many instances of functions the memory that is free holds."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from local.runtime import memory
from local.runtime.memory import INSTANCE_BYTES, RESERVE_BYTES, instances_that_fit


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Sets what is free on the machine, and the limit of the container that it may be."""

    def with_free(free: int, *, limit: str = "max", used: int = 0, unused_pages: int = 0) -> None:
        monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
        monkeypatch.setattr(memory, "_CGROUP", tmp_path)
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "memory.current").write_text(f"{used}\n")
        (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {unused_pages}\n")

    return with_free


def test_what_is_free_beyond_the_reserve_is_used(machine):
    machine(RESERVE_BYTES + 7 * INSTANCE_BYTES + 1)

    assert instances_that_fit() == 7


def test_none_fits_into_the_reserve(machine):
    machine(RESERVE_BYTES - 1)

    assert instances_that_fit() == 0


def test_a_containers_limit_counts_where_it_is_lower(machine):
    machine(
        10**12,
        limit=str(10**9 + RESERVE_BYTES + 3 * INSTANCE_BYTES),
        used=10**9 + 2 * INSTANCE_BYTES,
        unused_pages=INSTANCE_BYTES,
    )

    assert instances_that_fit() == 2


def test_a_machine_without_control_groups_has_no_other_limit(machine, monkeypatch, tmp_path: Path):
    machine(RESERVE_BYTES + INSTANCE_BYTES)
    monkeypatch.setattr(memory, "_CGROUP", tmp_path / "none")

    assert instances_that_fit() == 1
