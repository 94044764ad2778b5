"""What to do with a row that cannot be read: stop at once, or note it and go on."""

from representation_music.utils.errors import InputError


class BadRows:
    """Bad rows of one source: the first one is raised, or all are kept as messages.

    Args:
        skip: Go on after a bad row instead of raising it.
        messages: List that receives one message a bad row; a new one if None.
    """

    def __init__(self, skip: bool, messages: list[str] | None = None):
        self.skip = skip
        self.messages: list[str] = [] if messages is None else messages

    def add(self, error: InputError) -> None:
        """Notes the row that `error` describes.

        Raises:
            InputError: `error` itself, unless bad rows are skipped.
        """
        if not self.skip:
            raise error
        self.messages.append(str(error))
