"""What the writer of `results.json` and its readers agree on."""

#: Version of what the file holds; readers refuse another one.
FORMAT = 4
#: Names of the arm in question and of the linear model, beside which stand the rivals.
ARM, LINEAR = "arm", "linear model"
#: Every verdict, by what was beaten where several benefits are told apart.
VERDICTS = (
    *("benefit", "benefit of labels", "benefit of a deep net"),
    *("harm", "too small to matter", "no material difference", "no evidence"),
)


def plain(verdict: str) -> str:
    """The verdict whatever rivals were beaten: `benefit` of a `benefit of labels`."""
    return verdict.partition(" of ")[0]
