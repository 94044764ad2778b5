#!/bin/bash
# Submits the study: preprocessing where the songs file is missing, then every set of the study.
# Run it by bash on a login node, or by sbatch where that may submit further jobs.
#
#   bash maverick_scripts/submission_script.sh [--dry-run]
#   bash maverick_scripts/submission_script.sh [--dry-run] NAME [ARGUMENTS]
#
# The second form submits one script of this folder by its name, say multi_low_tightly_coupled, with
# the settings of site.env. --dry-run prints the sbatch commands and submits nothing.
#SBATCH --job-name=submission_script
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --time=00:10:00

for folder in "$(dirname "$0")" "$SLURM_SUBMIT_DIR/maverick_scripts" "$SLURM_SUBMIT_DIR"; do
    [ -f "$folder/common.sh" ] && break # Slurm runs a copy of this file, from elsewhere
done
source "$folder/common.sh" || exit 2

SETS=(
    single_task_target
    single_task_dependent_{1..4}
    multi_{low,high,interspersed}_{tightly,loosely}_coupled
)

if [ "$1" = --dry-run ]; then
    DRY_RUN=1
    shift
fi
[ -n "$DRY_RUN" ] || command -v sbatch >/dev/null ||
    fail "found no sbatch on $(hostname): submit from a login node, run one script here by" \
        "\`bash maverick_scripts/NAME.sh\`, or try a Slurm of your own on Debian or Ubuntu by" \
        "\`bash maverick_scripts/local_cluster.sh up\`."

if [ $# -gt 0 ]; then
    [ -f "$SCRIPTS/$1.sh" ] || fail "found '$1', expected a script of $SCRIPTS: dummy evaluate" \
        "preprocess ${SETS[*]}."
    submit "$1" -- "${@:2}"
else
    needs=()
    if [ ! -e "$(cd "$STORE" 2>/dev/null && realpath "$DATASET" 2>/dev/null)" ]; then
        [ -d "$RAW_DIR" ] || fail "$STORE: found no $DATASET, and RAW_DIR is '$RAW_DIR'. Set RAW_DIR" \
            "in $SCRIPTS/site.env to the folder of the official files (repmusic download)."
        GPUS='' submit preprocess
        needs=("--dependency=afterok:$JOB" --kill-on-invalid-dep=yes)
    fi
    for set in "${SETS[@]}"; do
        submit "$set" "${needs[@]}"
    done
fi
[ -n "$DRY_RUN" ] || cat <<TEXT

Logs and runs: $STORE. What is queued: squeue --me. To follow one: tail -f $STORE/logs/*-$JOB.log
TEXT
