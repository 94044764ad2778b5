#!/bin/bash
# How every script of this folder begins: `bash start.sh SCRIPT [ARGUMENTS]` finds the project's
# Python, which knows what the script does (experiments/cluster/scripts.py) and reads all settings.
scripts=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$scripts")

fail() {
    echo "error: $*" >&2
    exit 2
}

# A setting that is needed before there is a Python: of the environment, or a line KEY=value of
# site.env, by the rules of experiments/cluster/site.py.
setting() {
    local value=${!1} file=${SITE_ENV:-$scripts/site.env}
    if [ -z "${!1+set}" ] && [ -r "$file" ]; then
        local text="\"([^\"]*)\"|'([^']*)'|([^[:space:]\"']*)"
        value=$(sed -nE "s/^\s*(export\s+)?$1=($text)(\s.*)?$/\3\4\5/p" "$file" | tail -n 1)
        while [[ $value =~ \$(([A-Za-z_0-9]+)|\{([A-Za-z_0-9]+)\}) ]]; do
            local name=${BASH_REMATCH[2]}${BASH_REMATCH[3]}
            value=${value/"${BASH_REMATCH[0]}"/${!name}}
        done
        value=${value/#\~\//$HOME/}
    fi
    echo "$value"
}

# Python hears of signals when it has started; of one that comes before, it is told.
[ -z "$SLURM_JOB_ID" ] ||
    for name in USR1 USR2; do
        # shellcheck disable=SC2064 # the name is this one
        trap "export REPMUSIC_SIGNALLED=SIG$name" "$name"
    done

modules=$(setting MODULES)
if [ -n "$modules" ]; then
    for start in /etc/profile.d/lmod.sh /etc/profile.d/modules.sh; do
        # shellcheck source=/dev/null
        type module >/dev/null 2>&1 || { [ -f "$start" ] && source "$start"; }
    done
    type module >/dev/null 2>&1 ||
        fail "MODULES: found '$modules', but this host ($(hostname)) has no module command."
    # shellcheck disable=SC2086 # several modules, separated by spaces
    module load $modules || fail "MODULES: found '$modules', which did not load."
fi

venv=$(setting VENV)
venv=${venv:-$VIRTUAL_ENV}
[ -n "$venv" ] || [ ! -x "$root/.venv/bin/python" ] || venv=$root/.venv
[ -z "$venv" ] || [[ $venv == /* ]] || venv=$root/$venv
python=${venv:+$venv/bin/python}
python=${python:-$(command -v python3)}
[ -x "$python" ] || fail "found no Python at '$python' on $(hostname). Set VENV in" \
    "$scripts/site.env to the environment in which the project is installed."
"$python" -c 'import representation_music.experiments.cluster' 2>/dev/null ||
    fail "$python: found a Python without this project. Install it there:" \
        "$python -m pip install -e $root (or set VENV in $scripts/site.env)."

# From here to Python's own handlers signals are not lost but wait, where `env` can do that.
trap '' USR1 USR2
held=(env "--default-signal=USR1,USR2" "--block-signal=USR1,USR2")
"${held[@]}" true 2>/dev/null || held=()
exec "${held[@]}" "$python" -m representation_music.experiments.cluster.scripts "$@"
