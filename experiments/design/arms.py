"""The arms that studies compare: settings that learn, the single task, and the control arms."""

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from representation_music.experiments.runs.config import PRESETS, RunConfig
from representation_music.experiments.runs.cost import estimated_seconds
from representation_music.experiments.runs.linear_config import AnyConfig, LinearConfig
from representation_music.models.networks import network_of
from representation_music.utils.results_format import (
    LINEAR_MULTI_TASK,
    LYRIC_MADE,
    LYRICS_ONLY,
    MEAN_OF_SINGLES,
    PERMUTED_AUXILIARIES,
    SINGLE,
    WEIGHTS_0,
)

#: Up to so many target labels, small batches and stronger word dropout learn better (README).
FEW_LABELS = 500

#: Rivals of a sharing arm beside the single task, as a user names them.
Control = Literal["weights-0", "permuted", "lyrics-only", "lyric-made", "linear-multi-task", "mean"]
CONTROLS = get_args(Control)
#: What these are called in results.
CONTROL_ARMS: dict[Control, str] = {
    "weights-0": WEIGHTS_0,
    "permuted": PERMUTED_AUXILIARIES,
    "lyrics-only": LYRICS_ONLY,
    "lyric-made": LYRIC_MADE,
    "linear-multi-task": LINEAR_MULTI_TASK,
    "mean": MEAN_OF_SINGLES,
}
#: What is claimed of an arm that beats these and the rivals of the levels before; rivals of other
#: names belong to the first. Above that a level is claimed only beside all rivals that it takes.
LEVELS = {
    "benefit": (SINGLE, WEIGHTS_0, PERMUTED_AUXILIARIES),
    "benefit of labels": (LYRICS_ONLY, LYRIC_MADE),
    "benefit of a deep net": (LINEAR_MULTI_TASK,),
}
#: Rivals that a level takes where they stand beside the arm, which needs further songs for them.
WHERE_PRESENT = {LYRIC_MADE}


def rivals_by_level(rivals: Iterable[str]) -> dict[str, list[str]]:
    """The levels that may be claimed beside these rivals, with those that have to be beaten.

    A rival whose level lacks another one is not judged, unless there is none of the first level.
    """
    place = {rival: number for number, own in enumerate(LEVELS.values()) for rival in own}
    at = {rival: place.get(rival, 0) for rival in rivals}
    found = {}
    for number, level in enumerate(LEVELS):
        needed = {rival for rival, of in place.items() if of <= number} - WHERE_PRESENT
        if not number or needed <= at.keys():
            found[level] = [rival for rival, of in at.items() if of <= number] or list(at)
    return found


def base_config(
    preset: str, dataset: str, tasks: Sequence[str], training_size: int, **settings
) -> RunConfig:
    """The preset at a training size; `default` with what pilot runs found to suit that size."""
    config = PRESETS[preset].replace(
        dataset=dataset, tasks=tuple(tasks), training_size=training_size
    )
    if preset == "default" and 0 < training_size <= FEW_LABELS:
        config = config.replace(batch_size=32, word_dropout=0.8)
    return config.replace(**settings)


def single_task(config: RunConfig, task: str = "") -> RunConfig:
    """A task (the target, unless named) alone, on its own songs, in plain batches."""
    alone = network_of(config.network.architecture).single_task(config.network)
    return config.replace(
        tasks=(task or config.target,),
        task_weights=(),
        permuted_tasks=(),
        network=alone,
        auxiliary_size=0,
        target_batch_size=0,
        objective="sum",
        objective_options=(),
        experiment_name="single-task",
    )


def sharing(config: RunConfig, architecture: str, name: str = "") -> RunConfig:
    """Several tasks with one of the architectures, or a sharing pattern."""
    return config.replace(architecture=architecture, experiment_name=name or architecture)


def with_many_auxiliary_labels(config: RunConfig, auxiliary_size: int) -> RunConfig:
    """Adds songs with auxiliary labels only (0: none), as chosen in pilot runs of a former preset.

    Those were on planted songs. Batches are plain ones of the whole stream: with 32 further target
    songs in each, related tasks gained less there (validation AUC .809 against .840 at 250 labels,
    .829 against .852 at 500). The target's loss is weighted down: at weight 1 its few labels were
    overfitted early there; of today's preset `experiments/README.md` has one comparison. The whole
    budget is trained: few songs of a batch have the target's label, whose loss stood still for
    1,000 steps in some runs, and patience ended nets that barely beat the constant predictor.
    The paper's preset, whose budget is in epochs, stays as it is.
    """
    if not auxiliary_size or config.num_epochs:
        return config.replace(auxiliary_size=auxiliary_size)
    others = len(config.tasks) - 1
    return config.replace(
        auxiliary_size=auxiliary_size,
        batch_size=64,
        patience=0,
        task_weights=(0.2, *[1.0] * others),
    )


def auxiliary_weights_0(config: RunConfig) -> RunConfig:
    """Control: the same songs in the same batches, but no auxiliary task is learnt.

    The target's weight is 1, as a single task's, so that L2 weighs no more against its loss than
    there. Where a study tunes every arm, batches may come to differ.
    """
    return config.replace(
        task_weights=(1.0, *[0.0] * (len(config.tasks) - 1)),
        experiment_name=f"{config.experiment_name}-weights-0",
    )


def permuted_auxiliaries(config: RunConfig) -> RunConfig:
    """Control: auxiliary labels shuffled among songs, so that nothing can be learnt from them."""
    return config.replace(
        permuted_tasks=config.tasks[1:], experiment_name=f"{config.experiment_name}-permuted"
    )


def lyric_made_auxiliaries(config: RunConfig) -> RunConfig:
    """Control: auxiliary labels made of the words of the same songs, so that no label helps."""
    return config.replace(
        lyric_tasks=config.tasks[1:], experiment_name=f"{config.experiment_name}-lyric-made"
    )


def mean_of_single_tasks(config: RunConfig, alone: RunConfig) -> RunConfig:
    """The mean of as many single tasks as the sharing arm `config` costs, but of 2 at least."""
    cost = estimated_seconds(config, config.training_size + config.auxiliary_size)
    return alone.replace(
        members=max(2, round(cost / estimated_seconds(alone, alone.training_size)))
    )


def rivals_of(
    config: RunConfig, controls: Sequence[Control], alone: RunConfig | None = None
) -> dict[str, AnyConfig]:
    """What a sharing arm has to beat: the single task and the rivals named.

    Args:
        config: The arm.
        controls: Some of `CONTROLS`.
        alone: The single task's settings, where batches or widths that suit its own songs are not
            the arm's; it trains as long as the arm may in any case.
    """
    alone = single_task((alone or config).replace(patience=config.patience))
    rivals = {SINGLE: alone}
    if "weights-0" in controls:
        rivals[WEIGHTS_0] = auxiliary_weights_0(config)
    if "permuted" in controls:
        rivals[PERMUTED_AUXILIARIES] = permuted_auxiliaries(config)
    if "lyrics-only" in controls:
        rivals[LYRICS_ONLY] = LinearConfig.beside(config, LYRICS_ONLY)
    if "lyric-made" in controls and config.auxiliary_size:
        rivals[LYRIC_MADE] = lyric_made_auxiliaries(config)
    if "linear-multi-task" in controls:
        rivals[LINEAR_MULTI_TASK] = LinearConfig.beside(config, LINEAR_MULTI_TASK)
    if "mean" in controls and config.auxiliary_size:
        rivals[MEAN_OF_SINGLES] = mean_of_single_tasks(config, alone)
    return rivals
