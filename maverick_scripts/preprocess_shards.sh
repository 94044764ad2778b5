#!/bin/bash
# One part of a tree of per-track files, for those who have no summary file: a task of the array that
# submission_script.sh submits where TREE_TASKS is set. preprocess.sh takes up what it leaves.
#
#   sbatch --array=1-PARTS maverick_scripts/preprocess_shards.sh PARTS [OPTIONS of preprocess]
#SBATCH --job-name=preprocess_shards
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
    "Set it in $SCRIPTS/site.env."
run -m representation_music.experiments.command_line preprocess "$RAW_DIR" \
    --resume-dir track_files_read --part "${SLURM_ARRAY_TASK_ID:-1}/${1:-1}" "${@:2}"
