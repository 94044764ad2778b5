#!/bin/bash
# Studies by name: writes their manifests, submits each as one job array, and the results page
# behind them. With --tune the tuning goes first, and this script once more behind it. Needs the
# songs file. By bash, or by sbatch where jobs may submit jobs. Without a Slurm it all runs here.
#
#   bash maverick_scripts/study.sh NAME ... [OPTIONS of repmusic study]
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

names=()
while [[ $# -gt 0 && $1 != -* ]]; do
    names+=("$1")
    shift
done
[ ${#names[@]} -gt 0 ] || fail "found no study, expected: bash $SCRIPTS/study.sh $STUDIES"
activate
if ! command -v sbatch >/dev/null; then
    [ -z "$SLURM_JOB_ID" ] || fail "found no sbatch on $(hostname). $(by_hand)"
    for name in "${names[@]}"; do
        repmusic study "$name" --dataset "$DATASET" "$@" || exit
    done
    exec bash "$SCRIPTS/report.sh" "${names[@]}"
fi

arrays=() words=() next=report
for name in "${names[@]}"; do
    told=$(repmusic study "$name" --dataset "$DATASET" "$@" --manifest-only) || exit
    echo "$told"
    [[ $told != *"First the tuning"* ]] || next=study
    # The line that says what to type names the manifest and its options.
    eval "words=($(sed -n 's/^Next: repmusic run-manifest //p' <<<"$told"))"
    submit_grid "${words[@]}"
    [ -z "$JOB" ] || arrays+=("$JOB")
done
wait_for_success "${arrays[@]}"
[ "$next" = report ] && set --
GPUS='' submit "$next" "${AFTER[@]}" -- "${names[@]}" "$@"
say_what_next "${names[@]}"
