#!/bin/bash
# Submits everything of the 2016 paper: preprocessing where the songs file is missing, then every set
# of the paper and the studies with their results page.
# Run it by bash on a login node, or by sbatch where jobs may submit jobs.
#
#   bash maverick_scripts/submission_script.sh [--dry-run]
#   bash maverick_scripts/submission_script.sh [--dry-run] NAME [ARGUMENTS]
#
# What waits or runs already is not submitted again, but waited for.
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
[ -f "$folder/common.sh" ] ||
    { echo "error: found no common.sh in $PWD: run sbatch in the project's folder." >&2 && exit 2; }
source "$folder/common.sh"

ALL_SETS=(
    single_task_target
    single_task_dependent_{1..4}
    multi_{low,high,interspersed}_{tightly,loosely}_coupled
)
SETS=${SETS:-${ALL_SETS[*]}}

# Submits the making of the songs file; sets AFTER to what lets a job wait for it. A tree of track
# files is read by an array first, if TREE_TASKS says by how many tasks.
submit_preprocessing() {
    local GPUS='' there=''
    [[ $DATASET == /* || ! -f $ROOT/$DATASET ]] || there="There is one in the project's folder:" \
        there+=" set DATASET=$ROOT/$DATASET in $SCRIPTS/site.env."
    [ -d "$RAW_DIR" ] || fail "$STORE: found no $DATASET, and RAW_DIR is '$RAW_DIR'. Set RAW_DIR" \
        "in $SCRIPTS/site.env to the folder of the official files (repmusic download). $there"
    wait_for_success
    if in_queue preprocess; then
        wait_for_success "$JOB"
        return
    fi
    if [ -n "$TREE_TASKS" ]; then
        submit_once preprocess_shards "--array=1-$TREE_TASKS" -- "$TREE_TASKS" "$@"
        wait_for_success "$JOB"
    fi
    submit preprocess "${AFTER[@]}" -- "$@"
    wait_for_success "$JOB"
}

if [ "$1" = --dry-run ]; then
    DRY_RUN=1
    shift
fi
[ -n "$DRY_RUN" ] || command -v sbatch >/dev/null ||
    fail "found no sbatch on $(hostname): submit from a login node, run one script here by" \
        "\`bash maverick_scripts/NAME.sh\`, or try a Slurm of your own on Debian or Ubuntu by" \
        "\`bash maverick_scripts/local_cluster.sh up\`."

case ${1:-} in
'')
    wait_for_success
    [ -e "$(cd "$STORE" 2>/dev/null && realpath "$DATASET" 2>/dev/null)" ] || submit_preprocessing
    # shellcheck disable=SC2086 # lists of words
    {
        for set in $SETS; do
            submit_once "$set" "${AFTER[@]}" -- $SET_OPTIONS
        done
        export SUBMITTED_SETS=$SETS
        [ ${#AFTER[@]} -gt 0 ] ||
            exec bash "$SCRIPTS/study.sh" ${DRY_RUN:+--dry-run} $STUDIES $STUDY_OPTIONS
        # The arrays can be told when there are songs.
        GPUS='' submit_once "study:$(joined study $STUDIES)" "${AFTER[@]}" -- \
            $STUDIES $STUDY_OPTIONS
        [ -n "$DRY_RUN" ] || say_what_next $STUDIES
    }
    ;;
grid)
    activate
    submit_grid "${@:2}"
    ;;
study) exec bash "$SCRIPTS/study.sh" ${DRY_RUN:+--dry-run} "${@:2}" ;;
preprocess) submit_preprocessing "${@:2}" ;;
*)
    [ -f "$SCRIPTS/$1.sh" ] || fail "found '$1', expected a script of $SCRIPTS: distributed dummy" \
        "evaluate grid preprocess report study ${ALL_SETS[*]}."
    [ "$1" != report ] || GPUS=''
    submit "$1" -- "${@:2}"
    ;;
esac
[ -n "$DRY_RUN" ] || [ $# -eq 0 ] || say_what_next
