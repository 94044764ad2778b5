#!/bin/bash
# High-level sharing (last layers), tight task set (pop, pop rock, ballad), over the training sizes.
# Run it by bash or by sbatch, from the project's folder; arguments go on to the experiment.
#SBATCH --job-name=multi_high_tightly_coupled
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" multi_high_tightly_coupled "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
