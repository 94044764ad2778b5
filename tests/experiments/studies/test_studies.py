import dataclasses
import json
from importlib import import_module
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.design.arms import (
    auxiliary_weights_0,
    base_config,
    lyric_made_auxiliaries,
    permuted_auxiliaries,
    rivals_of,
    sharing,
    single_task,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import runs_of
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.grid.manifest import read_manifest
from representation_music.experiments.grid.study_runs import write_study
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.studies import (
    benefit,
    conflict,
    controls,
    find_studies,
    sharing_degree,
)
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.experiments.training.training_songs import select_training_songs
from representation_music.models.dnn import DNN
from representation_music.models.network import NetworkConfig
from representation_music.utils.errors import InputError
from representation_music.utils.statistics.verdicts import Verdict
from representation_music.utils.tasks import TRAINING_SIZES

STUDIES = find_studies()
TARGET, *OTHERS = NOISE_TASKS
OPTIONS = StudyOptions(tight=NOISE_TASKS, loose=(TARGET, OTHERS[1]), seeds=2)
#: Settings in which arms may differ without training on other songs.
FIXED = ("training_size", "split", "whitening", "word_floor")


@pytest.fixture(scope="module")
def songs():
    return noise_songs()


def differing(one: RunConfig, other: RunConfig) -> set[str]:
    ours, theirs = one.settings(), other.settings()
    return {name for name in ours if ours[name] != theirs[name]}


def cells_of(name, songs, options=OPTIONS):
    module = import_module(f"representation_music.experiments.studies.{name}")
    if name == "controls":
        return module.cells(options, tuple(f"{world}/songs.h5" for world in range(8)))
    return module.cells(options, "songs.h5" if name == "conflict" else songs)


@pytest.mark.parametrize("name", STUDIES)
def test_all_arms_of_a_cell_train_on_the_same_target_songs(name, songs):
    cells = cells_of(name, songs)
    assert cells
    for cell in cells:
        assert cell.rivals
        for rival in cell.rivals.values():
            assert rival.target == cell.arm.target
            for setting in FIXED[: None if isinstance(rival, RunConfig) else 2]:
                assert getattr(rival, setting) == getattr(cell.arm, setting)
            assert rival.dataset == cell.arm.dataset


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_names_no_run_twice_and_no_two_cells_alike(name, songs):
    cells = cells_of(name, songs)
    assert len({cell.name for cell in cells}) == len(cells)
    runs = runs_of(cells, 2)
    settings = [json.dumps([run.settings(), run.dataset]) for run in runs]
    assert len(set(settings)) == len(runs)


def test_controls_differ_from_their_arm_in_one_setting_only():
    arm = sharing(base_config("default", "songs.h5", NOISE_TASKS, 250), "high_level_sharing")
    assert differing(arm, auxiliary_weights_0(arm)) == {"task_weights"}
    assert auxiliary_weights_0(arm).task_weights == (1, 0, 0)
    assert differing(arm, lyric_made_auxiliaries(arm)) == {"lyric_tasks"}
    assert differing(arm, permuted_auxiliaries(arm)) == {"permuted_tasks"}
    assert permuted_auxiliaries(arm).permuted_tasks == NOISE_TASKS[1:]
    assert differing(arm, single_task(arm)) == {"tasks", "architecture"}


def test_weights_0_keeps_the_stream_and_weighs_the_target_as_a_single_task_does():
    base = base_config("default", "songs.h5", NOISE_TASKS, 250)
    arm = with_many_auxiliary_labels(sharing(base, "low_level_sharing"), 5000)
    assert auxiliary_weights_0(arm).task_weights == (1, 0, 0)
    assert auxiliary_weights_0(arm).auxiliary_size == 5000
    assert single_task(arm).auxiliary_size == single_task(arm).target_batch_size == 0


def test_beside_many_auxiliary_labels_the_single_task_trains_as_long_in_batches_of_its_own():
    base = base_config("default", "songs.h5", NOISE_TASKS, 250)
    arm = with_many_auxiliary_labels(sharing(base, "low_level_sharing"), 5000)
    alone = rivals_of(arm, (), base)["single task"]
    assert differing(alone, single_task(base)) == {"patience"}
    assert alone.patience == arm.patience == 0 < base.patience


def test_a_single_task_is_one_run_whatever_it_is_compared_with(songs):
    cells = benefit.cells(OPTIONS, songs, couplings=("tight", "loose"))
    assert len(cells) == 6
    assert len({json.dumps(cell.rivals["single task"].settings()) for cell in cells}) == 1
    # Three runs per cell (the arm and two controls), each of three tasks alone, the linear model,
    # the lyrics and a linear model of either task set, at two seeds.
    assert len(runs_of(cells, 2)) == 2 * (6 * 3 + 3 + 1 + 1 + 2)


def test_the_papers_preset_is_the_papers_at_every_size():
    small, large = (base_config("paper", "songs.h5", NOISE_TASKS, n) for n in (250, 25_000))
    assert differing(small, large) == {"training_size"}
    assert (small.learning_rate, small.batch_size, small.num_epochs) == (1e-4, 128, 1000)
    arm = sharing(small, "low_level_sharing")
    assert differing(arm, with_many_auxiliary_labels(arm, 5000)) == {"auxiliary_size"}


def test_training_sizes_are_the_studys_ten_as_far_as_there_are_songs(songs, capsys):
    from representation_music.experiments.studies import training_size

    cells = training_size.cells(OPTIONS, songs)
    assert {cell.arm.training_size for cell in cells} == {500, 750}
    assert "cut to 750" in capsys.readouterr().out
    assert len(TRAINING_SIZES) == 10


def test_matched_patterns_have_as_many_weights_as_sharing_everything():
    widths, inputs = (1024, 512, 256, 128), 1500
    wanted = inputs * 1024 + 1024 * 512 + 512 * 256 + 256 * 128
    for pattern in ("PPPP", "SPSP", "PSSS"):
        config = NetworkConfig(architecture=pattern, widths=widths)
        matched = sharing_degree.matched_widths(config, 3, inputs)
        config = NetworkConfig(architecture=pattern, widths=matched)
        weights = DNN.number_of_weights(config, 3, inputs)
        assert weights == pytest.approx(wanted, rel=0.01)
    config = NetworkConfig(architecture="SSSS", widths=widths)
    assert sharing_degree.matched_widths(config, 3, inputs) == widths


def test_weights_are_counted_as_by_hand():
    of = {name: NetworkConfig(architecture=name, widths=(4, 3)) for name in ("SP", "PS")}
    assert DNN.number_of_weights(of["SP"], 2, 10) == 10 * 4 + 2 * 4 * 3
    assert DNN.number_of_weights(of["PS"], 2, 10) == 2 * 10 * 4 + 4 * 3
    # A shared layer above private ones works on each of their streams.
    assert DNN.products_per_song(of["PS"], 2, 10) == 2 * (10 * 4 + 4 * 3)


def test_all_sharing_patterns_are_compared(songs):
    cells = sharing_degree.cells(OPTIONS, songs)
    full = [cell for cell in cells if cell.factors["widths"] == "full"]
    merged = [cell for cell in full if cell.factors["pattern"].endswith(" merged")]
    assert len({cell.factors["pattern"] for cell in full}) == 16 + 11
    assert (len(full), len(merged), len(cells)) == (32 + 22, 22, 2 * 32 + 22)
    assert {cell.arm.network.merge for cell in merged} == {"mean"}
    assert all("PS" in cell.factors["pattern"] for cell in merged)
    # One single task, of full widths, meets full and matched nets alike.
    assert len({json.dumps(cell.rivals["single task"].settings()) for cell in cells}) == 1
    # Sharing everything is what the others are matched to: one run, two cells.
    assert (
        len(runs_of(cells, 1)) == 1 + 3 * (32 + 30 + 22) + 4
    )  # and linear models: words, lyrics, two task sets


def test_all_shared_is_set_against_nothing_shared_with_either_rule_for_the_widths(songs):
    cells = [
        {"cell": of.name, "factors": of.factors, "rivals": of.rivals}
        for of in sharing_degree.cells(OPTIONS, songs)
    ]
    factors = {cell["cell"]: cell["factors"] for cell in cells}
    found = STUDIES["sharing_degree"].contrasts(cells)
    degree = [of for of in found if of.asks == STUDIES["sharing_degree"].question]
    for of in degree:
        (ours, _), (theirs, _) = of.gain[0], of.other[0]
        assert factors[ours] == factors[theirs] | {"pattern": "SSSS"}
        assert factors[theirs]["pattern"] == "PPPP"
    # In either task set, with full and with matched widths; and whether that depends on the set.
    assert (len(degree), len(found)) == (4, 6)


def test_one_task_a_step_and_the_sum_of_losses_make_as_many_updates(songs):
    for cell in cells_of("alternating", songs):
        assert differing(cell.arm, cell.rivals["sum of losses"]) == {"objective"}
        assert cell.arm.patience == 0


def test_every_method_meets_one_plain_sum_and_one_single_task(songs):
    cells = cells_of("methods", songs)
    of_coupling = [c for c in cells if c.factors["coupling"] == "tight" and c.arm.auxiliary_size]
    methods = {cell.factors["method"]: cell for cell in of_coupling}
    assert {"mmoe", "SSSS", "pcgrad", "uncertainty"} <= set(methods) and "sum" not in methods
    assert len({tuple(cell.rivals.values()) for cell in of_coupling}) == 1
    plain = of_coupling[0].rivals["plain sum"]
    assert list(of_coupling[0].rivals) == ["single task", "plain sum"]
    assert differing(methods["pcgrad"].arm, plain) == {"objective"}
    assert differing(methods["mmoe"].arm, plain) == {"architecture"}


def test_methods_are_compared_in_pieces(songs):
    def named(**options):
        found = cells_of("methods", songs, dataclasses.replace(OPTIONS, **options))
        return {cell.factors["method"] for cell in found}

    assert named(architectures=("ple",)) == {"ple"}
    assert named(objectives=("mgda", "famo")) == {"mgda", "famo"}
    assert named(architectures=("ple",), objectives=("mgda",)) == {"ple", "mgda"}
    assert named(architectures=("low_level_sharing",)) == (
        set(OBJECTIVES.names()) - {"sum", "transfer"}
    )


def test_auxiliaries_that_conflict_are_ten_times_as_loud(songs):
    for cell in cells_of("conflict", songs):
        assert cell.arm.task_weights == cell.rivals["plain sum"].task_weights == (1, 10, 10)
        assert cell.rivals["single task"].task_weights == ()


def test_auxiliaries_that_conflict_correlate_negatively_with_the_target(tmp_path, monkeypatch):
    monkeypatch.setattr(conflict, "SONGS", 2000)
    dataset = SongDataset.load(conflict.make_songs(tmp_path, OPTIONS))
    labels = [dataset.labels(name) for name in ("pop", "extra 1", "extra 2")]
    found = np.corrcoef(labels)[0, 1:]
    assert found[0] < found[1] - 0.05 and found[1] < -0.1


def test_a_group_meets_each_task_alone_and_all_tasks_together(songs):
    options = dataclasses.replace(OPTIONS, groups=(*OTHERS, "/", TARGET))
    cells = cells_of("grouping", songs, options)
    assert [cell.arm.tasks for cell in cells] == [tuple(OTHERS), tuple(OTHERS[::-1])]
    for cell in cells:
        assert cell.rivals["single task"].tasks == cell.arm.tasks[:1]
        assert cell.rivals["all together"].tasks == (*cell.arm.tasks, TARGET)


def test_a_grouping_is_judged_by_tasks_of_one_kind(tmp_path):
    from representation_music.data_preprocessing.synthetic.planted import planted_songs
    from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings

    planted = planted_songs(SyntheticSettings(songs=300))
    options = dataclasses.replace(OPTIONS, groups=("pop", "loudness", "ballad"), sizes=(50,))
    cells = cells_of("grouping", planted, options)
    assert [cell.arm.target for cell in cells] == ["pop", "ballad"]
    assert all("loudness" in cell.arm.tasks for cell in cells)


def test_further_songs_are_cut_to_what_there_is(songs, capsys):
    from representation_music.experiments.studies import auxiliary_size

    options = dataclasses.replace(OPTIONS, sizes=(250,), auxiliary_sizes=(100, 5000, 9000))
    cells = auxiliary_size.cells(options, songs)
    train = songs.split(cells[0].arm.split)["train"]
    assert [cell.arm.auxiliary_size for cell in cells] == [100, len(train) - 250] * 2
    assert "[5000, 9000] are cut to" in capsys.readouterr().out
    for cell in cells:
        chosen = select_training_songs(cell.arm, songs)
        assert len(chosen.positions) == 250 + cell.factors["auxiliary songs"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["benefit", "coupling", "sharing_degree"])
def test_every_architecture_can_be_tried_with_many_auxiliary_labels(name, songs):
    options = dataclasses.replace(OPTIONS, sizes=(100,), auxiliary_sizes=(0, 300))
    cells = cells_of(name, songs, options)
    few = [cell for cell in cells if not cell.arm.auxiliary_size]
    many = [cell for cell in cells if cell.arm.auxiliary_size == 300]
    assert len(few) == len(many) == len(cells) / 2
    alone = {cell.rivals["single task"].replace(patience=0) for cell in few}
    for cell in many:
        assert cell.factors["auxiliary songs"] == 300
        assert cell.rivals["permuted auxiliaries"].auxiliary_size == 300
        assert cell.rivals["single task"] in alone  # the target's own songs, as beside few labels


def test_worlds_are_made_once_and_are_none_in_which_settings_were_chosen(tmp_path, monkeypatch):
    monkeypatch.setattr(controls, "SONGS", 400)
    options = dataclasses.replace(OPTIONS, worlds=2)
    first, second = map(SongDataset.load, controls.make_songs(tmp_path, options))
    assert (first.counts != second.counts).nnz
    seeds = [songs.provenance["settings"]["seed"] for songs in (first, second)]
    assert seeds == [3201, 3202]
    files = sorted(tmp_path.rglob("songs.h5"))
    before = [file.stat().st_mtime_ns for file in files]
    more = controls.make_songs(tmp_path, dataclasses.replace(OPTIONS, worlds=3))
    assert [file.stat().st_mtime_ns for file in files] == before and len(more) == 3
    for wrong in ({"worlds": -1}, {"tune": 2}):
        with pytest.raises(InputError):
            controls.make_songs(tmp_path, dataclasses.replace(OPTIONS, **wrong))


def test_controls_run_every_arm_once_in_each_world(songs):
    cells = cells_of("controls", songs)
    for cell in cells:
        runs = cell.repeated(cell.arm, 99)
        assert [run.dataset for run in runs] == [f"{world}/songs.h5" for world in range(8)]
        assert len({run.seed for run in runs}) == 8
    related = [c for c in cells if c.factors["control"] == "related"]
    assert len({c.rivals["lyrics only"] for c in related}) == len(controls.SIZES)
    assert len({c.rivals["linear multi-task"] for c in related}) == len(related)


def test_controls_know_their_answer_where_there_is_one(songs):
    cells = cells_of("controls", songs)
    for cell in cells:
        assert set(cell.expected) <= set(get_args(Verdict))
    answers = {
        (c.factors["correlation"], c.factors["songs"]): c.expected
        for c in cells
        if "correlation" in c.factors
    }
    assert answers[0.9, 250] == ("benefit",)
    assert answers[0.9, 1000] == ()
    assert "benefit" not in answers[0.0, 250]
    assert controls.task_set((0.5, 1.0)) == ("pop", "extra 2", "extra 6")
    permuted = [c for c in cells if c.factors["control"] == "permuted auxiliaries"]
    assert all(set(c.rivals) == {"auxiliary weights 0", "single task"} for c in permuted)


def test_expanding_writes_a_manifest_and_a_design_that_names_its_folders(songs, tmp_path):
    path = tmp_path / "songs.h5"
    songs.save(path)
    options = dataclasses.replace(OPTIONS, dataset=path)
    cells = cells_of("coupling", songs, options)
    configs = runs_of(cells, options.seeds)
    write_study("coupling", options, cells, tmp_path / "coupling")
    assert sorted(map(repr, read_manifest(tmp_path / "coupling/manifest.jsonl"))) == sorted(
        map(repr, configs)
    )
    design = json.loads((tmp_path / "coupling/study.json").read_text())
    named = {
        folder
        for cell in design["cells"]
        for arm in (
            *(cell["arm"], cell["linear_model"]),
            *(*cell["rivals"].values(), *cell["single_tasks"].values()),
        )
        for folder in arm
    }
    digests = {f"{c.experiment_name}-{c.digest(songs.fingerprint)}" for c in configs}
    assert named == digests
    assert Path(design["options"]["dataset"]) == path


def test_a_studys_command_does_not_repeat_its_own_options(songs, tmp_path):
    path = tmp_path / "songs.h5"
    songs.save(path)
    options = dataclasses.replace(STUDIES["coupling"].own_options, dataset=path, tight=NOISE_TASKS)
    write_study("coupling", options, [], tmp_path / "coupling")
    command = json.loads((tmp_path / "coupling/study.json").read_text())["command"]
    assert "--seeds" not in command and "--worlds" not in command and "--tight" in command


def test_pairs_of_several_targets_are_drawn_by_the_seed_before_any_gain_is_seen(monkeypatch, songs):
    from representation_music.experiments.studies import pairs

    monkeypatch.setattr(pairs, "PAIRS", 4)
    options = dataclasses.replace(OPTIONS, targets=NOISE_TASKS[:2], sizes=(100,))
    drawn = pairs.pairs_of(options, songs)
    assert drawn == pairs.pairs_of(options, songs) and len(set(drawn)) == 4
    assert all(target != auxiliary for target, auxiliary in drawn)
    cells = pairs.cells(options, songs)
    assert [cell.arm.tasks for cell in cells] == drawn
    assert [cell.factors["target"] for cell in cells] == [target for target, _ in drawn]
    assert len({cell.arm.experiment_name for cell in cells}) == 4


def test_rivals_of_learning_together_learn_the_same_songs_one_task_after_the_other(songs):
    options = dataclasses.replace(OPTIONS, sizes=(100,), auxiliary_sizes=(200,))
    for cell in cells_of("transfer", songs, options):
        tuned, frozen = (cell.rivals[f"one after the other, {w}"] for w in ("fine-tuned", "frozen"))
        assert differing(tuned, frozen) == {"objective_options"}
        assert differing(cell.arm, tuned) == {
            *("objective", "objective_options", "target_batch_size", "task_weights")
        }
        assert cell.arm.patience == tuned.patience == cell.rivals["single task"].patience == 0
        assert tuned.objective_options[0] == f"steps={cell.arm.num_steps // 2}"
