"""README's commands are run, so that they cannot rot.

Every command that README shows stands in one of the two tables below: in `sh` blocks, and in the
text between backquotes where it starts with a word of `PROGRAMS`.
"""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from representation_music.experiments import command_line

ROOT = Path(__file__).parents[1]
#: README and what it hands on to the folders; the results table is made from records.
README = re.sub(
    "<!-- results.*end of results -->",
    "",
    "\n".join(
        (ROOT / folder / "README.md").read_text(encoding="utf-8")
        for folder in ("", "data_preprocessing", "experiments", "plots")
    ),
    flags=re.DOTALL,
)
PROGRAMS = ("repmusic", "python", "make", "bash", "sbatch", "tensorboard", "pip", "cp")

#: What stands in README for something that the reader knows.
PLACEHOLDERS = {
    "runs/<run>": "runs/run-*",
    "<folder of official files>": "data",
    "FOLDER": "data",
    "PATH": "data",
}

#: A word and the mood of poems that have it.
POEMS = (("love", "glad"), ("tears", "sad"))
NET = "--num-steps 20 --evaluate-every 10 --widths 16 8 8 8"
SERIES = f"{{}} --sizes 100 {NET}"

#: By README's command, what is run for it, in the order of README; `{}` is the command itself.
RUN = {
    "repmusic --help": ["{}"],
    "repmusic preprocess poems.csv --group-column poet --noun poems -o poems.h5": [
        "{}",
        "repmusic describe poems.h5",
        f"repmusic train --dataset poems.h5 --experiment-name poems --tasks mood "
        f"--training-size 10 {NET}",
    ],
    "repmusic download --dry-run": ["{}"],
    "repmusic preprocess data -o songs.h5": ["{}"],
    "repmusic preprocess PATH -o songs.h5": ["{}"],
    "repmusic describe songs.h5": ["{}"],
    "repmusic describe": ["{} --help"],
    "repmusic synthesize FOLDER": ["{} --songs 300"],
    "repmusic train --dataset songs.h5 --architecture low_level_sharing "
    '--tasks pop "pop rock" ballad --training-size 1000': [f"{{}} {NET}"],
    "repmusic evaluate runs/<run>": ["{}"],
    "tensorboard --logdir runs": ["python -m tensorboard.main --inspect --logdir runs"],
    "repmusic predict runs/<run> lyrics.txt": ["{}"],
    "python experiments/single_task.py": [SERIES],
    "python experiments/multi_low.py": [SERIES],
    "python experiments/multi_high.py": [SERIES],
    "python experiments/multi_interspersed.py": [SERIES],
    "python experiments/dummy.py": ["{} --num-steps 20"],
    "repmusic study benefit --dataset songs.h5 --seeds 5 --dry-run": [
        "{}",
        "repmusic study benefit --dataset songs.h5 --seeds 2 --sizes 100 --num-steps 20 "
        '--widths 8 4 4 4 --architectures low_level_sharing --tight pop "pop rock" --controls '
        "--workers 1",
    ],
    "repmusic status benefit": ["{}"],
    "repmusic results runs/benefit": ["{}"],
    "repmusic plot runs/benefit/*sharing*": ["{}"],
    "repmusic relatedness --dataset songs.h5 --target pop": ["{}"],
    "repmusic study pairs --dataset songs.h5": [
        "{} --seeds 2 --sizes 60 --auxiliary-sizes 100 --num-steps 20 --widths 8 4 4 4 "
        '--auxiliaries "pop rock" ballad loudness --controls --workers 1',
    ],
    "repmusic relatedness-gain runs/pairs": ["{}"],
    "repmusic relatedness-gain runs-a/pairs runs-b/pairs": ["repmusic relatedness-gain --help"],
    'repmusic relatedness --dataset songs.h5 --groups pop "pop rock" ballad loudness year '
    "--group-by pearson": ["{}"],
    "repmusic study grouping --dataset songs.h5": [
        "{} --seeds 2 --sizes 60 --num-steps 20 --widths 8 4 4 4 --workers 1",
    ],
    "repmusic page benefit coupling -o page": ["repmusic page benefit -o page"],
    "repmusic report benefit -o mine.pdf": ["{}"],
    "repmusic relatedness": ["{} --help"],
    "cp maverick_scripts/site.env.example maverick_scripts/site.env": ["{}"],
    "repmusic submit --dry-run": ["{}"],
}

