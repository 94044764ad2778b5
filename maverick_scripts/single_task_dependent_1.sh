#!/bin/bash
# Single-task network of pop rock, over the study's training sizes.
# Run it by bash or by sbatch, from the project's folder; arguments go on to the experiment.
#SBATCH --job-name=single_task_dependent_1
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --signal=B:USR2@120

for dir in "$(dirname "$0")" "$SLURM_SUBMIT_DIR"{/maverick_scripts,}; do # Slurm runs a copy
    [ -f "$dir/start.sh" ] && exec bash "$dir/start.sh" single_task_dependent_1 "$@"
done
echo "error: found no start.sh near $PWD: run sbatch in the project's folder." >&2
exit 2
