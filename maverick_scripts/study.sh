#!/bin/bash
# Studies by name: writes their manifests, submits each as one job array, and the results page
# behind them. With --tune the tuning goes first, and this script once more behind it. Needs the
# songs file. By bash, or by sbatch where jobs may submit jobs. Without a Slurm it all runs here.
# What waits or runs already is not submitted again, but waited for.
#
#   bash maverick_scripts/study.sh [--dry-run] NAME ... [OPTIONS of repmusic study]
#SBATCH --job-name=study
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" study "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
