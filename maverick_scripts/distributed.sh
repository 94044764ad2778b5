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

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" distributed "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
