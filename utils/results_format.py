"""What the writer of `results.json` and its readers agree on."""

#: Version of what the file holds; readers refuse another one.
FORMAT = 4
#: Names of the arm in question and of the linear model, beside which stand the rivals.
ARM, LINEAR = "arm", "linear model"
#: Names of rivals that more than one study has.
SINGLE, MEAN_OF_SINGLES = "single task", "mean of k single tasks"
WEIGHTS_0, PERMUTED_AUXILIARIES = "auxiliary weights 0", "permuted auxiliaries"
PERMUTED_TARGET, LYRIC_MADE = "permuted target", "lyric-made auxiliaries"
LYRICS_ONLY, LINEAR_MULTI_TASK = "lyrics only", "linear multi-task"
PLAIN_SUM = "plain sum"
#: How the name of a split begins that is one fold of several.
FOLD = "fold-"
#: Every verdict, by what was beaten where several benefits are told apart.
VERDICTS = (
    *("benefit", "benefit of labels", "benefit of a deep net"),
    *("harm", "too small to matter", "no material difference", "no evidence"),
)


def plain(verdict: str) -> str:
    """The verdict whatever rivals were beaten: `benefit` of a `benefit of labels`."""
    return verdict.partition(" of ")[0]
