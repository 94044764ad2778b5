#!/bin/bash
# Any manifest as one job array, each task with RUNS_PER_TASK of its runs; what is done is skipped.
# By bash, or by sbatch where jobs may submit jobs, it submits the array; without a Slurm it runs
# here.
#
#   bash maverick_scripts/grid.sh [--dry-run] MANIFEST [OPTIONS of repmusic run-manifest]
#SBATCH --job-name=grid
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" grid "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
