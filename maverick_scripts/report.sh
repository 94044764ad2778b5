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

for folder in "$(dirname "$0")" "$SLURM_SUBMIT_DIR/maverick_scripts" "$SLURM_SUBMIT_DIR"; do
    [ -f "$folder/common.sh" ] && break # Slurm runs a copy of this file, from elsewhere
done
[ -f "$folder/common.sh" ] ||
    { echo "error: found no common.sh in $PWD: run sbatch in the project's folder." >&2 && exit 2; }
source "$folder/common.sh"

[ $# -gt 0 ] || fail "found no study, expected: bash $SCRIPTS/report.sh $STUDIES"
run -m representation_music.experiments.command_line page "$@" --judge -o page
