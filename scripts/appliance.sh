# shellcheck shell=bash
# Starting, stopping and asking the appliance, and the tools run from the tree.

# Unix socket paths end at 107 bytes (unix(7)); the longest below the root is a domain's console.
SOCKET_TAIL=/var/run/xend/domains/65535/console.sock
SHUTDOWN_LIMIT=60

need_root_directory() {
    local length=$((${#HOSPES_ROOT} + ${#SOCKET_TAIL}))
    ((length <= 107)) || die "HOSPES_ROOT=$HOSPES_ROOT is too long: sockets below it would have $length bytes, Linux allows 107." \
        'Set HOSPES_ROOT to a shorter path.'
    mkdir -p "$HOSPES_ROOT" 2>/dev/null && [[ -w $HOSPES_ROOT ]] ||
        die "$HOSPES_ROOT cannot be written." 'Set HOSPES_ROOT to a directory of yours.'
}

host() { "$HOST_PROGRAM" "$@"; }
xm() { "$XM_PROGRAM" "$@"; }

# Answers 0 or 3 (as Xen's own); anything else is a fault that must not pass for "not running".
is_up() {
    local status=0
    host xend status >/dev/null || status=$?
    case $status in
        0) return 0 ;;
        3) return 1 ;;
        *) die "'xend status' answered $status instead of 0 or 3." ;;
    esac
}

start_appliance() {
    need_root_directory
    is_up && return
    step "Starting the appliance on $HOSPES_ROOT"
    host xend start "$@" >&2 || die 'The appliance did not start.' "Its log is $HOSPES_ROOT/var/log/xen/xend.log"
}

# Whether guests can be given a network without touching the machine's own.
can_have_network() {
    is_root && [[ -c /dev/net/tun && -n $(PATH=$PATH:/usr/sbin:/sbin command -v nft) ]] && unshare -n true 2>/dev/null
}

# Processes of this root: the daemon and one for each domain, told by the root among the words of their command lines.
processes_of_root() {
    local file words word
    for file in /proc/[0-9]*/cmdline; do
        words=()
        mapfile -d '' -t words 2>/dev/null <"$file" || continue
        [[ ${words[0]:-} == *Hospes.Host* || ${words[1]:-} == *Hospes.Host* ]] || continue
        for word in "${words[@]}"; do
            if [[ $word == "$HOSPES_ROOT" || $word == "$HOSPES_ROOT"/* ]]; then
                file=${file%/cmdline}
                printf '%s\n' "${file#/proc/}"
                break
            fi
        done
    done
}

# Guests first, politely; those that do not listen within a minute are destroyed with the appliance.
stop_appliance() {
    is_up || return 0
    if [[ -n $(guest_names) ]]; then
        step 'Shutting the guests down'
        # A guest that goes by itself meanwhile makes xm complain; what counts is who is left.
        timeout "$SHUTDOWN_LIMIT" "$XM_PROGRAM" shutdown -a -w >&2 || true
        guests_are_gone 5 || warn "these guests have not ended and are destroyed: $(guest_names | tr '\n' ' ')"
    fi
    step 'Stopping the appliance'
    host xend stop --destroy-domains >&2 || die 'The appliance did not stop.' "Its log is $HOSPES_ROOT/var/log/xen/xend.log"
}

guest_names() { xm list | sed -n '2,$s/ .*//p' | grep -vx Domain-0 || true; }

# guests_are_gone SECONDS - a stopped guest is listed until all of it has been taken away.
guests_are_gone() {
    local deadline=$((SECONDS + $1))
    while [[ -n $(guest_names) ]]; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

command_up() {
    local arguments=()
    case ${1:-} in
        '') ;;
        --netns) arguments=(--netns "${2:?"--netns needs a NAME: './hospes up --netns NAME'"}") ;;
        --netns=?*) arguments=("$1") ;;
        *) die "up does not know '$1'." 'Usage: ./hospes up [--netns NAME]' ;;
    esac
    ensure_setup
    ensure_built
    if ((${#arguments[@]})) && is_up; then
        die 'The appliance is up already, where it was started.' "'./hospes down' ends it; then './hospes up --netns NAME' starts it in a network namespace."
    fi
    start_appliance "${arguments[@]}"
    note "'./hospes xm list' shows what runs; './hospes down' ends it all."
}

command_down() {
    [[ -x $HOST_PROGRAM ]] || die 'Nothing is built here, so nothing runs.' "'./hospes up' builds and starts."
    stop_appliance
    local left
    left=$(processes_of_root)
    [[ -z $left ]] || die "Processes of $HOSPES_ROOT are left: ${left//$'\n'/ }"
    note 'The appliance is down.'
}

command_status() {
    [[ -x $HOST_PROGRAM ]] || die 'Nothing is built here, so nothing runs.' "'./hospes up' builds and starts."
    host status "$@"
}

command_config() {
    ensure_built
    exec "$HOST_PROGRAM" config --root "$HOSPES_ROOT" "$@"
}

command_man() {
    [[ $# == 1 ]] || die 'man takes the directory to write to.' 'Usage: ./hospes man DIR'
    ensure_built
    host man "$1" && xm --manual "$1"
}

command_files() {
    [[ $# == 1 ]] || die 'files takes the directory to write to.' 'Usage: ./hospes files DIR'
    ensure_built
    host files "$1" --host "$HOST_PROGRAM" --xm "$XM_PROGRAM"
    local man_pages=$1/usr/share/man
    host man "$man_pages/man5" && xm --manual "$man_pages/man1"
    mv "$man_pages/man1/"*.5 "$man_pages/man5/"
}

command_xm() {
    ensure_built
    exec "$XM_PROGRAM" "$@"
}

command_xend() {
    ensure_built
    exec "$HOST_PROGRAM" xend "$@"
}

command_plugins() {
    ensure_built
    exec "$HOST_PROGRAM" plugins "$@"
}

command_perf() {
    ensure_built
    exec "$HOST_PROGRAM" perf --root "$HOSPES_ROOT" "$@"
}

command_scheduler() {
    ensure_built
    exec "$HOST_PROGRAM" scheduler --root "$HOSPES_ROOT" "$@"
}

command_image() {
    ensure_built
    exec "$HOST_PROGRAM" image "$@"
}
