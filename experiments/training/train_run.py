"""One run from its config to its record, with what a person at a terminal sees of it."""

from pathlib import Path

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import claim, run_folder, working_on
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.runs.runs import load_songs
from representation_music.experiments.training.distribution.replicas import any_worker, is_chief
from representation_music.utils.checkpoint import save_checkpoint
from representation_music.utils.console import progress
from representation_music.utils.files import write_json
from representation_music.utils.records import is_finished, read_record

#: What a mean's record says as those of its members do, which train on the same songs.
SAME_OF_MEMBERS = ("status", "data", "fingerprint", "training_songs", "training_labels", "units")


def train_run(
    config: RunConfig,
    runs: Path | str,
    checkpoint_seconds: float = 5.0,
    dataset=None,
    figures: bool = True,
    profile: bool = False,
) -> dict:
    """Trains or resumes one run with a progress bar; a finished run is not run again.

    Args:
        config: The run's settings; a `LinearConfig` fits a linear model.
        runs: Folder of run folders.
        checkpoint_seconds: Least seconds between checkpoints.
        dataset: The songs, where they are loaded already.
        figures: Whether to draw the error curves of a finished run into its folder.
        profile: Whether to trace and time a few steps before training, and to print a table.

    Returns:
        The run's record, with its folder under `folder`.
    """
    dataset = dataset or load_songs(config.dataset)
    folder = run_folder(config, dataset.fingerprint, runs)
    if is_finished(folder):
        return read_record(folder) | {"folder": str(folder)}
    if isinstance(config, LinearConfig):
        from representation_music.experiments.training.linear_model import train_linear_model

        return train_linear_model(config, dataset, runs)
    if config.members > 1:
        return _train_members(config, dataset, runs, checkpoint_seconds, figures)
    from representation_music.experiments.training.profile import print_profile
    from representation_music.experiments.training.training_loop import Experiment

    if not is_chief():
        record = Experiment(config, dataset, runs, records=False).train()
        status = "finished" if any_worker(False) else "stopped"
        return record | {"status": status, "folder": str(folder)}
    experiment = Experiment(config, dataset, runs, checkpoint_seconds)
    with working_on(folder), progress(folder.name, None) as advance:
        if is_finished(folder):  # by another process, just now
            return read_record(folder) | {"folder": str(folder)}
        done = 0

        def report(step: int, text: str) -> None:
            nonlocal done
            advance(step - done, text, total=experiment.trainer.budget.total)
            done = step

        record = experiment.train(report, profile)
    if experiment.profile:
        print_profile(experiment.profile)
    if figures and record["status"] == "finished":
        from representation_music.plots.runs.error_curves import draw_error_curves

        draw_error_curves(experiment.folder)
        if "mixing" in record:
            from representation_music.plots.runs.mixing import draw_mixing

            draw_mixing(experiment.folder)
        if any(name.startswith("weight:") for name in experiment.history.rows[-1]):
            from representation_music.plots.runs.task_weights import draw_task_weights

            draw_task_weights(experiment.folder)
    any_worker(record["status"] == "finished")
    return record | {"folder": str(experiment.folder)}


def _train_members(
    config: RunConfig, dataset, runs: Path | str, checkpoint_seconds: float, figures: bool
) -> dict:
    """Trains or resumes the networks of a mean, each a run of its own; arguments as `train_run`."""
    folder = run_folder(config, dataset.fingerprint, runs)
    records = []
    for member in config.runs_of_members:
        records.append(train_run(member, runs, checkpoint_seconds, dataset, figures))
        if records[-1]["status"] != "finished":
            return records[-1] | {"folder": str(folder)}
    if not is_chief():
        return records[-1] | {"folder": str(folder)}
    with working_on(folder):
        claim(folder, config, dataset.fingerprint)
        members = [Path(record["folder"]).name for record in records]
        record = {name: records[0][name] for name in SAME_OF_MEMBERS} | {
            "parameters": sum(record["parameters"] for record in records),
            "steps": sum(record["steps"] for record in records),
            "members": members,
            "process": 0,  # its members have theirs
            "verdict": f"The mean of {len(members)} networks has a score once it is evaluated.",
            "seconds": {},
        }
        save_checkpoint(folder / "checkpoints" / "best.npz", [], {"step": 0, "members": members})
        write_json(folder / "record.json", record)
    return record | {"folder": str(folder)}
