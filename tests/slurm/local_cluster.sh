#!/bin/bash
# Brings up a real single-node Slurm on Debian or Ubuntu, to try the sbatch scripts of this folder
# and to test them in CI. It is no production cluster: root only, loopback only, no accounting.
#
#   bash tests/slurm/local_cluster.sh up       install what is missing, start, wait until idle
#   bash tests/slurm/local_cluster.sh status   say what is running
#   bash tests/slurm/local_cluster.sh down     stop its own processes, remove its own folder
#
# Everything it writes lies in one folder; a Slurm or munge that is already configured on the
# machine is neither read nor changed. Settings, from the environment:
#   REPMUSIC_SLURM_DIR   that folder (default: ~/.local/state/representation-music-slurm)
#   REPMUSIC_SLURM_PORT  first of its two ports (default 16817; Slurm's own are 6817 and 6818)
#   REPMUSIC_SLURM_CPUS  CPUs the node claims to have (default: what there is, at least 2)
#   REPMUSIC_SLURM_GPUS  GPUs it pretends to have (default 2)
set -u

STATE=${REPMUSIC_SLURM_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/representation-music-slurm}
PORT=${REPMUSIC_SLURM_PORT:-16817}
CPUS=${REPMUSIC_SLURM_CPUS:-$(($(nproc) > 2 ? $(nproc) : 2))}
GPUS=${REPMUSIC_SLURM_GPUS:-2}
PACKAGES=(munge slurmctld slurmd slurm-client)
DAEMONS=(slurmctld slurmd munged) # in the order in which they are stopped
export SLURM_CONF=$STATE/slurm.conf
PATH=$PATH:/usr/sbin:/sbin

fail() {
    echo "error: $*" >&2
    exit 2
}

