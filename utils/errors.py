"""The one error a user may see: it says where, what was found, what was expected, what to do."""


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