LONG = "takes minutes"
REAL = "reads files that are no part of the project"
REPORT = "tests/plots/report makes it"
#: Commands that are not run: why not, and what is run instead; `{}` is the command itself.
CHECKED_OTHERWISE = {
    "make demo": (LONG, "make --dry-run demo"),
    "make demo MSD=<folder of official files>": (LONG, "make --dry-run demo MSD=data"),
    "make demo DATA=tcc": (LONG, "make --dry-run demo DATA=tcc"),
    "repmusic download delicious bibtex tcc": (
        "needs a network; tests/data_preprocessing/test_download.py has a server",
        "repmusic download --help",
    ),
    "repmusic preprocess data/tcc_ceds_music.csv --group-column artist_name "
    "--label-columns genre energy loudness acousticness valence": (
        "reads what was downloaded",
        "repmusic preprocess --help",
    ),
    "repmusic study methods --dataset songs.h5 --tune 8 --seeds 3 --architectures ple mmoe "
    "--objectives pcgrad famo": (LONG, "{} --dry-run"),
    "repmusic study conflict --tune 8 --seeds 3": (LONG, "{} --dry-run"),
    "repmusic study controls --num-steps 2000": (LONG, "repmusic study --help"),
    "repmusic study benefit --dataset real/msd-terms.h5 --seeds 1 --architectures "
    "low_level_sharing --folds 5 --controls weights-0": (REAL, "repmusic study --help"),
    "repmusic study benefit --dataset real/msd-lastfm50.h5 --seeds 3 --architectures "
    "low_level_sharing --tight rock 'alternative rock' alternative --controls weights-0": (
        REAL,
        "repmusic study --help",
    ),
    "repmusic train --dataset real/delicious.h5 --tasks TAG_design TAG_webdesign "
    "TAG_inspiration --architecture SSSS --seed 100 --training-size 250 --auxiliary-size 5000 "
    "--task-weights .2 1 1 --word-dropout .8 --patience 0": (REAL, "repmusic train --help"),
    "repmusic synthesize world-41 --songs 12000 --seed 41 --extra-tags 8 --extra-correlations "
    "0 .5 .9 1": (LONG, "repmusic synthesize --help"),
    "make real": (REAL, "make --dry-run real"),
    "make test": ("runs this test", "make --dry-run test"),
    "repmusic figures runs/benefit": ("tests/plots draws them", "repmusic figures --help"),
    "repmusic page plots/report/records -o page": (
        "tests/plots/page makes pages of records",
        "repmusic page --help",
    ),
    "make report": (REPORT, "make --dry-run report"),
    "make report RECORDS=runs REPORT=mine.pdf": (
        REPORT,
        "make --dry-run report RECORDS=runs REPORT=mine.pdf",
    ),
    "python plots/report/compact_records.py runs/*/results.json": (
        "overwrites the committed records",
        "python plots/report/compact_records.py --help",
    ),
    "python benchmarks/synthetic_words.py <folder of official files>": (
        LONG,
        "python benchmarks/synthetic_words.py --help",
    ),
    "python plots/architectures.py": (
        "overwrites the committed figure; tests/plots/test_architectures.py draws it",
        "python -m py_compile plots/architectures.py",
    ),
    "repmusic relatedness --dataset songs.h5 --target pop --nets 6": (
        "takes minutes; tests/experiments/commands/test_relatedness.py runs it with less",
        "repmusic relatedness --help",
    ),
    "repmusic page benefit -o page --watch": (
        "ends with the study; tests/experiments/commands/test_page.py watches one",
        "repmusic page --help",
    ),
    "chromium --headless --no-sandbox --hide-scrollbars --window-size=1200,2440 "
    "--virtual-time-budget=10000 --screenshot=page.png page/index.html": (
        "needs a browser; tests/plots/page/test_browser.py takes pictures",
        "repmusic page --help",
    ),
    "pip install tensorboard-plugin-profile": ("needs a network", "repmusic train --help"),
    "pip install '.[gpu]'": ("needs a network", "grep -q '\"gpu\":' setup.py"),
    "repmusic submit": (
        "needs a cluster; tests/maverick_scripts has one",
        "repmusic submit --help",
    ),
    "repmusic results": ("needs a study", "repmusic results --help"),
    "python plots/results_table.py": (
        "tests/plots/test_results_table.py holds README to it",
        "python plots/results_table.py --help",
    ),
}


def shown_commands(text: str) -> list[str]:
    """The commands in a text in Markdown, in its order, each once."""
    found = []
    for match in re.finditer(r"```(\w*)\n(.*?)```|`([^`]+)`", text, re.DOTALL):
        language, block, span = match.groups()
        if language == "sh":
            lines = block.replace("\\\n", " ").splitlines()
            found += [re.sub(r"(^|\s+)#.*", "", line) for line in lines]
        elif span and len(span.split()) > 1 and span.split()[0] in PROGRAMS:
            found.append(span)
    return list(dict.fromkeys(" ".join(command.split()) for command in found if command.strip()))


