# shellcheck shell=bash
# All tests of the tree, of every kind, and a summary that a machine can read: the last line is 'N passed, N failed'.

TEST_RESULTS=$HOSPES_TREE/TestResults

build_tests() { dotnet build "$HOSPES_TREE/Hospes.slnx" -c Release -nologo -v:quiet; }

# Test assemblies, those that boot guests last. Helper libraries under tests/ have no test adapter beside them.
test_assemblies() {
    local project name directory boots=()
    for project in "$HOSPES_TREE"/tests/*/*.csproj; do
        name=$(basename "$project" .csproj)
        directory=$(dirname "$project")/bin/Release/net10.0
        [[ -f $directory/Hospes.$name.dll && -f $directory/xunit.runner.visualstudio.testadapter.dll ]] || continue
        if [[ $name == Integration* ]]; then boots+=("$directory/Hospes.$name.dll"); else printf '%s\n' "$directory/Hospes.$name.dll"; fi
    done
    printf '%s\n' "${boots[@]}"
}

# One attribute of the counters of a trx file.
counter() { grep -o '<Counters [^>]*>' "$TEST_RESULTS/all.trx" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"; }

# Every skipped test with its reason; the file has one element a line.
skipped_tests() {
    awk '
        /<UnitTestResult .*outcome="NotExecuted"/ {
            name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name); why = "it says no reason"; inside = !/\/>/
        }
        inside && /<Message>/ { why = $0; sub(/.*<Message>/, "", why); sub(/<\/Message>.*/, "", why) }
        inside && /<\/UnitTestResult>/ { inside = 0; print name ": " why }
        /<UnitTestResult .*outcome="NotExecuted".*\/>/ { print name ": " why }
    ' "$TEST_RESULTS/all.trx" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#x[AD];/ /g; s/&amp;/\&/g'
}

# Assemblies in which no case was found: a failure, unless only some tests were asked for.
silent_assemblies() {
    local assembly
    for assembly in "$@"; do
        grep -qiF "storage=\"$assembly\"" "$TEST_RESULTS/all.trx" || printf '%s\n' "$(basename "$assembly")"
    done
}

summarize() {
    local status=$1 passed failed skipped silent=''
    shift
    if [[ ! -f $TEST_RESULTS/all.trx ]]; then
        printf '0 passed, 1 failed\n'
        return 1
    fi
    passed=$(counter passed)
    failed=$(($(counter failed) + $(counter error) + $(counter timeout) + $(counter aborted)))
    skipped=$(skipped_tests)
    [[ -n $TEST_FILTER ]] || silent=$(silent_assemblies "$@")
    if [[ -n $silent ]]; then
        printf 'no test was found in: %s\n' "${silent//$'\n'/ }"
        failed=$((failed + $(wc -l <<<"$silent")))
    fi
    # A test host that crashed fails no test by name; it must not pass for success.
    ((failed > 0 || status == 0)) || failed=1
    ((passed + failed > 0)) || failed=1
    if [[ -n $skipped ]]; then
        printf '%s skipped:\n%s\n' "$(wc -l <<<"$skipped")" "$(sed 's/^/  /' <<<"$skipped")"
    else
        printf '0 skipped\n'
    fi
    printf '%s passed, %s failed\n' "$passed" "$failed"
    ((failed == 0))
}

command_test() {
    TEST_FILTER=${1:-}
    local assemblies options=() status=0
    # However this ends early, the last line says that something failed.
    trap 'printf "0 passed, 1 failed\n"' EXIT
    ensure_setup
    install_needs "${TEST_NEEDS[@]}"
    ensure_built
    command_kernel cloud generic >/dev/null
    step 'Building the tests'
    mkdir -p "$TEST_RESULTS"
    quietly "$TEST_RESULTS/build.log" build_tests
    mapfile -t assemblies < <(test_assemblies)
    ((${#assemblies[@]})) || die 'No test assembly was found.'
    [[ -z $TEST_FILTER ]] || options+=(--filter "$TEST_FILTER")
    step "Running the tests of ${#assemblies[@]} assemblies"
    rm -f "$TEST_RESULTS/all.trx"
    HOSPES_TREE=$HOSPES_TREE HOSPES_CACHE=$HOSPES_CACHE HOSPES_TEST_KERNELS=$HOSPES_CACHE/kernels \
        env -u HOSPES_ROOT -u HOSPES_PLUGINS dotnet test "${assemblies[@]}" "${options[@]}" --results-directory "$TEST_RESULTS" --logger 'trx;LogFileName=all.trx' \
        --blame-hang-timeout 15min --blame-hang-dump-type none || status=$?
    trap - EXIT
    summarize "$status" "${assemblies[@]}"
}
