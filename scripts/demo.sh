# shellcheck shell=bash
# The demo: a stock Debian kernel and a shell inside the guest; or, with --script or without a terminal, a tour by itself.

DEMO_NAME=demo
DEMO_PEER=demo2
DEMO_NETNS=hospes-demo
BOOT_LIMIT=150

DEMO_STARTED_APPLIANCE=''
DEMO_GUEST_IS_OURS=''
DEMO_HAS_NETWORK=''

# Whatever way the demo ends, what it began is ended too. Guests and an appliance that were there before stay.
demo_cleanup() {
    local status=$?
    trap - EXIT INT TERM
    set +e
    if [[ -n $DEMO_GUEST_IS_OURS ]]; then
        xm destroy "$DEMO_NAME" >/dev/null 2>&1
        [[ -n $DEMO_HAS_NETWORK ]] && xm destroy "$DEMO_PEER" >/dev/null 2>&1
    fi
    if [[ -n $DEMO_STARTED_APPLIANCE ]]; then host xend stop --destroy-domains >&2; fi
    exit "$status"
}

# A command as a person would type it: words with spaces in quotes.
show() {
    local word line=''
    for word in "$@"; do
        if [[ $word == *' '* ]]; then line+=" '$word'"; else line+=" $word"; fi
    done
    printf '\n%s$%s%s\n' "$BOLD_OUT" "$line" "$PLAIN_OUT"
}

demo_prepare() {
    ensure_setup
    ensure_built
    mkdir -p "$HOSPES_CACHE"
    fetch_kernel cloud
    make_initrd
    need_root_directory
    if ! is_up; then
        DEMO_STARTED_APPLIANCE=yes
        if can_have_network; then start_appliance --netns "$DEMO_NETNS"; else start_appliance; fi
    fi
    # A network namespace of the appliance's own is the only place where the demo touches a network.
    if [[ -s $HOSPES_ROOT/var/run/xend/netns ]] && can_have_network; then
        DEMO_HAS_NETWORK=yes
    else
        note 'The guest has no network: that takes root, nft (package nftables), and an appliance in a network namespace (./hospes up --netns NAME).'
    fi
    xm domid "$DEMO_NAME" >/dev/null 2>&1 &&
        die "A guest named $DEMO_NAME runs already." "'./hospes xm console $DEMO_NAME' attaches to it, './hospes xm destroy $DEMO_NAME' ends it."
    return 0
}

# samples/demo.cfg names the kernel and the initrd relative to the tree; a cache elsewhere is named on the command line.
demo_create() {
    cd "$HOSPES_TREE"
    local words=("$@")
    [[ -z $DEMO_HAS_NETWORK ]] || words+=(vif=)
    [[ $HOSPES_CACHE == "$HOSPES_TREE/.hospes/cache" ]] || words+=("kernel=$(kernel_path cloud)" "ramdisk=$(initrd_path)")
    show xm create "${words[@]}"
    xm create "${words[@]}"
}

demo_interactive() {
    trap demo_cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    demo_prepare
    step "The guest boots now, here. Ctrl-] leaves its console, 'poweroff' in it ends it."
    DEMO_GUEST_IS_OURS=yes
    demo_create -c --path=samples:. demo.cfg
    if demo_guest_runs; then
        trap - EXIT INT TERM
        printf '\n'
        note "The guest runs on. './hospes xm console $DEMO_NAME' returns to it; './hospes down' ends everything."
    else
        await_end
        DEMO_GUEST_IS_OURS=''
    fi
}

# Whether the guest is there and has not stopped: the last three of xm list's state letters are shutdown, crashed, dying.
demo_guest_runs() { xm list "$DEMO_NAME" 2>/dev/null | grep -E ' [r-][b-][p-]--- ' >/dev/null; }

# Waits for a line on the guest's console, as its log has it.
await_line() {
    local log=$1 line=$2 deadline=$((SECONDS + $3))
    until [[ -f $log ]] && grep -qaF "$line" "$log"; do
        xm domid "$DEMO_NAME" >/dev/null 2>&1 || die 'The guest ended while it was booting.' "Its console is in $log"
        ((SECONDS < deadline)) || die "The guest has not said '$line' within $3 s." "Its console is in $log"
        sleep 0.3
    done
}

# xm has seen the guest stop; what is left of it goes in the moment after.
await_end() {
    local deadline=$((SECONDS + 10))
    while xm domid "$DEMO_NAME" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || die 'The guest is still there after its shutdown.'
        sleep 0.1
    done
}

