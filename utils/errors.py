"""The one error a user may see: it says where, what was found, what was expected, what to do."""

import errno


class InputError(Exception):
    """Bad input or settings. Commands print it as one message and exit with code 2.

    Args:
        place: File, with line or key where there is one: `lyrics.txt:17`, `songs.h5: /splits`.
        found: What stands there.
        expected: What should stand there.
        advice: What to do about it.
    """

    def __init__(self, place, found: str, expected: str = "", advice: str = ""):
        self.place, self.found, self.expected, self.advice = str(place), found, expected, advice
        message = f"{place}: found {found}"
        if expected:
            message += f", expected {expected}"
        super().__init__(message + "." + (f" {advice}" if advice else ""))


def disk_is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that a disk, a quota or a limit is used up."""
    while error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return True
        # Libraries hand on the words only.
        if "No space left on device" in str(error) or "Disk quota exceeded" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
