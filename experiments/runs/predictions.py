"""What a run predicts for the test songs: written, and read again by song, in one place."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representation_music.utils.checkpoint import load_arrays
from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path

ADVICE = (
    "`repmusic evaluate` makes it again where the run has its checkpoints; else delete the run."
)


def predictions_file(folder: Path | str, name: str = "test") -> Path:
    """Where a run's predictions lie, of the result called `name`."""
    return Path(folder) / f"predictions-{name}.npz"


def write_predictions(path: Path, ids: np.ndarray, predictions: Sequence[np.ndarray]) -> None:
    """Writes each task's predictions, `[songs]` or `[songs, classes]`, with the songs' ids."""
    tasks = {f"task{number}": values.astype("f4") for number, values in enumerate(predictions)}
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, ids=np.array(ids.tolist()), **tasks)


def predictions_of(folder: Path | str, ids: np.ndarray, number: int = 0) -> np.ndarray:
    """A run's predictions of a task for the songs with these ids `[songs]`, in their order.

    The task is that of this number among the run's; 0 is the target.

    Raises:
        InputError: if the file is missing or damaged, or lacks the task or one of the songs.
    """
    path = predictions_file(folder)
    arrays = load_arrays(path, "a run's predictions", ADVICE, ADVICE)
    there, values = arrays.get("ids"), arrays.get(f"task{number}")
    if there is None or values is None or there.ndim != 1 or values.dtype.kind != "f":
        found = ", ".join(
            f"{name} {array.dtype}{list(array.shape)}" for name, array in arrays.items()
        )
        raise InputError(path, found or "nothing", f"ids and task{number}", ADVICE)
    if values.ndim not in (1, 2) or len(values) != len(there):
        raise InputError(path, f"{len(values)} predictions of {len(there)} songs", "", ADVICE)
    order = np.argsort(there)
    places = np.searchsorted(there[order], ids)
    places = order[np.minimum(places, len(there) - 1)] if len(there) else places
    if len(there) == 0 < len(ids) or not np.array_equal(there[places], ids):
        raise InputError(
            path,
            "no prediction of some test songs",
            "one of each with the target's label",
            "Has the songs file changed? Run the study again.",
        )
    return values[places]
