#!/bin/bash
# Submits everything of the 2016 paper: preprocessing where the songs file is missing, then every
# set of the paper and the studies with their results page; or one script of this folder by its
# name, say multi_low_tightly_coupled, with the settings of site.env. What waits or runs already is
# not submitted again, but waited for. --dry-run prints the sbatch commands and submits nothing.
# Run it by bash on a login node, or by sbatch where jobs may submit jobs. It is `repmusic submit`.
#
#   bash maverick_scripts/submission_script.sh [--dry-run]
#   bash maverick_scripts/submission_script.sh [--dry-run] NAME [ARGUMENTS]
#SBATCH --job-name=submission_script
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --time=00:10:00

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" submission_script "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
