"""python -m local.openapi [--check]: write openapi.json, or report that it is stale."""

import sys

from local.function_files import ROOT, add_layer_to_path
from local.openapi.document import TARGET, render
from local.stale import write_or_check

if __name__ == "__main__":
    add_layer_to_path()
    sys.exit(write_or_check({ROOT / TARGET: render()}, again="python -m local.openapi"))
