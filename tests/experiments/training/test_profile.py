import re

from small_runs import CONFIG, bits

from representation_music.experiments.train import main
from representation_music.experiments.training.training_loop import Experiment


def test_a_profile_traces_steps_tells_their_parts_and_leaves_the_result_as_it_is(
    straight, song_dataset, tmp_path
):
    ours = Experiment(CONFIG, song_dataset, tmp_path)
    ours.train(profile=True)
    assert bits(ours.folder) == bits(straight[0])
    assert list((ours.folder / "tensorboard").glob("plugins/profile/*/*.xplane.pb"))
    assert all(seconds > 0 for seconds in ours.profile.seconds.values())
    parts = ["data", "forward and backward", "optimizer", "evaluation, every 10 steps"]
    assert list(ours.profile.seconds) == parts
    assert ours.profile.songs_per_second > 0


def test_the_flag_prints_songs_a_second_the_parts_and_where_the_trace_lies(
    song_dataset, tmp_path, capsys, monkeypatch
):
    # The test's process has its TensorFlow configured already.
    monkeypatch.setattr(
        "representation_music.experiments.training.tensorflow_setup.configure_tensorflow",
        lambda threads: 0,
    )
    song_dataset.save(tmp_path / "songs.h5")
    words = ["--dataset", str(tmp_path / "songs.h5"), "--runs", str(tmp_path / "runs"), "--profile"]
    words += ["--tasks", "pop", "year", "--widths", "16", "12", "8", "6", "--word-floor", "2"]
    words += ["--training-size", "200", "--num-steps", "20", "--evaluate-every", "10"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "Where the time of a training step goes" in out
    for part in ("data", "forward and backward", "optimizer", "evaluation, every 10 steps"):
        assert re.search(rf"{part} +[\d.]+ +\d+ %", out), part
    assert re.search(r"[\d,]+ songs/s\. Trace: tensorboard --logdir \S+tensorboard", out)
    assert re.search(r"[\d,]+ songs/s in training; of [\d.]+ s: training \d+ %, evaluation", out)
