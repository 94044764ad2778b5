# shellcheck shell=bash
# What all scripts of this folder share: the site's settings, the Python environment, signals and
# requeueing, and the sbatch command line. Sourced, never run by itself.
#
# Exit codes: 0 finished; 2 bad settings; 75 saved but not finished (the next life or the next
# submission goes on from there); anything else is a failure.

SAVED_NOT_FINISHED=75
SETTINGS=(MAIL_USER PARTITION ACCOUNT QOS TIME GPUS CPUS MEM RUNS_PER_TASK TREE_TASKS MODULES VENV
    STORE DATASET RAW_DIR SETS SET_OPTIONS STUDIES STUDY_OPTIONS MAX_REQUEUES)
SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$SCRIPTS")
TYPED=("$@")

fail() {
    echo "error: $*" >&2
    exit 2
}

say() { echo "[$(date '+%F %T')] $*"; }

# Reads site.env, a piece of shell that sets variables; a variable that is set beforehand wins.
read_settings() {
    local file=${SITE_ENV:-$SCRIPTS/site.env} key line
    local -A given=()
    for key in "${SETTINGS[@]}"; do
        [ -n "${!key+set}" ] && given[$key]=${!key}
    done
    if [ -e "$file" ]; then
        while IFS=: read -r line key; do
            [[ " ${SETTINGS[*]} " == *" $key "* ]] ||
                fail "$file:$line: found $key, expected one of: ${SETTINGS[*]}."
        done < <(sed -nE 's/^[[:space:]]*(export[[:space:]]+)?([A-Za-z_]+)=.*/\2/;T;=;p' "$file" |
            paste -d : - -)
        # shellcheck source=/dev/null
        source "$file" || fail "$file: found a line that bash cannot read, expected KEY=value."
    elif [ -n "${SITE_ENV:-}" ]; then
        fail "$file: found no such file, although SITE_ENV names it."
    fi
    for key in "${!given[@]}"; do
        printf -v "$key" %s "${given[$key]}"
    done
    # Results belong on the large disk that clusters name by SCRATCH or WORK; else in the project.
    local disk=${SCRATCH:-${WORK:-}}
    STORE=${STORE:-${disk:+$disk/representation-music}}
    STORE=${STORE:-$ROOT}
    [[ $STORE == /* ]] || STORE=$ROOT/$STORE
    STORE=${STORE%/}
    # A job goes to STORE before it uses these, which are typed and checked elsewhere.
    for key in RAW_DIR VENV; do
        [[ -z ${!key:-} || ${!key} == /* ]] || printf -v "$key" %s "$ROOT/${!key}"
    done
    DATASET=${DATASET:-songs.h5}
    STUDIES=${STUDIES:-benefit coupling training_size}
    MAX_REQUEUES=${MAX_REQUEUES:-50}
}

# Sets PYTHON: of VENV, of an active environment, of the project's .venv, or of the PATH.
activate() {
    if [ -n "${MODULES:-}" ]; then
        local start
        for start in /etc/profile.d/lmod.sh /etc/profile.d/modules.sh; do
            # shellcheck source=/dev/null
            type module >/dev/null 2>&1 || { [ -f "$start" ] && source "$start"; }
        done
        type module >/dev/null 2>&1 ||
            fail "MODULES: found '$MODULES', but this host ($(hostname)) has no module command."
        # shellcheck disable=SC2086 # several modules, separated by spaces
        module load $MODULES || fail "MODULES: found '$MODULES', which did not load."
    fi
    local folder=${VENV:-${VIRTUAL_ENV:-}}
    if [ -z "$folder" ] && [ -x "$ROOT/.venv/bin/python" ]; then
        folder=$ROOT/.venv
    fi
    PYTHON=${folder:+$folder/bin/python}
    PYTHON=${PYTHON:-$(command -v python3)}
    [ -x "$PYTHON" ] || fail "found no Python at '$PYTHON' on $(hostname). Set VENV in" \
        "$SCRIPTS/site.env to the environment in which the project is installed."
    "$PYTHON" -c 'import representation_music.utils' 2>/dev/null ||
        fail "$PYTHON: found a Python without this project. Install it there:" \
            "$PYTHON -m pip install -e $ROOT (or set VENV in $SCRIPTS/site.env)."
    # A GPU is shared by several runs, and a node by other jobs: take no more than is given.
    export TF_FORCE_GPU_ALLOW_GROWTH=${TF_FORCE_GPU_ALLOW_GROWTH:-true}
    if [ -n "${SLURM_CPUS_PER_TASK:-}" ]; then
        export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$SLURM_CPUS_PER_TASK}
        export TF_NUM_INTRAOP_THREADS=${TF_NUM_INTRAOP_THREADS:-$SLURM_CPUS_PER_TASK}
    fi
}

# What scontrol must requeue. Within an array, SLURM_JOB_ID of the last task is the number of the
# whole array: requeueing that would restart every task.
own_job() {
    if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
        echo "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
    else
        echo "$SLURM_JOB_ID"
    fi
}

# Runs a job of the project, here and at once, in STORE. Needs `activate` before it.
repmusic() { (enter_store && "$PYTHON" -m representation_music.experiments.command_line "$@"); }

enter_store() {
    local place=${REHEARSAL:-$STORE}
    if ! { mkdir -p "$place" && [ -w "$place" ] && cd "$place"; }; then
        fail "STORE: found '$STORE', expected a folder that can be written to."
    fi
}

# Lets Python work in a temporary folder that looks like STORE, with links to the files of its runs,
# which Python replaces and never writes into. So a dry run knows what is done, and leaves nothing.
rehearse() {
    REHEARSAL=$(mktemp -d) || exit
    trap 'rm -rf "$REHEARSAL"' EXIT
    [ -d "$STORE" ] || return 0
    find "$STORE/" -mindepth 1 -maxdepth 1 ! -name runs -exec ln -s -t "$REHEARSAL" {} +
    [ ! -d "$STORE/runs" ] || cp -rsL "$STORE/runs" "$REHEARSAL"
}

pass_on() {
    signalled=$1
    [ -z "$child" ] || kill -s "$1" "$child" 2>/dev/null
}

# Runs the project's Python with the given arguments, in STORE, and ends the script with its code.
# In a job: the words of LAUNCHER, if there are any, stand before Python. USR2 (the time limit is
# near, or `scancel -b -s USR2`) lets it save, then requeues this task alone. TERM (scancel, or a
# preemption, after which Slurm requeues by itself) only saves.
run() {
    child='' signalled=''
    if [ -n "${SLURM_JOB_ID:-}" ]; then # from here on, so that an early signal is not lost
        trap 'pass_on USR2' USR2
        trap 'pass_on TERM' TERM INT
    fi
    activate
    enter_store
    [ -n "${SLURM_JOB_ID:-}" ] || exec "$PYTHON" "$@"

    say "job $(own_job) on $(hostname), life $((${SLURM_RESTART_COUNT:-0} + 1)), in $STORE: $*"
    "${LAUNCHER[@]}" "$PYTHON" "$@" &
    child=$!
    [ -z "$signalled" ] || kill -s "$signalled" "$child"
    while kill -0 "$child" 2>/dev/null; do
        wait "$child" # which a trap cuts short, so it is asked again
    done
    wait "$child" # bash remembers the exit code
    end_life $?
}

# Ends the script after Python ended with the given code; requeues where that is asked for.
end_life() {
    local code=$1
    # A Python that is still starting up dies of the signal: nothing to save, nothing finished.
    if [ -n "$signalled" ] && [ "$code" -eq $((128 + $(kill -l "$signalled"))) ]; then
        code=$SAVED_NOT_FINISHED
    fi
    if [ "$signalled" = USR2 ] && [ "$code" -eq "$SAVED_NOT_FINISHED" ]; then
        if [ "${SLURM_RESTART_COUNT:-0}" -ge "$MAX_REQUEUES" ]; then
            say "saved, but not requeued: this is already requeue $SLURM_RESTART_COUNT (MAX_REQUEUES)"
        elif scontrol requeue "$(own_job)"; then
            say "saved and requeued as job $(own_job)"
        else
            say "saved, but this site does not requeue; submit again to go on"
        fi
    elif [ "$code" -eq "$SAVED_NOT_FINISHED" ]; then
        say "saved, not finished; submit again to go on"
    elif [ "$code" -ne 0 ]; then
        say "failed with exit code $code"
    else
        say "finished"
    fi
    exit "$code"
}

# Submits a script: submit SCRIPT[:NAME] [--sbatch-option=value ...] [-- ARGUMENTS ...]. The job and
# its log are called NAME, or like the script; a task of an array has the same log in every life
# and every submission. Sets JOB to the new job's number. Under DRY_RUN=1 prints the command instead.
submit() {
    local script=${1%%:*} name=${1#*:} log=%j command
    shift
    [[ ${1:-} != --array=* ]] || log=%a
    command=(sbatch --parsable "--job-name=$name" "--output=$STORE/logs/$name-$log.log")
    [ -z "$PARTITION" ] || command+=("--partition=$PARTITION")
    [ -z "$ACCOUNT" ] || command+=("--account=$ACCOUNT")
    [ -z "$QOS" ] || command+=("--qos=$QOS")
    [ -z "$TIME" ] || command+=("--time=$TIME")
    [ "${GPUS:-0}" = 0 ] || command+=("--gres=gpu:$GPUS")
    [ -z "$CPUS" ] || command+=("--cpus-per-task=$CPUS")
    [ -z "$MEM" ] || command+=("--mem=$MEM")
    [ -z "$MAIL_USER" ] || command+=("--mail-user=$MAIL_USER" "--mail-type=END,FAIL")
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        command+=("$1")
        shift
    done
    command+=("$SCRIPTS/$script.sh" "${@:2}")
    if [ -n "${DRY_RUN:-}" ]; then
        print_command "${command[@]}"
        JOB="${name^^}_ID"
        return
    fi
    (enter_store) || exit
    mkdir -p "$STORE/logs"
    JOB=$(outside_of_any_job "${command[@]}") || refused "$name"
    JOB=${JOB%%;*} # a federation adds its cluster's name
    printf '%-12s %s\n' "$JOB" "$name"
}

# Submits a manifest as one job array: submit_grid MANIFEST [OPTIONS of run-manifest]. Only tasks with
# a run that is not done are in it. Sets JOB, empty if all runs are done. Needs `activate` before it.
submit_grid() {
    local folder name plan workers=${CPUS:-1}
    folder=$(enter_store && dirname "$(realpath "$1")")
    name=$(basename "$1" .jsonl) # of a set, what its own job is called
    [ "$name" != manifest ] || name=$(basename "$folder")
    [ "$name" != tuning ] || name=$(basename "$(dirname "$folder")")-tuning
    ! in_queue "$name" || return 0
    [[ " ${*:2}" != *" --lines"* ]] || fail "found --lines, but the array takes every run that is" \
        "not done. To run these lines alone, here: $(print_command repmusic run-manifest "$@")"
    [ "${GPUS:-0}" = 0 ] || workers=$((2 * ${GPUS##*:}))
    plan=$(repmusic array "$1" "--runs-per-task=${RUNS_PER_TASK:-0}" "--workers=$workers") || exit
    if [ -z "$plan" ]; then
        printf '%-12s %s, all runs are done\n' - "$name"
        return
    fi
    submit "grid:$name" "--array=${plan#* }" -- "--runs-per-task=${plan% *}" "$@"
}

# Prints words as one: the name of a job that is about several studies.
joined() (IFS=- && echo "$*")

# Submits like `submit`, unless a job of that name is waiting or running for this STORE: two of them
# would write into the same folders. JOB is then that job's number.
submit_once() { in_queue "${1#*:}" || submit "$@"; }

# Whether a job or an array of that name, other than this one, has not ended; sets JOB to its number,
# empty if there is none: in_queue NAME [OPTIONS of squeue].
in_queue() {
    JOB=$(queued "$@")
    [ -n "$JOB" ] && printf '%-12s %s, in the queue already\n' "$JOB" "$1"
}

# Prints the number of the job or array that `in_queue` asks for and that logs to this STORE.
queued() {
    [ -z "${DRY_RUN:-}" ] || return 0
    # A cancelled job is still there for a moment, as completing. An array's tasks have numbers of
    # their own; what is no array may have no array's number.
    squeue --me --noheader --name="$1" --Format=State:20,StdOut:1000,JobID:20,ArrayJobID:20 \
        "${@:2}" 2>/dev/null |
        awk -v begin="$STORE/logs/$1-" -v own="${SLURM_JOB_ID:-}" '
            { number = $NF ~ /^[1-9][0-9]*$/ ? $NF : $(NF - 1) }
            $1 != "COMPLETING" && index($0, begin) && number != own {
                print number
                exit
            }'
}

# Sets AFTER to the sbatch options that let a job wait until all the given ones have succeeded.
# shellcheck disable=SC2034 # for the scripts that source this
wait_for_success() {
    AFTER=()
    [ $# -eq 0 ] || AFTER=("--dependency=afterok:$(IFS=: && echo "$*")" --kill-on-invalid-dep=yes)
}

# Prints a command as it can be typed.
print_command() {
    local word line=''
    for word in "$@"; do
        [[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]] || printf -v word %q "$word"
        line+=" $word"
    done
    echo "${line# }"
}

# Runs a command without what an enclosing job would hand down to the new one.
outside_of_any_job() (
    for key in "${!SLURM_@}"; do
        [ "$key" = SLURM_CONF ] || unset "$key"
    done
    cd "$ROOT" && "$@"
)

# What to type where a site forbids jobs to submit jobs. Slurm renames a script; its header tells.
by_hand() {
    local name
    name=$(sed -n 's/^#SBATCH --job-name=//p' "$0")
    echo "On a login node type: $(print_command bash "$SCRIPTS/$name.sh" "${TYPED[@]}")"
}

# Ends a submission: where to look now. Its arguments are studies, or their folders.
say_what_next() {
    local study
    printf '\nWhat is queued: squeue --me. Logs: %s/logs.\n' "$STORE"
    [ $# -eq 0 ] || printf 'How far it is (--watch keeps looking), from the folder %s:\n' "$STORE"
    for study in "$@"; do
        if [[ $study == */* || -e $STORE/runs/$study/manifest.jsonl ]]; then
            echo "    repmusic status $study"
        elif [ -e "$STORE/runs/$study/tuning/manifest.jsonl" ]; then
            echo "    repmusic status runs/$study/tuning"
        else
            echo "    repmusic status $study (once the studies' job has run)"
        fi
    done
    [ -z "${SUBMITTED_SETS:-}" ] ||
        echo "    repmusic status ${SUBMITTED_SETS%% *} (or another set, once its job runs)"
}

refused() {
    local partitions
    partitions=$(sinfo --noheader --format=%R 2>/dev/null | sort -u | paste -s -d ' ')
    fail "sbatch refused $1; its reason stands above. Asked for: partition '${PARTITION:-default}'" \
        "(there are: ${partitions:-none, for no Slurm answers})," \
        "account '${ACCOUNT:-default}', time '${TIME:-default}', GPUs '${GPUS:-none}'." \
        "Change it in $SCRIPTS/site.env, or in front of the command: PARTITION=name bash ..." \
        "${SLURM_JOB_ID:+This was a job that submits jobs, which some sites forbid. $(by_hand)}"
}

read_settings
