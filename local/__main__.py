"""python -m local: run the whole bundle on this machine, in the foreground, until Ctrl-C."""

import sys

from local.versions import TROUBLE


def main() -> int:
    """Run until interrupted; return 1 after one sentence on stderr if that is impossible."""
    trouble = TROUBLE
    if not trouble:
        try:
            from local.command import main as run
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "local":
                raise
            trouble = f"{error.name} is not installed for {sys.executable}: start with `make run`"
        else:
            return run()
    print(f"local runner: {trouble}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
