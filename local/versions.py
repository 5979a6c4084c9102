"""The Python versions that this runs on. `python local/versions.py` names them to any other, however old.

Hence there is nothing here that an old Python cannot read.
"""

import sys

OLDEST = (3, 11)
NEWEST = (3, 13)
GIVEN = sys.version_info[:2]
TROUBLE = ""
if not OLDEST <= GIVEN <= NEWEST:
    TROUBLE = "Python %d.%d to %d.%d is needed, and this is %d.%d: " % (OLDEST + NEWEST + GIVEN)  # noqa: UP031
    TROUBLE += "name another with PYTHON=/path/to/python3"

if __name__ == "__main__" and TROUBLE:
    sys.exit("cannot install: " + TROUBLE)
