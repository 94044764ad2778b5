"""Sharing patterns: which hidden layers the tasks share. A pattern is data, one letter a layer."""

from itertools import product

from representation_music.utils.errors import InputError

#: The study's four architectures (its Figure 2) and their patterns, fc1 first.
ARCHITECTURES = {
    "no_sharing": "PPPP",
    "low_level_sharing": "SSPP",
    "high_level_sharing": "PSSS",
    "interspersed_sharing": "SPSS",
}

#: All 16 patterns of four hidden layers.
ALL_PATTERNS = tuple("".join(letters) for letters in product("PS", repeat=4))


def sharing_pattern(architecture: str) -> str:
    """The pattern of an architecture's name; a pattern such as `SPSP` stands for itself.

    Raises:
        InputError: if it is neither a name in `ARCHITECTURES` nor a word of the letters S and P.
    """
    if architecture in ARCHITECTURES:
        return ARCHITECTURES[architecture]
    if architecture and set(architecture) <= {"S", "P"}:
        return architecture
    raise InputError(
        "--architecture",
        repr(architecture),
        f"one of {', '.join(ARCHITECTURES)}, or a pattern of S (shared) and P (private)",
        "Write one letter for each hidden layer, the first layer first: SSPP.",
    )
