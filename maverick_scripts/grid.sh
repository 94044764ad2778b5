#!/bin/bash
# Any manifest as one job array, each task with RUNS_PER_TASK of its runs; what is done is skipped.
# By bash, or by sbatch where jobs may submit jobs, it submits the array. Without a Slurm it runs here.
#
#   bash maverick_scripts/grid.sh [--dry-run] MANIFEST [OPTIONS of repmusic run-manifest]
#SBATCH --job-name=grid
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for folder in "$(dirname "$0")" "$SLURM_SUBMIT_DIR/maverick_scripts" "$SLURM_SUBMIT_DIR"; do
    [ -f "$folder/common.sh" ] && break # Slurm runs a copy of this file, from elsewhere
done
[ -f "$folder/common.sh" ] ||
    { echo "error: found no common.sh in $PWD: run sbatch in the project's folder." >&2 && exit 2; }
source "$folder/common.sh"

if [ "$1" = --dry-run ]; then
    DRY_RUN=1
    shift
fi
if [[ $1 == --runs-per-task=* ]]; then
    RUNS_PER_TASK=${1#*=}
    shift
fi
[ $# -gt 0 ] || fail "found no manifest, expected: bash $SCRIPTS/grid.sh MANIFEST. To make one:" \
    "repmusic study NAME --manifest-only"
# A relative path starts at STORE, or else where the command was typed.
[[ -e $STORE/$1 || ! -e $1 ]] || set -- "$(realpath "$1")" "${@:2}"

if [ -n "$SLURM_ARRAY_TASK_ID" ]; then
    last=$((SLURM_ARRAY_TASK_ID * RUNS_PER_TASK))
    run -m representation_music.experiments.command_line run-manifest "$1" \
        --lines "$((last - RUNS_PER_TASK + 1))-$last" "${@:2}"
fi
command -v sbatch >/dev/null ||
    run -m representation_music.experiments.command_line run-manifest "$@"
activate
submit_grid "$@"
[ -n "$DRY_RUN" ] || say_what_next "$1"
