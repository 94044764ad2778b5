"""A trained network as its run's folder holds it: it reads bags of words without the songs file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.whitening import transform_counts
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import config_of, run_and_checkpoint
from representation_music.experiments.training.engine import Engine, SongTensors, engine_for
from representation_music.experiments.training.inputs import padded_inputs
from representation_music.experiments.training.scoring import to_predictions
from representation_music.utils.checkpoint import load_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.reading import exists
from representation_music.utils.records import read_record
from representation_music.utils.tasks import Task


@dataclass(frozen=True)
class TrainedNetwork:
    """A run's best weights, with the words it reads and the constant predictor.

    Attributes:
        name: The run's name.
        data: What it was trained on, in words.
        tasks: Its tasks.
        classes: Class names of each task; none for tasks that are not multi-class.
        vocabulary: All words of its songs file.
        inputs: The words it reads, each with the number of its input.
        constant: The constant predictor of each task.
        idf: The inputs' inverse document frequencies; none but for `tfidf`.
    """

    name: str
    data: str
    tasks: list[Task]
    classes: list[list[str]]
    vocabulary: frozenset[str]
    inputs: Mapping[str, int]
    constant: list[np.ndarray]
    idf: np.ndarray
    config: RunConfig
    engine: Engine
    scales: list[tuple[float, float]]

    @classmethod
    def load(cls, run: Path | str) -> "TrainedNetwork":
        """Restores the best checkpoint of the run in the folder `run`, or the checkpoint `run`.

        Raises:
            InputError: if there is no run or no whole checkpoint.
        """
        folder, checkpoint = run_and_checkpoint(run)
        config, _ = config_of(folder)
        weights, state = load_checkpoint(checkpoint)
        if "inputs" not in state:
            found, expected = "no network of its own", "a run that trained one"
            raise InputError(folder, found, expected, "A mean's members lie beside it.")
        classes = [task.pop("classes") for task in state["tasks"]]
        tasks = [Task(**task) for task in state["tasks"]]
        engine = engine_for(config, tasks, padded_inputs(len(state["inputs"])))
        engine.restore_weights(weights, str(checkpoint))
        ended = exists(folder / "record.json")
        return cls(
            name=folder.absolute().name,
            data=read_record(folder, "data")["data"] if ended else config.dataset,
            tasks=tasks,
            classes=classes,
            vocabulary=frozenset(state["words"]),
            inputs={word: number for number, word in enumerate(state["inputs"])},
            constant=[np.array(rate) for rate in state["constants"]],
            idf=np.array(state["idf"], np.float32),
            config=config,
            engine=engine,
            scales=state["scales"],
        )

    def predict(self, counts: csr_array) -> list[np.ndarray]:
        """Each task's predictions, `[songs]` or `[songs, classes]`, in its unit or as chances.

        Args:
            counts: `[songs, inputs]` how often each word occurs in each song.
        """
        transformed = transform_counts(counts, self.config.input_transform, self.idf)
        songs = SongTensors.from_csr(transformed)
        return to_predictions(self.tasks, self.engine.outputs(songs), self.scales)

    def predict_bag(self, bag: Mapping[str, int]) -> list[np.ndarray]:
        """Predictions for one song by its stems, as of `predict`; only inputs count."""
        read = {word: count for word, count in bag.items() if word in self.inputs}
        return [prediction[:1] for prediction in self.predict_without_each(read)]

    def predict_without_each(self, counts: Mapping[str, int]) -> list[np.ndarray]:
        """Predictions for one song, and for the song without each of its words.

        Args:
            counts: How often each word occurs, words of `inputs` only.

        Returns:
            As of `predict`: the first row for the whole song, the others without one word each, in
            the order of `counts`.
        """
        words = np.array([self.inputs[word] for word in counts], np.int32)
        values = np.array(list(counts.values()), np.float32)
        # One row per word that is left out, below one row with all.
        kept = np.vstack([np.ones((1, len(words)), bool), ~np.eye(len(words), dtype=bool)])
        song, place = np.nonzero(kept)
        shape = len(kept), self.engine.num_words
        return self.predict(csr_array((values[place], (song, words[place])), shape=shape))
