# shellcheck shell=bash
# Measures against a peer in the same run; see bench/.

BENCH_PROGRAM=$OUT/bench/Hospes.Bench

bench_sources_newer() { [[ -n $(find "$HOSPES_TREE/bench" -name bin -prune -o -name obj -prune -o -type f -newer "$BENCH_PROGRAM" -print -quit) ]]; }

ensure_bench_built() {
    [[ -x $BENCH_PROGRAM ]] && ! bench_sources_newer && return
    step 'Building the benchmarks'
    quietly "$OUT/bench.log" dotnet publish "$HOSPES_TREE/bench/Bench.csproj" -c Release -nologo -v:quiet -o "$OUT/bench"
    touch "$BENCH_PROGRAM"
}

# fio with its libraries, as a disk that both guests mount.
make_fio_image() {
    local target=$HOSPES_CACHE/fio.img tree library
    [[ -s $target ]] && return
    install_needs 'fio|fio|there is no fio for the guests' 'e2fsprogs|mkfs.ext4|there is no file system to put fio on'
    have fio || die 'fio is not here.' 'As root: apt-get install -y --no-install-recommends fio'
    tree=$(mktemp -d)
    mkdir "$tree/lib"
    cp "$(command -v fio)" "$tree/fio"
    cp -L /lib64/ld-linux-x86-64.so.2 "$tree/ld.so"
    for library in $(ldd "$tree/fio" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p'); do cp -L "$library" "$tree/lib/"; done
    truncate -s 300M "$target.new"
    quietly "$HOSPES_CACHE/mkfs.log" mkfs.ext4 -q -d "$tree" "$target.new"
    rm -rf "$tree"
    mv "$target.new" "$target"
}

command_bench() {
    local initrd program programs=()
    (($#)) || die 'No measure was named.' 'There are: ./hospes bench acm, boot, control, cpu, sched, net, disk. Each takes --runs N and --memory MIB.'
    ensure_setup
    if [[ $1 != control ]]; then
        install_needs "${BENCH_NEEDS[@]}"
    fi
    case $1 in
        control) ;;
        acm) have iperf3 || die 'iperf3 is not here.' 'As root: apt-get install -y --no-install-recommends iperf3' ;;
        *) have qemu-system-x86_64 || die 'The peer, qemu-system-x86_64, is not here.' 'As root: apt-get install -y --no-install-recommends qemu-system-x86' ;;
    esac
    ensure_built
    ensure_bench_built
    command_kernel cloud >/dev/null
    initrd=$(initrd_path)
    if [[ $1 == net ]]; then
        can_have_network || die 'The network is measured in network namespaces, which only root makes here.'
        have iperf3 || die 'iperf3 is not here.' 'As root: apt-get install -y --no-install-recommends iperf3'
        initrd=$HOSPES_CACHE/initrd-net.img
        make_program_initrd "$initrd" "$(command -v iperf3)"
    elif [[ $1 == cpu ]]; then
        install_needs "${BENCH_CPU_NEEDS[@]}"
        for program in "${BENCH_CPU_PROGRAMS[@]}"; do
            have "$program" || die "$program, a part of the work, is not here." 'As root: apt-get install -y --no-install-recommends perl-base openssl mbw stress-ng'
            programs+=("$(command -v "$program")")
        done
        initrd=$HOSPES_CACHE/initrd-cpu.img
        make_program_initrd "$initrd" "${programs[@]}"
    fi
    [[ $1 != disk ]] || make_fio_image
    HOSPES_BENCH_FIO=$HOSPES_CACHE/fio.img HOSPES_BENCH_KERNEL=$(readlink -f "$(kernel_path cloud)") HOSPES_BENCH_INITRD=$initrd \
        HOSPES_BENCH_HOST=$HOST_PROGRAM HOSPES_BENCH_XM=$XM_PROGRAM "$BENCH_PROGRAM" "$@"
}
