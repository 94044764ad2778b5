"""What is in the queue already: waited for, not submitted again. A stand-in answers for Slurm."""

import pytest
from job_scripts import run_here

#: By a job's name, its state, numbers and array number; squeue answers as asked by --Format.
SQUEUE = """#!/bin/bash
[[ "$*" == *--Format=State:20,StdOut:1000,JobID:20,ArrayJobID:20* ]] || exit 1
for word; do [[ $word != --name=* ]] || name=${{word#*=}}; done
line() {{ printf '%-20s%-1000s%-20s%-20s\\n' "$1" "{store}/logs/$name-$2.log" "$3" "$4"; }}
case $name in
preprocess) line PENDING %j {preprocess} ;;
single_task_target) line COMPLETING %j 8 8 ;;
single_task_dependent_1) line RUNNING 9 9 9 ;;
esac
"""


@pytest.mark.parametrize("numbers", ["7 7", "7 0", "7 N/A", "7"])  # of what is no array
def test_what_is_in_the_queue_already_is_not_submitted_again_but_waited_for(tmp_path, numbers):
    store, tools = tmp_path / "a store", tmp_path / "bin"
    tools.mkdir()
    (tools / "squeue").write_text(SQUEUE.format(store=store, preprocess=numbers))
    (tools / "sbatch").write_text(f'#!/bin/bash\necho "$@" >>"{tmp_path}/asked"\necho 100\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    settings = {
        "PATH": f"{tools}:/usr/bin:/bin",
        "STORE": str(store),
        "RAW_DIR": "/",
        "TREE_TASKS": "4",
        "SETS": "single_task_target single_task_dependent_1",
        "STUDIES": "benefit",
    }
    done = run_here("submission_script", **settings)
    assert done.returncode == 0, done.stderr
    assert [" ".join(line.split()) for line in done.stdout.split("\n\n")[0].splitlines()] == [
        "7 preprocess, in the queue already",
        "100 single_task_target",
        "9 single_task_dependent_1, in the queue already",
        "100 study-benefit",
    ]
    assert done.stdout.endswith(
        "repmusic status benefit  # once the studies' job has run\n"
        "    repmusic status single_task_target  # or another set, once its job runs\n"
    )
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 2
    assert all("--dependency=afterok:7 " in command for command in asked)


#: Answers for the jobs of the file `queue`: state, name, number.
SQUEUE_OF_FILE = """#!/bin/bash
for word; do
    [[ $word != --name=* ]] || name=${{word#*=}}
    [[ $word != --states=* ]] || only=${{word#*=}}
done
while read -r state job number; do
    [[ $job == "$name" && $state == "${{only:-$state}}" ]] &&
        echo "$state {store}/logs/$name-x.log $number $number"
done <"{store}/queue"
"""


@pytest.mark.parametrize(
    ("queue", "asked"),
    [
        ("PENDING report-benefit 5", "scontrol update JobId=5 Dependency=afterok:9"),
        # Being made already, it may have been too early for the array.
        ("RUNNING report-benefit 5", "sbatch report-benefit afterok:9"),
        ("PENDING report-benefit-coupling 5", "sbatch report-benefit afterok:9"),
        ("PENDING study-benefit 5", ""),  # which will submit the page
    ],
)
def test_a_page_that_waits_waits_for_the_new_arrays_and_there_is_one_of_the_same_studies(
    queue, asked, tmp_path
):
    (tmp_path / "queue").write_text(f"RUNNING benefit 9\n{queue}\n")
    tools = {
        "squeue": SQUEUE_OF_FILE.format(store=tmp_path),
        "sbatch": f"""#!/bin/bash
[[ "$*" =~ --job-name=([^ ]*).*--dependency=([^ ]*) ]]
echo sbatch "${{BASH_REMATCH[@]:1}}" >>"{tmp_path}/asked"
echo 100
""",
        "scontrol": f'#!/bin/bash\necho scontrol "$@" >>"{tmp_path}/asked"\n',
    }
    (tmp_path / "bin").mkdir()
    for name, text in tools.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    settings = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "STORE": str(tmp_path)}
    (tmp_path / "asked").touch()
    done = run_here("study", "benefit", **settings)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text().rstrip() == asked
