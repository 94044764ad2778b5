from importlib.util import find_spec

import numpy as np
import pytest
from scipy.sparse import csr_array


def test_memory_alone_is_measured_in_a_process_of_each_objective(module, monkeypatch, capsys):
    methods, measuring = module("gradient_methods"), module("measuring")
    monkeypatch.setattr(methods, "repeated_file", lambda times: f"10,000 songs {times} times")
    started = []

    def run_python(_script, *words):
        started.append(words)
        return measuring.Used(1.0, 1.0, {"sum": 1.4, "pcgrad": 1.45}[words[2]], "")

    monkeypatch.setattr(methods, "run_python", run_python)
    methods.benchmark(memory_only=True)
    songs = 200_000, "10,000 songs 24 times"  # of which 85 % are for training
    assert started == [(*songs, "sum", 10), (*songs, "pcgrad", 10)]
    assert "50 MB over the sum (1,400 and 1,450); asked for: 150" in capsys.readouterr().out


@pytest.mark.peers
def test_peers_take_the_step_of_ours(module, tmp_path):
    """With two tasks the order of projections does not matter."""
    if missing := [name for name in ("torchjd", "LibMTL") if not find_spec(name)]:
        pytest.skip(f"{' and '.join(missing)} not installed: see benchmarks/README.md")
    problems, turns = module("peers.problem"), module("peers.turns")
    rng, path = np.random.default_rng(2), tmp_path / "problem.npz"
    counts = csr_array(rng.poisson(0.5, (8, 5)).astype(np.float32))
    labels = rng.integers(0, 2, (8, 2)).astype(np.float32)
    statistics = np.full(5, 0.5, np.float32), np.ones(5, np.float32)
    problem = problems.Problem(counts, labels, *statistics, "made up")
    problem.save(path)
    before = np.concatenate(
        [np.ravel(layer[0]) for layer in problem.initial_weights("SSPP")[0][:2]]
    )

    def step(name):
        is_ours = "ours" in name
        threads = 0 if is_ours else 1  # 0: as TensorFlow has them by now
        peer = turns.make_peer(name, path, "SSPP", threads, dropout=False, batch=8)
        peer.train_in_order(np.arange(8))
        if is_ours:
            first, second, *_ = (layer.kernel.numpy() for layer in peer.engine.network.hidden)
            kernels = first[:5], second[0]  # without what fills up the inputs
        else:
            kernels = [layer[0].weight.detach().numpy().T for layer in peer.network.hidden[:2]]
        return np.concatenate([np.ravel(kernel) for kernel in kernels]) - before

    ours, plain = step("ours, PCGrad"), step("ours")
    size = np.linalg.norm(ours)
    assert np.linalg.norm(plain - ours) > 0.01 * size  # the tasks do conflict
    for peer in ("TorchJD, PCGrad", "LibMTL, PCGrad"):
        assert np.linalg.norm(step(peer) - ours) < 1e-4 * size
