from small_runs import CONFIG, bits

from representation_music.experiments.experiment import Experiment


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
