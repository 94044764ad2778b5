"""The settings of a site: what a line may be, and what each key becomes."""

from pathlib import Path

import pytest

from representation_music.experiments.cluster import site
from representation_music.experiments.cluster.site import KEYS, ROOT, SCRIPTS, read_site
from representation_music.utils.errors import InputError


@pytest.fixture
def read(tmp_path):
    """Reads a settings file of the given text, with nothing else in the environment."""

    def read(text: str, **environment):
        (tmp_path / "site.env").write_text(text, encoding="utf-8")
        return read_site({"SITE_ENV": str(tmp_path / "site.env"), **environment})

    return read


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("PARTITION=gpu", "gpu"),
        ("  export PARTITION=gpu   # the queue", "gpu"),
        ('PARTITION="gpu long"', "gpu long"),
        ("PARTITION='gpu # long' # short", "gpu # long"),
        ("PARTITION=", ""),
        ("PARTITION=          # queue; `sinfo` lists them", ""),
        ('PARTITION=""', ""),
        ("PARTITION=a#b", "a#b"),
        ("PARTITION=$QUEUE-long", "gpu-long"),
        ('PARTITION="${QUEUE}s"\r', "gpus"),
        ("\ufeffPARTITION=gpu", "gpu"),
        ("PARTITION=~/queue", "/home/me/queue"),
    ],
)
def test_a_line_is_a_key_and_one_value(read, line, value):
    assert read(f"{line}\n", QUEUE="gpu", HOME="/home/me").partition == value


@pytest.mark.parametrize(
    "line",
    [
        "STUDY_OPTIONS=--sizes 200",
        "STUDIES=benefit coupling",
        "PARTITION = gpu",
        "PARTITION",
        "PARTITION='gpu",
        'PARTITION="gpu"long',
        "PARTITION=$(sinfo)",
        "PARTITION=`sinfo`",
        "PARTITION=gpu; rm -r runs",
        "PARTITION=$NOWHERE_SET",
        "PARTITON=gpu",
        "partition=gpu",
        "PARTITION=#gpu",
        "module load cuda",
        "ACCOUNT=again",
        "CPUS=four",
        "CPUS=-1",
        "RUNS_PER_TASK=1.5",
        'SET_OPTIONS="--experiment-name \'x"',
    ],
)
def test_any_other_line_is_an_error_with_its_file_and_number(read, line, tmp_path):
    with pytest.raises(InputError) as refused:
        read(f"# a site\nACCOUNT=music\n\n{line}\nQOS=long\n")
    assert refused.value.place == f"{tmp_path}/site.env:4"


def test_an_unquoted_value_of_several_words_is_answered_by_one_in_quotes(read):
    with pytest.raises(InputError, match=r'STUDY_OPTIONS="--sizes 500 1000"'):
        read("STUDY_OPTIONS=--sizes 200\n")


def test_the_environment_wins_over_the_file_even_if_it_says_nothing(read):
    found = read("PARTITION=slow\nACCOUNT=music\nQOS=long\n", PARTITION="fast", QOS="")
    assert (found.partition, found.account, found.qos) == ("fast", "music", "")


def test_a_bad_value_of_the_environment_is_named_by_its_key(read):
    with pytest.raises(InputError, match="CPUS: found 'many', expected a whole number"):
        read("CPUS=4\n", CPUS="many")


def test_words_in_quotes_stay_together(read):
    options = read("STUDY_OPTIONS=\"--tight pop 'pop rock' --seeds 10\"\n").study_options
    assert options == ("--tight", "pop", "pop rock", "--seeds", "10")


@pytest.mark.parametrize(
    ("environment", "store"),
    [
        ({}, ROOT),
        ({"SCRATCH": "/scratch/me"}, Path("/scratch/me/representation-music")),
        ({"WORK": "/work/me"}, Path("/work/me/representation-music")),
        ({"SCRATCH": "/scratch/me", "STORE": "/mine/"}, Path("/mine")),
        ({"STORE": "mine"}, ROOT / "mine"),
    ],
)
def test_the_store_lies_on_the_large_disk_or_in_the_project(read, environment, store):
    assert read("", **environment).store == store


def test_relative_official_files_start_at_the_project(read):
    assert read("RAW_DIR=raw\n").raw_dir == ROOT / "raw"
    assert read("RAW_DIR=/raw\n").raw_dir == Path("/raw")
    assert read("RAW_DIR=\n").raw_dir is None


def test_a_file_that_is_named_but_missing_is_an_error_and_one_that_is_not_named_is_none(
    monkeypatch, tmp_path
):
    with pytest.raises(InputError, match="SITE_ENV names"):
        read_site({"SITE_ENV": "/nowhere/site.env"})
    monkeypatch.setattr(site, "SCRIPTS", tmp_path)
    assert read_site({}).dataset == "songs.h5"
    (tmp_path / "site.env").symlink_to(tmp_path / "gone.env")
    with pytest.raises(InputError, match=r"site\.env: found a link to .*gone\.env, which is not"):
        read_site({})


@pytest.mark.parametrize(
    ("lines", "runs"),
    [("", 1), ("CPUS=4\n", 4), ("GPUS=1\nCPUS=4\n", 2), ("GPUS=a100:2\n", 4), ("GPUS=0\n", 1)],
)
def test_runs_go_side_by_side_two_for_each_gpu_or_one_per_core(read, lines, runs):
    assert read(lines).runs_side_by_side == runs


def test_the_example_names_every_key_once():
    lines = (SCRIPTS / "site.env.example").read_text().splitlines()
    assert sorted(line.partition("=")[0] for line in lines if line[:1].isupper()) == sorted(KEYS)