# Prints the process id of one of our daemons, if it runs. Its command line names our folder, so
# neither a reused process id nor the site's own daemon is ever taken for ours.
pid_of() {
    local pid
    pid=$(cat "$STATE/$1.pid" 2>/dev/null) || return 1
    [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$STATE/" || return 1
    echo "$pid"
}

node_state() { sinfo --noheader --nodes=localnode --format=%T 2>/dev/null | head -n 1; }

port_is_used() { (exec 3<>"/dev/tcp/$ADDRESS/$1") 2>/dev/null; }

# Slurm listens at the address of its host's name. Where that is not a loopback address, as in most
# containers, the daemons run under the name localhost, in a name space of their own.
choose_host() {
    HOST=$(hostname -s)
    ADDRESS=$(timeout 5 getent ahostsv4 "$HOST" | awk '{print $1; exit}')
    BELOW=()
    [[ $ADDRESS == 127.* ]] && return
    unshare --uts true 2>/dev/null || fail "found ${ADDRESS:-no address} for the host name $HOST," \
        "expected a loopback address. Put the line '127.0.0.1 $HOST' first in /etc/hosts."
    HOST=localhost ADDRESS=127.0.0.1
    # shellcheck disable=SC2016 # expanded by the inner shell
    BELOW=(unshare --uts sh -c 'hostname localhost && exec "$@"' sh)
}

install_packages() {
    local missing=() package
    for package in "${PACKAGES[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    echo "Installing ${missing[*]} ..."
    mkdir -p "$STATE"
    # Packages start their daemons when installed; ours are started from our folder instead.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } \
        >"$STATE/install.log" 2>&1 || {
        tail -n 5 "$STATE/install.log" >&2
        fail "found no way to install ${missing[*]}: apt-get failed (its last lines are above," \
            "the rest is in $STATE/install.log). Check the network and the package sources."
    }
}

write_configuration() {
    local memory gpu
    memory=$(awk '/^MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
    mkdir -p "$STATE/controller" "$STATE/node" "$STATE/devices" "$STATE/munge"
    touch "$STATE/.local_cluster" # says that the folder is ours to remove
    for ((gpu = 0; gpu < GPUS; gpu++)); do
        [ -e "$STATE/devices/gpu$gpu" ] || mknod "$STATE/devices/gpu$gpu" c 1 3 ||
            fail "$STATE/devices: found no right to make a character device. Run this outside" \
                "an unprivileged container, or with REPMUSIC_SLURM_GPUS=0."
    done
    (umask 077 && head -c 1024 /dev/urandom >"$STATE/munge.key")
    cat >"$SLURM_CONF" <<CONF
ClusterName=repmusic-local
SlurmctldHost=$HOST($ADDRESS)
SlurmctldPort=$PORT
SlurmdPort=$((PORT + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits until its old credential has expired: 5 s rather than 2 minutes.
AuthInfo=socket=$STATE/munge/socket,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$STATE/controller
SlurmdSpoolDir=$STATE/node
SlurmctldPidFile=$STATE/slurmctld.pid
SlurmdPidFile=$STATE/slurmd.pid
SlurmctldLogFile=$STATE/slurmctld.log
SlurmdLogFile=$STATE/slurmd.log
# No cgroups and no accounting database: neither can be counted on in a container.
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=30
MinJobAge=3600
# The partition "local" takes the node away from jobs of "scavenge", as a paying queue would.
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=gpu
NodeName=localnode NodeHostname=$HOST NodeAddr=$ADDRESS CPUs=$CPUS RealMemory=$memory Gres=gpu:$GPUS State=UNKNOWN
PartitionName=local Nodes=localnode Default=YES MaxTime=INFINITE State=UP PriorityTier=2
PartitionName=scavenge Nodes=localnode MaxTime=INFINITE State=UP PriorityTier=1
CONF
    if [ "$GPUS" -gt 0 ]; then
        echo "AutoDetect=off" >"$STATE/gres.conf"
        for ((gpu = 0; gpu < GPUS; gpu++)); do
            echo "NodeName=localnode Name=gpu File=$STATE/devices/gpu$gpu"
        done >>"$STATE/gres.conf"
    else
        sed -i -e '/^GresTypes/d' -e 's/ Gres=gpu:0//' "$SLURM_CONF"
    fi
}

# Starts one daemon; what it says goes to its log, whose last lines are shown if it will not start.
start() {
    local name=$1
    shift
    "${BELOW[@]}" "$@" >>"$STATE/$name.log" 2>&1 || {
        tail -n 5 "$STATE/$name.log" >&2
        fail "$name did not start; its last lines are above, the rest is in $STATE/$name.log"
    }
}

say_what_next() {
    cat <<TEXT
Slurm is up: $CPUS CPUs, $GPUS pretended GPUs, partitions local (default) and scavenge.
In the shell from which you submit, type:

    export SLURM_CONF=$SLURM_CONF
    sbatch maverick_scripts/dummy.sh

squeue lists jobs; \`bash tests/slurm/local_cluster.sh down\` stops the cluster.
TEXT
}

up() {
    [ "$(id -u)" -eq 0 ] || fail "found user $(id -un), expected root: Slurm's daemons change user" \
        "for each job. Type: sudo bash tests/slurm/local_cluster.sh up"
    command -v apt-get >/dev/null || fail "found no apt-get, expected Debian or Ubuntu: on another" \
        "system install Slurm by its own means and submit to that."
    if pid_of munged >/dev/null && pid_of slurmctld >/dev/null && pid_of slurmd >/dev/null; then
        say_what_next
        return
    fi
    if [ -e "$STATE/.local_cluster" ]; then
        down >/dev/null # removes what a crash or a reboot left behind
    fi
    choose_host
    local port
    for port in "$PORT" $((PORT + 1)); do
        ! port_is_used "$port" || fail "found port $port of $ADDRESS in use, perhaps by a Slurm of" \
            "this site. Choose two free ones: REPMUSIC_SLURM_PORT=26817"
    done
    install_packages
    write_configuration
    # --force: a home folder may be laxer than munge likes; the key itself is read by root only.
    start munged munged --force --key-file="$STATE/munge.key" --socket="$STATE/munge/socket" \
        --pid-file="$STATE/munged.pid" --log-file="$STATE/munged.log" \
        --seed-file="$STATE/munge.seed"
    start slurmctld slurmctld -f "$SLURM_CONF"
    start slurmd slurmd -f "$SLURM_CONF" -N localnode
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        if [ "$(node_state)" = idle ]; then
            say_what_next
            return
        fi
        sleep 0.1
    done
    tail -n 5 "$STATE/slurmctld.log" "$STATE/slurmd.log" >&2
    fail "found the node '$(node_state)' after 30 s, expected idle; the daemons' last lines are above"
}

down() {
    [ -e "$STATE/.local_cluster" ] || {
        echo "Slurm is down: there is nothing of it in $STATE."
        return
    }
    local name pid tries
    if pid_of slurmctld >/dev/null; then
        squeue --noheader --format=%A 2>/dev/null | sort -u | xargs -r scancel 2>/dev/null
        for ((tries = 0; tries < 350; tries++)); do # KillWait and a little more
            [ -n "$(squeue --noheader 2>/dev/null)" ] || break
            sleep 0.1
        done
    fi
    for name in "${DAEMONS[@]}"; do
        pid=$(pid_of "$name") || continue
        kill "$pid"
        for ((tries = 0; tries < 100; tries++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -0 "$pid" 2>/dev/null && kill -KILL "$pid"
    done
    rm -rf "$STATE"
    echo "Slurm is down, and $STATE is removed."
}

status() {
    local name pid running=0
    for name in munged slurmctld slurmd; do
        if pid=$(pid_of "$name"); then
            echo "$name runs as process $pid"
            running=$((running + 1))
        else
            echo "$name does not run"
        fi
    done
    [ "$running" -eq 3 ] || return 1
    echo "node: $(node_state); jobs: $(squeue --noheader | wc -l)"
    echo "export SLURM_CONF=$SLURM_CONF"
}

case ${1:-} in
up | down | status) "$1" ;;
*) fail "found '${1:-}', expected: bash tests/slurm/local_cluster.sh up|down|status" ;;
esac
