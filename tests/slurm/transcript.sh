#!/bin/bash
# Prints the transcript in maverick_scripts/README.md: a small paper, submitted, watched and done on the
# cluster of local_cluster.sh, which must be up. Synthetic songs, tiny nets, one set, one study.
#
#   bash tests/slurm/transcript.sh
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(dirname "$(dirname "$HERE")")
PLACE=$(mktemp -d)
trap 'rm -rf "$PLACE"' EXIT
eval "$(bash "$HERE/local_cluster.sh" status | grep '^export SLURM_CONF=')"
BIN=${VENV:-$ROOT/.venv}/bin
export PATH=$BIN:$PATH SITE_ENV=/dev/null STORE=$PLACE/store RAW_DIR=$PLACE/raw CPUS=1
export SETS=single_task_target STUDIES=benefit RUNS_PER_TASK=6
export SET_OPTIONS="--sizes 100 200 --num-steps 200 --widths 16 12 8 6"
export STUDY_OPTIONS="--seeds 3 --sizes 200 --num-steps 200 --widths 16 12 8 6 \
    --architectures low_level_sharing"

# Prints a command as it is typed, and then what it says, with the place of this machine left out.
show() {
    echo "\$ $*"
    (cd "${FROM:-.}" && eval "$*") 2>&1 | sed -e "s#$STORE#STORE#g" \
        -e "s#$ROOT#PROJECT#g" -e 's/ *$//' -e '/^$/d' || true
    echo
}

cd "$ROOT"
repmusic synthesize "$RAW_DIR" --songs 1000 >"$PLACE/log"
show bash maverick_scripts/submission_script.sh
until squeue --noheader --name=benefit | grep -q .; do sleep 0.5; done
show "squeue --me --format='%.8i %.20j %.9T %.12E'"
until ls "$STORE"/runs/benefit/*/test.json >/dev/null 2>&1; do sleep 0.5; done
FROM=$STORE show repmusic status benefit
while squeue --noheader --name="benefit,report-benefit,$SETS" | grep -q .; do sleep 1; done
FROM=$STORE show repmusic status benefit
FROM=$STORE show ls page
