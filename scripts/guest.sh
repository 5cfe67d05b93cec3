# shellcheck shell=bash
# The guest that the demo, the tests and the benchmark boot: Debian's own kernels, unmodified, and an initrd made of
# busybox-static and the files of scripts/guest. Everything is fetched and unpacked in the cache, so none of it needs root.

# kernels/vmlinuz-VERSION-cloud-amd64 and so on, each with a link kernels/cloud or kernels/generic to the newest.
kernel_path() { printf '%s/kernels/%s\n' "$HOSPES_CACHE" "$1"; }
initrd_path() { printf '%s/initrd.img\n' "$HOSPES_CACHE"; }
# modules/VERSION/: the guest's modules, flat, and 'order', the order in which they are to be loaded.
modules_path() { printf '%s/modules\n' "$HOSPES_CACHE"; }

# What the small guest needs beside the kernel: disks, network, ext4 where that is a module. A module that a kernel has built in is not in its package.
GUEST_MODULES=(crc16 crc32c_generic mbcache jbd2 ext4 xen-blkfront xen-netfront)
# And what it needs of the peer's machine, when the benchmark boots it there (hospes.peer on the command line): 'order.peer'.
PEER_MODULES=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk)

# What a peer's emulated machine needs in the benchmarks; kept beside the others and loaded by nobody else.
BENCH_MODULES=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci failover net_failover virtio_net)

# By which a guest's programs reach for other domains: the tests of the security policy load them, nobody else does.
TEST_MODULES=(xen-evtchn xen-gntdev xen-gntalloc xen-privcmd)

# Options that give apt lists of its own in the cache: for users other than root, and for machines whose lists are old.
private_apt() {
    local state=$HOSPES_CACHE/apt
    mkdir -p "$state/lists/partial" "$state/archives/partial"
    apt-get -o Dir::State::lists="$state/lists" -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives" -o Debug::NoLocking=1 "$@"
}

