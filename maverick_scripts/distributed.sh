#!/bin/bash
# One run over several tasks, on one node or many: each trains on its part of every batch. Submit it
# by sbatch, from the project's folder; arguments go on to `repmusic train`:
#   sbatch --ntasks=4 --gpus-per-task=1 maverick_scripts/distributed.sh --training-size 25000
#SBATCH --job-name=distributed
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=2
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for folder in "$(dirname "$0")" "$SLURM_SUBMIT_DIR/maverick_scripts" "$SLURM_SUBMIT_DIR"; do
    [ -f "$folder/common.sh" ] && break # Slurm runs a copy of this file, from elsewhere
done
[ -f "$folder/common.sh" ] ||
    { echo "error: found no common.sh in $PWD: run sbatch in the project's folder." >&2 && exit 2; }
source "$folder/common.sh"

# Exit code 75 of one task is no reason to kill the others, which are saving; a task that is left
# alone for a minute is.
# shellcheck disable=SC2034 # used by common.sh
LAUNCHER=(srun --kill-on-bad-exit=0 --wait=60 --distribution=block
    ${SLURM_CPUS_PER_TASK:+"--cpus-per-task=$SLURM_CPUS_PER_TASK"})
run -m representation_music.experiments.command_line train \
    --distribute multi-worker --dataset "$DATASET" "$@"
