# shellcheck shell=bash
# What the machine must have. Nothing here asks: as root missing packages are installed, otherwise the command is printed.

# package | a program of it | what is lost without it
NEEDS=(
    'python3|python3|configuration files with Python in them (xmexample2) cannot be evaluated'
    'busybox-static||the guest of the demo and the tests gets a downloaded busybox instead'
    'nftables|nft|guests have no network'
    'xenstore-utils|xenstore-ls|the store is not shown by Debian'"'"'s own tools, and their tests are skipped'
)
# What the tests also judge by; without them those tests are skipped, and say so.
TEST_NEEDS=(
    'systemd|systemd-analyze|the units of xend and xendomains are not verified'
    'gdb|gdb|whether gdb opens a core of a guest is not tried'
    'groff-base|groff|the manual pages are not formatted'
    'chromium|chromium|the page for making policies is not tried in a browser'
)
BENCH_NEEDS=('qemu-system-x86|qemu-system-x86_64|there is no peer to measure against'
    'iperf3|iperf3|the network cannot be measured')

# And what the guests of 'bench cpu' run.
BENCH_CPU_NEEDS=('perl-base|perl|a guest has no perl to run' 'openssl|openssl|a guest has no openssl to run' 'mbw|mbw|a guest has no mbw to run'
    'stress-ng|stress-ng|a guest has no stress-ng to run')
BENCH_CPU_PROGRAMS=(perl openssl mbw stress-ng)

package_is_there() {
    local package=$1 program=$2
    if [[ -n $program ]] && have "$program"; then return 0; fi
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep 'ok installed' >/dev/null
}

need_debian() {
    have apt-get && have dpkg-deb ||
        die 'This machine has no apt-get: kernels and packages come from Debian.' 'Hospes is made for Debian 12 on x86-64.'
    [[ $(uname -m) == x86_64 ]] || die "This machine is $(uname -m); Hospes runs on x86-64 only."
}

need_dotnet() {
    if have dotnet && dotnet --list-sdks 2>/dev/null | grep '^10\.' >/dev/null; then return; fi
    die 'The .NET SDK 10 is not here.' 'It comes from Microsoft'"'"'s package feed: apt-get install dotnet-sdk-10.0 after adding it as' \
        'https://learn.microsoft.com/dotnet/core/install/linux-debian says, or without root by their dotnet-install.sh --channel 10.0.'
}

# install_needs ROW... - as root installs what is missing; otherwise says what is missing and goes on.
install_needs() {
    local row package program loss missing=() losses=()
    for row in "$@"; do
        IFS='|' read -r package program loss <<<"$row"
        if package_is_there "$package" "$program"; then continue; fi
        missing+=("$package")
        losses+=("without $package, $loss")
    done
    ((${#missing[@]})) || return 0
    if is_root; then
        step "Installing ${missing[*]}"
        export DEBIAN_FRONTEND=noninteractive
        if ! apt-get -q install -y --no-install-recommends "${missing[@]}" >"$HOSPES_CACHE/setup.log" 2>&1; then
            apt-get -q update >>"$HOSPES_CACHE/setup.log" 2>&1 || true
            quietly "$HOSPES_CACHE/setup.log" apt-get -q install -y --no-install-recommends "${missing[@]}"
        fi
        return 0
    fi
    warn "these Debian packages are not installed: ${missing[*]}"
    for row in "${losses[@]}"; do note "$row"; done
    note "Only root can install them: sudo apt-get install -y --no-install-recommends ${missing[*]}"
}

# What the other verbs call: silent when all is there.
ensure_setup() {
    mkdir -p "$HOSPES_CACHE" 2>/dev/null && [[ -w $HOSPES_CACHE ]] ||
        die "$HOSPES_CACHE cannot be written." 'Set HOSPES_CACHE to a directory of yours (and HOSPES_ROOT to another for the state).'
    need_debian
    need_dotnet
    install_needs "${NEEDS[@]}"
}

command_setup() {
    ensure_setup
    install_needs "${TEST_NEEDS[@]}"
    [[ ${1:-} == --bench ]] && install_needs "${BENCH_NEEDS[@]}"
    step 'Everything needed that could be set up is here.'
    if ! is_root; then
        note 'You are not root, and need not be. Root would add: installing packages, the system'"'"'s own places instead of'
        note "$HOSPES_ROOT (HOSPES_ROOT=/), kernels and images only root may read, and guests larger than your limits allow."
    fi
}
