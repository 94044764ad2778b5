"""What every peer trains: the same songs, inputs, labels, whitening and initial weights."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from representation_music.utils.files import atomic_path

WIDTHS = (1024, 512, 256, 128)
#: Share of units dropped after each hidden layer.
DROPOUT = (0.0, 0.0, 0.5, 0.5)
BATCH = 128
LEARNING_RATE = 0.02
#: What AdaGrad adds under its root, and its accumulators' first value: Keras's defaults.
EPSILON, FIRST_ACCUMULATOR = 1e-7, 0.1


@dataclass(frozen=True)
class Regime:
    """How a preset trains, as far as it decides the time of a step.

    Attributes:
        batch: Songs a step.
        l2: Factor of the sum of squared kernels in the loss.
        word_dropout: Share of a song's words that training drops.
    """

    batch: int = BATCH
    l2: float = 0.0
    word_dropout: float = 0.0


#: The paper's preset, and the default one, in which studies are run.
PAPER, DEFAULT = Regime(), Regime(batch=64, l2=1e-3, word_dropout=0.7)


@dataclass(frozen=True)
class Problem:
    """Songs to learn from. Inputs are the words that a run uses.

    Attributes:
        counts: `[songs, inputs]` float32 (transformed) word counts.
        labels: `[songs, tasks]` float32, 0 or 1.
        mean, inverse_sd: `[inputs]` float32, what whitens the counts.
        source: What songs they are.
        regime: How they are trained on.
    """

    counts: csr_array
    labels: np.ndarray
    mean: np.ndarray
    inverse_sd: np.ndarray
    source: str
    regime: Regime = Regime()

    @property
    def num_songs(self) -> int:
        """Number of songs."""
        return self.counts.shape[0]

    @property
    def num_inputs(self) -> int:
        """Number of words."""
        return self.counts.shape[1]

    @property
    def num_tasks(self) -> int:
        """Number of tasks."""
        return self.labels.shape[1]

    def whitened(self) -> np.ndarray:
        """`[songs, inputs]` whitened counts as a dense float32 array."""
        dense = self.counts.toarray()
        dense -= self.mean
        dense *= self.inverse_sd
        return dense

    def dense_inputs(self) -> np.ndarray:
        """What dense peers read: whitened, or counts where whitening comes after word dropout."""
        return self.counts.toarray() if self.regime.word_dropout else self.whitened()

    def initial_weights(self, pattern: str) -> tuple[list[list[np.ndarray]], list[np.ndarray]]:
        """Draws the weights that all peers start from (He et al. 2015); biases start at 0.

        Returns:
            A list a hidden layer with one `[in, units]` array a copy: one if shared, else one a
            task; and one `[in, 1]` array a task for the heads.
        """
        rng = np.random.default_rng(0)

        def kernel(inputs: int, units: int) -> np.ndarray:
            draws = rng.standard_normal((inputs, units), dtype=np.float32)
            return draws * np.float32(np.sqrt(2 / inputs))

        shapes = zip((self.num_inputs, *WIDTHS), WIDTHS, strict=False)
        copies = [1 if letter == "S" else self.num_tasks for letter in pattern]
        hidden = [
            [kernel(*shape) for _ in range(n)] for shape, n in zip(shapes, copies, strict=True)
        ]
        return hidden, [kernel(WIDTHS[-1], 1) for _ in range(self.num_tasks)]

    def save(self, path: Path) -> None:
        """Writes everything to one `.npz`."""
        statistics = {"mean": self.mean, "inverse_sd": self.inverse_sd, "source": self.source}
        statistics["regime"] = astuple(self.regime)
        parts = {name: getattr(self.counts, name) for name in ("data", "indices", "indptr")}
        with atomic_path(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, labels=self.labels, **parts, **statistics)

    @classmethod
    def load(cls, path: Path) -> "Problem":
        """Reads what `save` wrote."""
        with np.load(path) as file:
            shape = (len(file["indptr"]) - 1, len(file["mean"]))
            counts = csr_array((file["data"], file["indices"], file["indptr"]), shape=shape)
            statistics = file["mean"], file["inverse_sd"]
            batch, *rates = file["regime"].tolist()
            regime = Regime(int(batch), *rates)
            return cls(counts, file["labels"], *statistics, str(file["source"]), regime)


def problem_of(
    songs_file: Path, num_songs: int, tasks: Sequence[str], regime: Regime = PAPER
) -> tuple[Problem, Problem]:
    """Training songs, words and whitening that the product chooses in a run of the preset.

    Returns:
        The training songs, and a sample of validation songs with the same inputs.
    """
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.runs.config import PRESETS
    from representation_music.experiments.training.inputs import input_words
    from representation_music.experiments.training.training_songs import select_training_songs

    dataset = SongDataset.load(songs_file)
    preset = PRESETS["paper" if regime == PAPER else "default"]
    config = preset.replace(tasks=tuple(tasks), training_size=num_songs)
    songs = select_training_songs(config, dataset)
    words = input_words(config, dataset, songs)
    used = int((words.input_of >= 0).sum())  # the product fills up
    statistics = words.mean[:used], words.inverse_sd[:used]

    def part(positions: np.ndarray) -> Problem:
        counts = words.read(dataset.counts[positions], config.input_transform)
        counts.resize((len(positions), used))
        labels = np.stack([dataset.labels(name)[positions] for name in tasks], axis=1)
        source = dataset.describe_source()
        return Problem(counts, labels.astype(np.float32), *statistics, source, regime)

    validation = dataset.split(config.split)["validation"][: config.validation_size]
    return part(songs.positions), part(validation)