# The package that a meta package stands for today (linux-image-cloud-amd64 -> linux-image-6.1.0-NN-cloud-amd64).
real_kernel_package() {
    local state=$HOSPES_CACHE/apt options=()
    [[ $2 == private ]] && options=(-o Dir::State::lists="$state/lists" -o Dir::Cache="$state")
    apt-cache "${options[@]}" depends --no-recommends "$1" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

# download_package PACKAGE DIRECTORY - its .deb, by the machine's own apt lists when they are good, else by fresh ones.
download_package() {
    local package=$1 directory=$2 real
    mkdir -p "$directory"
    if [[ $package == linux-image-*amd64 ]]; then real=$(real_kernel_package "$package" machine); else real=$package; fi
    if [[ -n $real ]] && (cd "$directory" && apt-get -q download "$real") >"$HOSPES_CACHE/apt.log" 2>&1; then return; fi
    note "apt's lists do not have it; fetching fresh ones into the cache"
    private_apt -q update >>"$HOSPES_CACHE/apt.log" 2>&1 || true
    if [[ $package == linux-image-*amd64 ]]; then real=$(real_kernel_package "$package" private); fi
    if [[ -n $real ]] && (cd "$directory" && private_apt -q download "$real") >>"$HOSPES_CACHE/apt.log" 2>&1; then return; fi
    tail -n 5 "$HOSPES_CACHE/apt.log" >&2
    die "Debian's package $package could not be downloaded." "apt's words are in $HOSPES_CACHE/apt.log; is there a network, and a Debian mirror in /etc/apt?"
}

# vmlinuz-6.1.0-56-cloud-amd64, or a link to it -> 6.1.0-56-cloud-amd64
kernel_version() {
    local file
    file=$(basename "$(readlink -f "$1")")
    printf '%s\n' "${file#vmlinuz-}"
}

# take_modules DIRECTORY - of an unpacked kernel package, those that the guest needs.
take_modules() {
    local version target
    version=$(basename "$1"/lib/modules/*)
    target=$(modules_path)/$version
    rm -rf "$target"
    mkdir -p "$target"
    list_modules "$1" "$target" "${GUEST_MODULES[@]}" >"$target/order"
    list_modules "$1" "$target" "${PEER_MODULES[@]}" >"$target/order.peer"
    list_modules "$1" "$target" "${BENCH_MODULES[@]}" "${TEST_MODULES[@]}" >/dev/null
}

# list_modules FROM TO NAME... - copies those that there are, and prints their names.
list_modules() {
    local from=$1 to=$2 name file
    shift 2
    for name in "$@"; do
        file=$(find "$from/lib/modules" -name "$name.ko" -print -quit)
        [[ -n $file ]] || continue
        cp "$file" "$to/"
        printf '%s\n' "$name"
    done
}

# fetch_kernel cloud|generic
fetch_kernel() {
    local flavour=$1 package target work file
    case $flavour in
        cloud) package=linux-image-cloud-amd64 ;;
        generic) package=linux-image-amd64 ;;
        *) die "There is no kernel '$flavour'." "Known ones: cloud, generic." ;;
    esac
    target=$(kernel_path "$flavour")
    [[ -s $target && -s $(modules_path)/$(kernel_version "$target")/order.peer && -s $(modules_path)/$(kernel_version "$target")/virtio_pci.ko && -s $(modules_path)/$(kernel_version "$target")/xen-privcmd.ko ]] && return
    mkdir -p "$HOSPES_CACHE"
    step "Getting Debian's kernel ($package)"
    work=$HOSPES_CACHE/work.$$
    rm -rf "$work"
    mkdir -p "$work/boot" "$(dirname "$target")"
    download_package "$package" "$work"
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" --wildcards './boot/vmlinuz-*' './lib/modules/*.ko' ||
        die "The package in $work holds no kernel with modules."
    take_modules "$work"
    # The link comes last: an interrupted download leaves no half kernel behind.
    file=$(basename "$work"/boot/vmlinuz-*)
    mv "$work/boot/$file" "$(dirname "$target")/$file"
    ln -sfn "$file" "$target"
    rm -rf "$work"
}

# A static busybox: the machine's own, else one unpacked into the cache.
static_busybox() {
    local cached=$HOSPES_CACHE/busybox work
    if [[ ! -x $cached ]]; then
        if dpkg-query -W -f '${Status}' busybox-static 2>/dev/null | grep 'ok installed' >/dev/null; then
            cached=$(dpkg-query -L busybox-static | grep -m 1 '/bin/busybox$')
        else
            step 'Getting busybox-static'
            work=$HOSPES_CACHE/work.$$
            rm -rf "$work"
            mkdir -p "$work"
            download_package busybox-static "$work"
            dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" --wildcards './*bin/busybox' ||
                die "The package in $work holds no busybox."
            mv "$work"/*bin/busybox "$work"/usr/bin/busybox "$cached" 2>/dev/null || true
            rm -rf "$work"
            [[ -x $cached ]] || die 'The package busybox-static holds no busybox.'
        fi
    fi
    printf '%s\n' "$cached"
}

# --- The initrd: a cpio archive in the "newc" form (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). ---
# Written here, not by cpio: that program is not on every machine, and only root may make the device node it would read.

CPIO_INODE=0

# cpio_entry NAME MODE [FILE] [MAJOR MINOR] - header, name and data, each padded to four bytes. Times are zero: same input, same archive.
cpio_entry() {
    local name=$1 mode=$2 file=${3:-} major=${4:-0} minor=${5:-0} size=0
    [[ -n $file ]] && size=$(stat -c %s "$file")
    CPIO_INODE=$((CPIO_INODE + 1))
    printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
        "$CPIO_INODE" "$mode" 0 0 1 0 "$size" 0 0 "$major" "$minor" $((${#name} + 1)) 0 "$name"
    cpio_pad $((110 + ${#name} + 1))
    if [[ -n $file ]]; then
        cat "$file"
        cpio_pad "$size"
    fi
}

cpio_pad() {
    local left=$(((4 - $1 % 4) % 4))
    while ((left-- > 0)); do printf '\0'; done
}

# cpio_link NAME TARGET
cpio_link() {
    local text=$CPIO_WORK/link
    printf '%s' "$2" >"$text"
    cpio_entry "$1" $((8#120777)) "$text"
}

write_initrd() {
    local busybox=$1 source=$HOSPES_TREE/scripts/guest name
    CPIO_INODE=0
    for name in bin dev etc proc root sbin sys tmp; do cpio_entry "$name" $((8#040755)); done
    cpio_entry dev/console $((8#020600)) '' 5 1
    cpio_entry bin/busybox $((8#100755)) "$busybox"
    for name in $("$busybox" --list); do
        case $name in
            busybox | init | poweroff | reboot | halt) ;;
            *) cpio_link "bin/$name" busybox ;;
        esac
    done
    cpio_link sbin/init ../bin/busybox
    cpio_entry sbin/poweroff $((8#100755)) "$source/poweroff"
    cpio_entry sbin/reboot $((8#100755)) "$source/reboot"
    cpio_link sbin/halt poweroff
    write_modules
    cpio_entry init $((8#100755)) "$source/init"
    for name in hotplug network rc scale spin tour udhcpc work disk; do cpio_entry "etc/$name" $((8#100755)) "$source/$name"; done
    for name in inittab motd profile; do cpio_entry "etc/$name" $((8#100644)) "$source/$name"; done
    cpio_entry TRAILER!!! 0
}

# make_program_initrd TARGET PROGRAM... - the same, programs of this machine (Debian's) with what they are linked to, and etc/extra, which rc runs:
# archives in a row are one to the kernel.
make_program_initrd() {
    local target=$1 file directory program
    shift
    make_initrd
    if [[ -s $target && $target -nt $(initrd_path) ]]; then return; fi
    step "Making an initrd with $(basename -a "$@" | tr '\n' ' ')"
    CPIO_WORK=$(mktemp -d)
    {
        cat "$(initrd_path)"
        cpio_pad "$(stat -c %s "$(initrd_path)")"
        CPIO_INODE=100000
        for directory in lib/x86_64-linux-gnu lib64 usr usr/lib usr/lib/x86_64-linux-gnu; do cpio_entry "$directory" $((8#040755)); done
        for program in "$@"; do cpio_entry "bin/$(basename "$program")" $((8#100755)) "$program"; done
        while read -r file; do cpio_entry "${file#/}" $((8#100755)) "$(readlink -f "$file")"; done < <(ldd "$@" | grep -o '/[^ :]* (' | cut -d' ' -f1 | sort -u)
        cpio_entry etc/extra $((8#100755)) "$HOSPES_TREE/scripts/guest/extra"
        cpio_entry TRAILER!!! 0
    } >"$target.new"
    rm -rf "$CPIO_WORK"
    mv "$target.new" "$target"
}

write_modules() {
    local directory file
    cpio_entry lib $((8#040755))
    cpio_entry lib/modules $((8#040755))
    for directory in "$(modules_path)"/*/; do
        [[ -f $directory/order ]] || continue
        directory=${directory%/}
        cpio_entry "lib/modules/${directory##*/}" $((8#040755))
        for file in "$directory"/*; do cpio_entry "lib/modules/${directory##*/}/${file##*/}" $((8#100644)) "$file"; done
    done
}

make_initrd() {
    local target busybox
    target=$(initrd_path)
    mkdir -p "$(modules_path)"
    if [[ -s $target && -z $(find "$HOSPES_TREE/scripts/guest" "$HOSPES_TREE/scripts/guest.sh" "$(modules_path)" -newer "$target" -print -quit) ]]; then return; fi
    busybox=$(static_busybox) || exit 1
    step 'Making the guest'"'"'s initrd'
    CPIO_WORK=$(mktemp -d)
    write_initrd "$busybox" >"$target.new"
    rm -rf "$CPIO_WORK"
    mv "$target.new" "$target"
}

command_kernel() {
    local flavours=("$@") flavour
    ((${#flavours[@]})) || flavours=(cloud)
    mkdir -p "$HOSPES_CACHE"
    for flavour in "${flavours[@]}"; do
        fetch_kernel "$flavour"
        kernel_path "$flavour"
    done
    make_initrd
    initrd_path
}