COMMANDS = shown_commands(README)


def test_commands_are_found_in_blocks_and_in_the_text():
    text = (
        "`make x` and `bash` and `x.py`, or `python a\n b.py`.\n\n"
        "```sh\nmake y  # why\n# what\n\nls \\\n  -l\nmake x\n```\n```python\nmake z\n```\n"
    )
    assert shown_commands(text) == ["make x", "python a b.py", "make y", "ls -l"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_readme_is_run_or_said_not_to_be(command):
    assert command in RUN or command in CHECKED_OTHERWISE, (
        f"README.md shows `{command}`, but no test runs it. Add it to RUN in {__file__}, with "
        "flags that make it small, or to CHECKED_OTHERWISE with the reason why it cannot be run "
        "and a command that checks what can be checked."
    )


@pytest.mark.parametrize("command", [*RUN, *CHECKED_OTHERWISE])
def test_what_is_run_stands_in_readme(command):
    assert command in COMMANDS, (
        f"README.md no longer shows `{command}`. Take it from the tables in {__file__}."
    )


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder that looks like a checkout to README's commands, with small songs in `data`."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("experiments", "benchmarks", "plots", "Makefile", "setup.py"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "maverick_scripts", folder / "maverick_scripts")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("STORE", str(folder))  # of `repmusic submit`
        run("repmusic synthesize data --songs 2500")
        lines = (folder / "data/mxm_dataset_train.txt").read_text().splitlines()
        vocabulary = next(line for line in lines if line.startswith("%"))
        (folder / "lyrics.txt").write_text(vocabulary[1:].replace(",", " ")[:500])
        rows = (f"{n},{n // 4},night {w} {n},{m}" for n in range(80) for w, m in [POEMS[n % 2]])
        (folder / "poems.csv").write_text("\n".join(["id,poet,text,mood", *rows]) + "\n")
        yield folder


def run(command: str) -> None:
    """Runs a command as a shell would; Python ones in this process, where TensorFlow is loaded."""
    words = [
        str(word) for part in shlex.split(command) for word in sorted(Path().glob(part)) or [part]
    ]
    if words[0] == "repmusic":
        code = _exit_code(words, lambda: command_line.main(words[1:]))
    elif words[:2] == ["python", "-m"]:
        code = _exit_code(words[2:], lambda: runpy.run_module(words[2], run_name="__main__"))
    elif words[0] == "python":
        code = _exit_code(words[1:], lambda: runpy.run_path(words[1], run_name="__main__"))
    else:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        code = subprocess.run(words, env=os.environ | {"PATH": path}).returncode
    assert code == 0, f"`{command}` ends with exit code {code}"


def _exit_code(arguments: list[str], program: Callable[[], object]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        try:
            program()
        except SystemExit as end:
            return end.code or 0
    return 0


def as_run(command: str, variants: list[str]) -> list[str]:
    """What is run for a command of README, placeholders filled."""
    own = command
    for placeholder, value in PLACEHOLDERS.items():
        own = own.replace(placeholder, value)
    return [variant.replace("{}", own) for variant in variants]


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "few_linear_models")
def test_the_commands_of_readme_run_in_its_order(workplace):
    for command in COMMANDS:
        for variant in as_run(command, RUN.get(command, [])):
            began = time.monotonic()
            print(f"\n$ {variant}", flush=True)
            run(variant)
            print(f"({time.monotonic() - began:.1f} s)", flush=True)
    assert (workplace / "maverick_scripts/site.env").exists()
    assert list(workplace.glob("runs/run-*/test.json"))
    assert list(workplace.glob("runs/benefit/results.json"))


@pytest.mark.slow
@pytest.mark.parametrize("command", CHECKED_OTHERWISE)
def test_a_command_that_is_not_run_is_checked_otherwise(workplace, command):
    reason, check = CHECKED_OTHERWISE[command]
    assert reason
    if "songs.h5" in command and not Path("songs.h5").exists():
        run("repmusic preprocess data -o songs.h5")
    for variant in as_run(command, [check]):
        run(variant)


@pytest.mark.slow
def test_the_example_in_python_runs(workplace, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    small = "training_size=100, num_steps=20, evaluate_every=10, widths=(16, 8, 8, 8)"
    if not Path("songs.h5").exists():
        run("repmusic preprocess data -o songs.h5")
    capsys.readouterr()
    exec(example.replace("training_size=250", small), {})
    printed = capsys.readouterr().out.splitlines()
    assert [line.rpartition(" ")[0] for line in printed[:6]] == [
        f"{arm} {seed}" for arm in ("sharing", "single task") for seed in range(3)
    ]
    assert printed[-1].startswith("Estimate(mean=")
