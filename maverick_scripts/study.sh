#!/bin/bash
# Studies by name: writes their manifests, submits each as one job array, and the results page
# behind them. With --tune the tuning goes first, and this script once more behind it. Needs the
# songs file. By bash, or by sbatch where jobs may submit jobs. Without a Slurm it all runs here.
# What waits or runs already is not submitted again, but waited for.
#
#   bash maverick_scripts/study.sh [--dry-run] NAME ... [OPTIONS of repmusic study]
#SBATCH --job-name=study
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

for word in "$@"; do
    shift
    if [ "$word" = --dry-run ]; then
        DRY_RUN=1
    else
        set -- "$@" "$word"
    fi
done
names=()
while [[ $# -gt 0 && $1 != -* ]]; do
    names+=("$1")
    shift
done
[ ${#names[@]} -gt 0 ] || fail "found no study, expected: bash $SCRIPTS/study.sh $STUDIES"
if [ -z "$DRY_RUN" ] && ! command -v sbatch >/dev/null; then
    [ -z "$SLURM_JOB_ID" ] || fail "found no sbatch on $(hostname). $(by_hand)"
    activate
    for name in "${names[@]}"; do
        repmusic study "$name" --dataset "$DATASET" "$@" || exit
    done
    exec bash "$SCRIPTS/report.sh" "${names[@]}"
fi

# Submits each study's array; sets `arrays` to their numbers, `next` to the script behind them.
submit_arrays() {
    local name told words
    activate
    [ -z "$DRY_RUN" ] || rehearse
    arrays=() next=report
    for name in "${names[@]}"; do
        # A manifest is not written anew while an array goes by the numbers of its lines.
        if in_queue "$name" || { in_queue "$name-tuning" && next=study; }; then
            arrays+=("$JOB")
            continue
        fi
        told=$(repmusic study "$name" --dataset "$DATASET" "$@" --manifest-only) || exit
        grep -v '^Next: ' <<<"$told" >&2
        [[ $told != *"First the tuning"* ]] || next=study
        # The line that says what to type names the manifest and its options.
        eval "words=($(sed -n 's/^Next: repmusic run-manifest //p' <<<"$told"))"
        submit_grid "${words[@]}"
        [ -z "$JOB" ] || arrays+=("$JOB")
    done
}

# Submits the results page behind the arrays. One that waits already, perhaps for less, waits for
# these from now on.
submit_page() {
    local page
    page=$(joined report "${names[@]}")
    if in_queue "$page" --states=PENDING; then
        scontrol update "JobId=$JOB" "Dependency=${AFTER[0]#*=}" && return
    fi
    submit "report:$page" "${AFTER[@]}" -- "${names[@]}"
}

job=$(joined study "${names[@]}")
if ! in_queue "$job"; then # or else that one will submit what there is to do
    submit_arrays "$@"
    wait_for_success "${arrays[@]}"
    GPUS=''
    if [ "$next" = report ]; then
        submit_page
    else
        submit "study:$job" "${AFTER[@]}" -- "${names[@]}" "$@"
    fi
fi
[ -n "$DRY_RUN" ] || say_what_next "${names[@]}"
