"""How a process ends in which the app was open: soon, whatever its threads still wait for."""

import os
import sys
from typing import NoReturn

LAST_SECONDS = 1.0
"""The terminal is the shell's again, and a transfer may still end in good order."""


def leave(status: int) -> NoReturn:
    """End the process, with an exit status.

    Every star is written by now. Python itself would wait for each thread of a pool, and so for a server or a
    disk that does not answer; what they leave undone is found by the next sync or scan.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
