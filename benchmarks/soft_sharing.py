"""Steps of MMoE and PLE against the same networks in PyTorch, as its users write them.

Both train the default preset's widths and batches on the same 1,000 synthetic songs, AdaGrad and
L2 included, words not dropped. Each measurement is a process of its own with one thread; ours and
PyTorch take turns, and what counts is processor time a step.
Run: `python benchmarks/soft_sharing.py`; without PyTorch, ours and
its floor: `python benchmarks/soft_sharing.py ours mmoe`.
"""

import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from floor import measure_machine
from measuring import answer_of, median_and_spread, ratios
from songs import TASKS, songs_file

ROUNDS, WARM_UP, STEPS = 5, 20, 120
NETWORKS = ("mmoe", "ple")


def inputs_of(network: str):
    """What a run of the default preset on these songs reads."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.runs.config import DEFAULT
    from representation_music.experiments.training.inputs import RunInputs

    path = songs_file(10_000)
    config = DEFAULT.replace(tasks=TASKS, architecture=network, word_dropout=0.0, warmup_steps=0)
    return RunInputs(config, SongDataset.load(path))


def ours(network: str) -> dict[str, float]:
    """Processor seconds per step and the floor's, and parameters, as `repmusic train` trains.

    The floor is that of `floor.py`: above the first layer a weight works once for every song.
    """
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow(1)
    from representation_music.experiments.training.trainer import Trainer

    inputs = inputs_of(network)
    trainer = Trainer(inputs)
    trainer.advance(WARM_UP)
    began = time.process_time()
    trainer.advance(WARM_UP + STEPS)
    seconds = (time.process_time() - began) / STEPS
    parameters, width = trainer.engine.network.count_parameters(), inputs.config.network.widths[0]
    first, songs = width * inputs.words.num_inputs, inputs.dataset.counts[inputs.songs.positions]
    read = inputs.words.read(songs, inputs.config.input_transform).nnz / songs.shape[0]
    entries = inputs.config.batch_size * read + inputs.words.num_inputs
    operations = 4 * entries * width + 6 * inputs.config.batch_size * (parameters - first)
    machine = measure_machine(1, parameters, time.process_time)
    passes = 7 * first + 8 * (parameters - first)
    floor = operations / machine.operations + 4 * passes / machine.bytes
    parameters -= int((inputs.words.inverse_sd == 0).sum()) * width  # inputs that fill up
    return {"seconds": seconds, "parameters": parameters, "floor": floor}


def write_dense(path: str) -> int:
    """Writes what PyTorch trains on to `path`, for TensorFlow and it do not bear each other."""
    inputs = inputs_of(NETWORKS[0])
    songs = inputs.dataset.counts[inputs.songs.positions]
    words = inputs.words
    dense = words.read(songs, inputs.config.input_transform).toarray()
    dense = ((dense - words.mean) * words.inverse_sd)[:, words.inverse_sd > 0]
    labels = inputs.songs.labels.astype(np.float32)
    np.savez(path, counts=dense.astype(np.float32), labels=labels)
    return len(dense)


def in_pytorch(network: str, path: str) -> dict[str, float]:
    """The same of an eager loop over modules, on dense whitened inputs `[songs, inputs]`."""
    import torch
    from torch import nn

    from representation_music.experiments.runs.config import DEFAULT as config

    with np.load(path) as file:
        counts, labels = file["counts"], file["labels"]  # labels 0, 1, or NaN where missing

    torch.set_num_threads(1)
    first, second, third, fourth = config.network.widths
    tasks = labels.shape[1]

    def layer(inputs: int, units: int) -> nn.Module:
        return nn.Sequential(nn.Linear(inputs, units), nn.ReLU())

    def layers(number: int, inputs: int, units: int) -> nn.ModuleList:
        return nn.ModuleList(layer(inputs, units) for _ in range(number))

    def gates(number: int, inputs: int, experts: int) -> nn.ModuleList:
        return nn.ModuleList(nn.Linear(inputs, experts) for _ in range(number))

    def mixed(gate: nn.Module, read, experts: list):
        weights = torch.softmax(gate(read), dim=1)
        return torch.einsum("bn,nbu->bu", weights, torch.stack(experts))

    def tower(*units: int) -> nn.Module:
        hidden = pairwise(units)
        parts = [part for pair in hidden for part in (layer(*pair), nn.Dropout(0.5))]
        return nn.Sequential(*parts, nn.Linear(units[-1], 1))

    class MMoE(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = layer(counts.shape[1], first)
            self.experts, self.gates = layers(8, first, second), gates(tasks, first, 8)
            self.towers = nn.ModuleList(tower(second, third, fourth) for _ in range(tasks))

        def forward(self, batch):
            read = self.first(batch)
            experts = [expert(read) for expert in self.experts]
            streams = [mixed(gate, read, experts) for gate in self.gates]
            return torch.cat([t(s) for t, s in zip(self.towers, streams, strict=True)], dim=1)

    class Level(nn.Module):
        def __init__(self, inputs: int, units: int, last: bool):
            super().__init__()
            self.own = nn.ModuleList(layers(2, inputs, units) for _ in range(tasks))
            self.shared, self.gates = layers(2, inputs, units), gates(tasks, inputs, 4)
            self.gate_of_all = None if last else nn.Linear(inputs, 2 * tasks + 2)

        def forward(self, streams, common):
            own = [[e(s) for e in of] for of, s in zip(self.own, streams, strict=True)]
            shared = [expert(common) for expert in self.shared]
            read = [
                mixed(*each, experts + shared)
                for *each, experts in zip(self.gates, streams, own, strict=True)
            ]
            if self.gate_of_all is None:
                return read, None
            every = [expert for of_task in own for expert in of_task] + shared
            return read, mixed(self.gate_of_all, common, every)

    class PLE(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.drop = layer(counts.shape[1], first), nn.Dropout(0.5)
            self.levels = nn.ModuleList((Level(first, second, False), Level(second, third, True)))
            self.towers = nn.ModuleList(tower(third, fourth) for _ in range(tasks))

        def forward(self, batch):
            common = self.first(batch)
            streams, common = self.levels[0]([common] * tasks, common)
            streams, _ = self.levels[1](streams, common)
            streams = [self.drop(stream) for stream in streams]
            return torch.cat([t(s) for t, s in zip(self.towers, streams, strict=True)], dim=1)

    model = {"mmoe": MMoE, "ple": PLE}[network]()
    optimizer = torch.optim.Adagrad(
        model.parameters(), config.learning_rate, weight_decay=2 * config.l2
    )
    counts, labels = torch.from_numpy(counts), torch.from_numpy(labels)
    known = ~torch.isnan(labels)

    def train(steps: int) -> None:
        for _ in range(steps):
            rows = torch.randint(len(counts), (config.batch_size,))
            optimizer.zero_grad()
            losses = nn.functional.binary_cross_entropy_with_logits(
                model(counts[rows]), labels[rows].nan_to_num(), reduction="none"
            )
            (losses * known[rows]).sum().div(config.batch_size).backward()
            optimizer.step()

    train(WARM_UP)
    began = time.process_time()
    train(STEPS)
    seconds = (time.process_time() - began) / STEPS
    return {"seconds": seconds, "parameters": sum(p.numel() for p in model.parameters())}


def benchmark() -> None:
    """Prints how many times as much processor time PyTorch's step takes."""
    songs_file(10_000)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dense.npz"
        answer_of(__file__, "write_dense", path)
        for network in NETWORKS:
            print(f"{network}: {compared(network, path)}", flush=True)


def compared(network: str, path: Path) -> str:
    """The ratio of both, round by round, and what a step takes.

    Raises:
        ValueError: if the networks do not have as many parameters.
    """
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(answer_of(__file__, "ours", network))
        theirs.append(answer_of(__file__, "in_pytorch", network, path))
    sizes = {each["parameters"] for each in ours + theirs}
    if len(sizes) > 1:
        raise ValueError(f"{network}: not the same networks, parameters {sizes}")
    seconds = [[each["seconds"] for each in of_who] for of_who in (ours, theirs)]
    middle, spread = median_and_spread(ratios(*seconds))
    steps = " and ".join(f"{1e3 * median(of_who):.1f} ms" for of_who in seconds)
    over = median(each["seconds"] / each["floor"] for each in ours)
    return f"{middle} times ({spread}), processor time a step {steps}; ours {over:.2f} of its floor"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        job = {"ours": ours, "in_pytorch": in_pytorch, "write_dense": write_dense}[sys.argv[1]]
        print(json.dumps(job(*sys.argv[2:])))
    else:
        benchmark()