demo_tour() {
    trap demo_cleanup EXIT
    trap 'printf "Interrupted.\n" >&2; exit 130' INT
    trap 'exit 143' TERM
    demo_prepare
    local log=$HOSPES_ROOT/var/log/xen/console/guest-$DEMO_NAME.log begun=$SECONDS domid
    rm -f "$log" "${log%/*}/guest-$DEMO_PEER.log"
    DEMO_GUEST_IS_OURS=yes
    if [[ -n $DEMO_HAS_NETWORK ]]; then
        demo_create --path=samples:. demo.cfg "extra=console=hvc0 hospes.tour hospes.peer=$DEMO_PEER" </dev/null
        demo_create --path=samples:. demo.cfg "name=$DEMO_PEER" "extra=console=hvc0 hospes.tour hospes.peer=$DEMO_NAME" </dev/null
    else
        demo_create --path=samples:. demo.cfg 'extra=console=hvc0 hospes.tour' </dev/null
    fi

    step 'The guest boots; this is what it says of itself:'
    await_line "$log" 'hospes: tour is over' "$BOOT_LIMIT"
    tr -d '\r' <"$log" | sed -n 's/^tour: //p'
    note "after $((SECONDS - begun)) s; all it wrote is in $log"
    if [[ -n $DEMO_HAS_NETWORK ]]; then demo_network_tour "${log%/*}/guest-$DEMO_PEER.log"; fi

    show xm list
    xm list
    show xm vcpu-list "$DEMO_NAME"
    xm vcpu-list "$DEMO_NAME"
    domid=$(xm domid "$DEMO_NAME")
    if have xenstore-ls; then
        show xenstore-ls "/local/domain/$domid"
        XENSTORED_RUNDIR=$HOSPES_ROOT/var/run/xenstored xenstore-ls -s "/local/domain/$domid"
    else
        warn 'xenstore-ls (package xenstore-utils) is not here, so the store is not shown'
    fi
    show xm shutdown -w "$DEMO_NAME"
    timeout "$SHUTDOWN_LIMIT" "$XM_PROGRAM" shutdown -w "$DEMO_NAME" || die "The guest did not shut down within $SHUTDOWN_LIMIT s."
    await_end
    DEMO_GUEST_IS_OURS=''
    demo_finish
}

# The second guest has done the same with the first; what both found must be what was to be found.
demo_network_tour() {
    local peer_log=$1 line
    DEMO_NAME=$DEMO_PEER await_line "$peer_log" 'hospes: tour is over' "$BOOT_LIMIT"
    step 'And the second guest, of its own file and the first'"'"'s:'
    tr -d '\r' <"$peer_log" | sed -n "s/^tour: \(.*\(by DHCP\|ping\|by HTTP\)\)/\1/p"
    for line in "file from $DEMO_PEER by HTTP: 4194304 bytes, intact" 'name dom0: [0-9.]*' 'ping gateway [0-9.]*: min'; do
        grep -qa "^tour: $line" "$HOSPES_ROOT/var/log/xen/console/guest-$DEMO_NAME.log" || die "The first guest has not said '$line'."
    done
    grep -qa "^tour: file from $DEMO_NAME by HTTP: 4194304 bytes, intact" "$peer_log" || die "The second guest has not got the first's file."
    show xm network-list "$DEMO_NAME"
    xm network-list "$DEMO_NAME"
    show xm shutdown -w "$DEMO_PEER"
    timeout "$SHUTDOWN_LIMIT" "$XM_PROGRAM" shutdown -w "$DEMO_PEER" || die "The second guest did not shut down within $SHUTDOWN_LIMIT s."
}

# An appliance that the demo started goes too, and then nothing may be left.
demo_finish() {
    local left
    if [[ -n $DEMO_STARTED_APPLIANCE ]]; then
        host xend stop --destroy-domains >&2 || die 'The appliance did not stop.'
        DEMO_STARTED_APPLIANCE=''
        left=$(processes_of_root)
        [[ -z $left ]] || die "Processes are left: ${left//$'\n'/ }"
        step 'The guest has shut down, the appliance has stopped, no process is left.'
    else
        step 'The guest has shut down. The appliance was up before and stays up.'
    fi
}

command_demo() {
    local word script='' disk=''
    for word in "$@"; do
        case $word in
            --script) script=yes ;;
            --disk) disk=yes ;;
            *) die "demo does not know '$word'." 'Usage: ./hospes demo [--disk] [--script]' ;;
        esac
    done
    if [[ -n $disk ]]; then
        if [[ -z $script ]] && on_terminal; then disk_interactive; else disk_tour; fi
    elif [[ -z $script ]] && on_terminal; then demo_interactive; else demo_tour; fi
}
