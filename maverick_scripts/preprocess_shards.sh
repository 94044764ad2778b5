#!/bin/bash
# One part of a tree of per-track files, for those who have no summary file: a task of the array
# that submission_script.sh submits where TREE_TASKS is set. preprocess.sh takes up what it leaves.
#
#   sbatch --array=1-PARTS maverick_scripts/preprocess_shards.sh PARTS [OPTIONS of preprocess]
#SBATCH --job-name=preprocess_shards
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" preprocess_shards "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
