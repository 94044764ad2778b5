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
source "$folder/common.sh" || exit 2

run "$ROOT/experiments/multi_high.py" --task-type loosely_coupled --dataset "$DATASET" "$@"
