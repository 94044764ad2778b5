"""The dummy run: every part of the software on pure noise, in under a minute.

The 2016 study's dummy data: 750 training, 100 validation and 150 test examples, two regressions
and one classification with 80 % positive. Nothing can be learnt from noise, so a network that
beats the constant predictor here would show a fault.
"""

import sys
from pathlib import Path

from representation_music.experiments.runs.config import DEFAULT
from representation_music.utils.command_line import run_command
from representation_music.utils.signals import SAVED_NOT_FINISHED


def dummy(runs: Path = Path("runs"), seed: int = 0, num_steps: int = 200) -> int:
    """Train and evaluate a low-level sharing net on pure noise, to see that all is well.

    Args:
        runs: Folder of run folders; the noise is kept there as dummy.h5.
        seed: Seed of the noise and of the run.
        num_steps: Training steps.
    """
    from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
    from representation_music.experiments.evaluate import print_result
    from representation_music.experiments.training.evaluation import evaluate_run
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
    from representation_music.experiments.training.train_run import train_run

    configure_tensorflow()
    runs.mkdir(parents=True, exist_ok=True)
    noise_songs(seed).save(runs / "dummy.h5")
    config = DEFAULT.replace(
        dataset=str(runs / "dummy.h5"),
        experiment_name="dummy",
        tasks=NOISE_TASKS,
        training_size=0,
        num_steps=num_steps,
        seed=seed,
    )
    record = train_run(config, runs)
    if record["status"] != "finished":
        return SAVED_NOT_FINISHED
    print_result(evaluate_run(Path(record["folder"])))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(dummy, program="dummy.py"))
