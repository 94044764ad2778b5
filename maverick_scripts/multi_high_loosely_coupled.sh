#!/bin/bash
# High-level sharing (last layers), loose task set (pop, loudness, year), over the training sizes.
# Run it by bash or by sbatch, from the project's folder; arguments go on to the experiment.
#SBATCH --job-name=multi_high_loosely_coupled
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

run "$ROOT/experiments/multi_high.py" --task-type loosely_coupled --dataset "$DATASET" "$@"
