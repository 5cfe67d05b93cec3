# shellcheck shell=bash
# What every part of the script uses: messages, places, small tests. Sourced by ./hospes, never run by itself.

# The tree's places. HOSPES_CACHE moves what is downloaded or generated, HOSPES_ROOT all state of the appliance.
HOSPES_CACHE=${HOSPES_CACHE:-$HOSPES_TREE/.hospes/cache}
export HOSPES_ROOT=${HOSPES_ROOT:-$HOSPES_TREE/.hospes/root}
OUT=$HOSPES_TREE/out
export HOSPES_PLUGINS=${HOSPES_PLUGINS:-$OUT/plugins.json}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# No build server stays behind when a verb has ended.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_USE_MSBUILD_SERVER=0

HOST_PROGRAM=$OUT/Host/Hospes.Host
XM_PROGRAM=$OUT/Tools.Xm/Hospes.Tools.Xm

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
else
    BOLD='' DIM='' RED='' YELLOW='' PLAIN=''
fi

if [[ -n $BOLD && -t 1 ]]; then BOLD_OUT=$BOLD PLAIN_OUT=$PLAIN; else BOLD_OUT='' PLAIN_OUT=''; fi

# Progress and warnings go to standard error: standard output is for what was asked for.
step() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*" >&2; }
note() { printf '    %s%s%s\n' "$DIM" "$*" "$PLAIN" >&2; }
warn() { printf '%swarning:%s %s\n' "$YELLOW" "$PLAIN" "$*" >&2; }
die() {
    printf '%sError:%s %s\n' "$RED" "$PLAIN" "$1" >&2
    shift
    local line
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [[ $EUID -eq 0 ]]; }
on_terminal() { [[ -t 0 && -t 1 ]]; }

# quietly LOG COMMAND... - runs a command whose output matters only when it fails.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        die "'$*' failed." "All it said is in $log"
    fi
}
