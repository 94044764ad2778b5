import pytest
from refusals import files_of_at_most
from small_runs import CONFIG, Stopping, bits, run, stop_at

from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.training_loop import Experiment
from representation_music.utils.checkpoint import load_checkpoint
from representation_music.utils.errors import InputError, disk_is_full
from representation_music.utils.files import write_json


@pytest.mark.parametrize("checkpoint_seconds", [0.0, 1000.0])
def test_a_run_that_died_resumes_to_the_same_bits(
    straight, song_dataset, tmp_path, checkpoint_seconds
):
    ours = Experiment(CONFIG, song_dataset, tmp_path, checkpoint_seconds)
    with pytest.raises(Stopping):
        ours.train(stop_at(30))
    assert (ours.folder / "checkpoints" / "latest.npz").exists() == (checkpoint_seconds == 0)
    folder, record = run(song_dataset, tmp_path)
    assert record["status"] == "finished" and bits(folder) == bits(straight[0])


def test_averaged_weights_resume_to_the_same_bits(song_dataset, tmp_path):
    straight, _ = run(song_dataset, tmp_path / "straight", averaging=1)
    ours = Experiment(CONFIG.replace(averaging=1), song_dataset, tmp_path / "cut", 0.0)
    with pytest.raises(Stopping):
        ours.train(stop_at(30))
    resumed, _ = run(song_dataset, tmp_path / "cut", averaging=1)
    assert bits(resumed) == bits(straight)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(bytes(content))


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


@pytest.mark.parametrize(
    ("damaged", "damage"),
    [
        (("latest",), cut),
        (("latest",), flip),
        (("latest",), empty),
        (("latest",), remove),
        (("latest", "latest.previous"), cut),
        (("best",), flip),
        (("best",), remove),
    ],
)
def test_damaged_checkpoints_are_passed_over_and_the_bits_stay_the_same(
    straight, song_dataset, tmp_path, capsys, damage, damaged
):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 0.0)
    with pytest.raises(Stopping):
        ours.train(stop_at(40))
    for name in damaged:
        damage(ours.folder / "checkpoints" / f"{name}.npz")
    steps = []
    Experiment(CONFIG, song_dataset, tmp_path).train(lambda step, _: steps.append(step))
    assert steps[0] == (40 if damaged == ("latest",) else 10)
    told = capsys.readouterr().err
    for name in damaged if damage != remove else ():
        assert f"checkpoints/{name}.npz" in told and "passed over" in told
    assert bits(ours.folder) == bits(straight[0])


def test_old_checkpoints_do_not_speak_for_best_weights_that_were_lost(
    straight, song_dataset, tmp_path
):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 0.0)
    with pytest.raises(Stopping):
        ours.train(stop_at(50))
    checkpoints = ours.folder / "checkpoints"
    cut(checkpoints / "best.npz")
    with pytest.raises(Stopping):  # starts anew; `latest.previous` is of step 50
        Experiment(CONFIG, song_dataset, tmp_path, 0.0).train(stop_at(10))
    assert load_checkpoint(checkpoints / "latest.previous.npz")[1]["step"] == 50
    cut(checkpoints / "latest.npz")
    folder, _ = run(song_dataset, tmp_path)
    assert bits(folder) == bits(straight[0])


def test_a_full_disk_ends_a_run_and_the_checkpoint_before_it_goes_on_to_the_same_bits(
    straight, song_dataset, tmp_path
):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 0.0)
    with pytest.raises(Stopping):
        ours.train(stop_at(30))
    latest = ours.folder / "checkpoints" / "latest.npz"
    with files_of_at_most(latest.stat().st_size - 1), pytest.raises(InputError) as error:
        Experiment(CONFIG, song_dataset, tmp_path, 0.0).train()
    assert disk_is_full(error.value) and error.value.place.endswith(".npz")
    assert load_checkpoint(latest)[1]["step"] == 30
    assert not list(ours.folder.rglob(".*.part"))
    folder, _ = run(song_dataset, tmp_path)
    assert bits(folder) == bits(straight[0])


def test_a_stop_file_ends_a_run_saved_after_the_current_epoch(straight, song_dataset, tmp_path):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 1000.0)
    record = ours.train(lambda step, _: (ours.folder / "stop").touch() if step == 20 else None)
    assert record["status"] == "stopped" and record["steps"] == 20
    assert "stop" in record["stopped_by"] and not (ours.folder / "stop").exists()
    folder, record = run(song_dataset, tmp_path)
    assert record["status"] == "finished" and bits(folder) == bits(straight[0])


def test_a_finished_run_is_not_run_again(straight, song_dataset):
    before = (straight[0] / "record.json").read_bytes()
    record = train_run(CONFIG, straight[0].parent, dataset=song_dataset)
    assert record["folder"] == str(straight[0]) and record["steps"] == 60
    assert (straight[0] / "record.json").read_bytes() == before


def test_another_config_in_the_folder_is_refused_by_what_differs(song_dataset, tmp_path):
    ours = Experiment(CONFIG, song_dataset, tmp_path)
    ours.folder.mkdir()
    there = CONFIG.replace(learning_rate=0.25, experiment_name="other").to_json()
    there |= {"fingerprint": song_dataset.fingerprint}
    write_json(ours.folder / "config.json", there)
    with pytest.raises(InputError) as error:
        ours.train()
    assert "learning_rate 0.25 (ours 0.05)" in str(error.value)
    assert "experiment_name" not in str(error.value)
    assert not (ours.folder / "checkpoints").exists()
