"""What functions run on is built once per lock, and never left half built."""

from pathlib import Path

import pytest

from local.bundle import Builder


class Commands:
    """Stands for pip and the compiler: notes what was asked, and installs one file."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.asked: list[list[str]] = []
        self._breaks = breaks

    def __call__(self, command: list[str]) -> None:
        self.asked.append(command)
        if "--target" in command:
            target = Path(command[command.index("--target") + 1])
            target.mkdir(parents=True, exist_ok=True)
            (target / "package.py").write_text("")
        if self._breaks:
            raise RuntimeError("interrupted")


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "dependencies" / "requirements.txt"
    file.parent.mkdir()
    file.write_text("one==1 --hash=sha256:00")
    return file


def test_a_layer_is_installed_from_its_lock_and_compiled(tmp_path, lock):
    commands = Commands()

    packages = Builder(tmp_path / "bundle", run=commands).layer(lock)

    assert (packages / "package.py").exists()
    pip, compiler = commands.asked
    assert {"--require-hashes", "--no-deps", str(lock)} <= set(pip)
    assert compiler[compiler.index("--invalidation-mode") + 1] == "unchecked-hash"


def test_an_unchanged_lock_is_not_built_again(tmp_path, lock):
    Builder(tmp_path / "bundle", run=Commands()).layer(lock)
    commands = Commands()

    Builder(tmp_path / "bundle", run=commands).layer(lock)

    assert commands.asked == []


def test_a_changed_lock_is_built_again(tmp_path, lock):
    Builder(tmp_path / "bundle", run=Commands()).layer(lock)
    commands = Commands()
    lock.write_text("one==2 --hash=sha256:11")

    Builder(tmp_path / "bundle", run=commands).layer(lock)

    assert len(commands.asked) == 2


def test_an_interrupted_build_is_done_again(tmp_path, lock):
    with pytest.raises(RuntimeError, match="interrupted"):
        Builder(tmp_path / "bundle", run=Commands(breaks=True)).layer(lock)
    commands = Commands()

    packages = Builder(tmp_path / "bundle", run=commands).layer(lock)

    assert len(commands.asked) == 2
    assert (packages / "package.py").exists()
