"""Networks of soft sharing as runs: they resume, are evaluated, predict, and tell what is read."""

import numpy as np
import pytest
from small_runs import CONFIG, Stopping, assert_logged, bits, history, stop_at

from representation_music.experiments.design.arms import sharing, single_task
from representation_music.experiments.runs.cost import SECONDS_A_RUN, estimated_seconds
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.trained_network import TrainedNetwork
from representation_music.experiments.training.training_loop import Experiment
from representation_music.utils.checkpoint import load_checkpoint

#: For each network, which of the first layer's columns of `history.csv` there are.
READS = {
    "cross_stitch": ["fc1:pop:pop", "fc1:pop:year", "fc1:pop:genre"],
    "mmoe": [f"fc2:pop:expert {n}" for n in range(1, 9)],
    "ple": ["fc2:pop:pop 1", "fc2:pop:pop 2", "fc2:pop:shared 1", "fc2:pop:shared 2"],
}


@pytest.mark.parametrize(
    "architecture",
    [pytest.param(name, marks=[pytest.mark.slow] * (name != "ple")) for name in READS],
)
@pytest.mark.slow
def test_a_run_resumes_to_the_same_bits_is_evaluated_and_predicts(
    architecture, song_dataset, tmp_path
):
    config = sharing(CONFIG.replace(num_steps=40), architecture)
    straight = Experiment(config, song_dataset, tmp_path / "straight", 0.0)
    record = straight.train()
    with pytest.raises(Stopping):
        Experiment(config, song_dataset, tmp_path / "killed", 0.0).train(stop_at(20))
    again = train_run(config, tmp_path / "killed", 0.0, song_dataset)
    resumed = tmp_path / "killed" / straight.folder.name
    assert bits(resumed) == bits(straight.folder)
    assert (resumed / "mixing.png").exists() and (resumed / "mixing_curves.png").exists()
    assert again["mixing"] == record["mixing"]
    gates = {"idle_experts": [], "collapsed_gates": []} if architecture != "cross_stitch" else {}
    assert {name: again[name] for name in gates} == gates
    assert ("idle_experts" in again) == bool(gates)

    result = evaluate_run(resumed, dataset=song_dataset)
    arrays, _ = load_checkpoint(resumed / "checkpoints" / "best.npz")
    assert result["parameters"] == record["parameters"] < sum(array.size for array in arrays)
    assert result["test"]["pop"]["network"]["auc"] > 0.6
    network = TrainedNetwork.load(resumed)
    pop, _, genres = network.predict_bag({next(iter(network.inputs)): 2})
    assert 0 < pop[0] < 1 and genres.sum() == pytest.approx(1, rel=1e-5)

    first, *_, last = history(resumed)
    columns = [name for name in first if name.startswith("mixing:")]
    names = [f"mixing:{read}" for read in READS[architecture]]
    assert columns[: len(names)] == names
    assert sum(float(last[name]) for name in names) == pytest.approx(1, abs=0.1)
    assert any(first[name] != last[name] for name in columns)
    assert_logged(resumed)
    layer, reader, part = names[0].split(":")[1:]
    assert record["mixing"][layer][reader][part] == pytest.approx(float(last[names[0]]), abs=0.05)


def test_idle_experts_and_a_collapsed_gate_are_told_of(song_dataset, tmp_path):
    experiment = Experiment(sharing(CONFIG, "mmoe"), song_dataset, tmp_path)
    engine, songs = experiment.trainer.engine, experiment.samples["validation"].tensors
    found = engine.network.misuse(engine.mixing(songs))
    assert found == {"idle_experts": [], "collapsed_gates": []}
    bias = np.zeros((3, 1, 8), np.float32)
    bias[:, :, [2, 6]], bias[0, :, 0], bias[1, :, 4] = -9, -9, 9
    engine.network.levels[0].gates.bias.assign(bias)
    found = engine.network.misuse(engine.mixing(songs))
    assert found["idle_experts"] == ["fc2 expert 3", "fc2 expert 7"]
    assert found["collapsed_gates"] == ["fc2 year on expert 5"]


@pytest.mark.parametrize("architecture", READS)
def test_its_single_task_is_a_plain_net_of_the_same_widths_and_its_cost_is_known(architecture):
    options = () if architecture == "cross_stitch" else ("matched=true",)
    config = sharing(CONFIG.replace(num_steps=3000), architecture)
    config = config.replace(network_options=options, widths=(512, 256, 128, 64))
    alone = single_task(config)
    assert alone.network.architecture == "no_sharing" and not alone.network.network_options
    assert alone.network.widths == config.network.widths
    low = config.replace(architecture="low_level_sharing", network_options=())
    of_net, of_low = (estimated_seconds(each, 1000) - SECONDS_A_RUN for each in (config, low))
    assert (0.5 if options else 1.5) < of_net / of_low < (1.2 if options else 4)
