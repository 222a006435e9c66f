"""Waiting with a deadline."""
import time


class TookTooLong(Exception):
    """What was waited for did not come."""


def until(condition, wait_s, what, pause_s=0.1):
    """Returns what `condition()` returned as soon as that is true. Raises TookTooLong, which names what did not come."""
    deadline = time.monotonic() + wait_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what}: not after {wait_s} s")
        time.sleep(pause_s)
    return found
