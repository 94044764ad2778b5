#!/bin/bash
# Judges studies, by their names, whose runs are done, and makes their results page.
# The page is the file page/index.html in STORE.
# Run it by bash or by sbatch, from the project's folder.
#SBATCH --job-name=report
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" report "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
