#!/bin/bash
# Joins the official files of RAW_DIR (site.env) into one songs file.
# Run it by bash or by sbatch, from the project's folder; arguments go on to the experiment.
#SBATCH --job-name=preprocess
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

[ -d "$RAW_DIR" ] || fail "RAW_DIR: found '$RAW_DIR', expected the folder of the official files." \
    "Set it in $SCRIPTS/site.env, or fetch the files first: repmusic download"
run -m representation_music.experiments.command_line preprocess "$RAW_DIR" -o "$DATASET" \
    --resume-dir track_files_read "$@"
