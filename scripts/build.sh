# shellcheck shell=bash
# Builds the programs and plugins into out/: compiled ahead of time (ReadyToRun) for a quick start, on the installed runtime.

STAMP=$OUT/.stamp

sources() {
    find "$HOSPES_TREE" -path "$HOSPES_TREE/.git" -prune -o -path "$HOSPES_TREE/.hospes" -prune -o -path "$OUT" -prune \
        -o -path "$HOSPES_TREE/tests" -prune -o -path "$HOSPES_TREE/bench" -prune -o -path "$HOSPES_TREE/docs" -prune \
        -o -name bin -prune -o -name obj -prune -o -type f \
        \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.proj' -o -name '*.py' -o -name 'plugins.json' \
        -o -name 'global.json' \) "$@"
}

# Up to date: no source is newer than the stamp, and none was added or removed since.
is_built() {
    [[ -f $STAMP && -x $HOST_PROGRAM && -x $XM_PROGRAM ]] || return 1
    [[ -z $(sources -newer "$STAMP" -print -quit) ]] && [[ $(sources -print | sort | cksum) == "$(cat "$STAMP")" ]]
}

build_parts() {
    local list
    list=$(sources -print | sort | cksum)
    # Chained, because 'set -e' does not reach into a function whose status is looked at.
    dotnet msbuild "$HOSPES_TREE/scripts/publish.proj" -nologo -maxCpuCount -v:quiet &&
        cp "$HOSPES_TREE/plugins.json" "$OUT/plugins.json" &&
        printf '%s\n' "$list" >"$STAMP"
}

ensure_built() {
    is_built && return
    [[ -w $HOSPES_TREE ]] || die "The tree $HOSPES_TREE is not built, and you may not write to it." 'Somebody who may must run ./hospes build.'
    mkdir -p "$OUT"
    rm -f "$STAMP"
    step 'Building'
    # Two builds at once would spoil each other's files.
    exec {lock}>"$OUT/.lock"
    flock "$lock"
    # The builder's processes must not inherit the lock.
    is_built || quietly "$OUT/build.log" build_parts {lock}>&-
    exec {lock}>&-
}

command_build() {
    [[ ${1:-} == --force ]] && rm -f "$STAMP"
    ensure_setup
    ensure_built
    note "Built: $OUT"
}
