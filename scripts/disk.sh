# shellcheck shell=bash
# A real Debian on a disk: made by debootstrap once, kept in the cache, and each demo runs on a clone of it.

DISK_NEEDS=('debootstrap|debootstrap|there is no Debian to put on a disk' 'e2fsprogs|mkfs.ext4|there is no file system to put it on')
DISK_SIZE=2G
DISK_BOOT_LIMIT=300

debian_image() { printf '%s/debian.img\n' "$HOSPES_CACHE"; }

# The mirror of this machine, else Debian's own.
debian_mirror() {
    local mirror
    mirror=$(sed -n 's/^URIs: *\(http[^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\(http[^ ]*\) bookworm main.*/\2/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1) || true
    printf '%s\n' "${mirror:-http://deb.debian.org/debian}"
}

make_debian_image() {
    local target tree version
    target=$(debian_image)
    [[ -s $target ]] && return
    tree=$HOSPES_CACHE/debian.tree
    is_root || die 'Only root can make a Debian disk: debootstrap changes into it.' "Root may run './hospes demo --disk' once; the disk is then $target"
    install_needs "${DISK_NEEDS[@]}"
    if [[ ! -f $tree.done ]]; then
        step 'Making a Debian with debootstrap; this takes some minutes, once'
        rm -rf "$tree"
        quietly "$HOSPES_CACHE/debootstrap.log" debootstrap --variant=minbase --include=systemd-sysv,udev,e2fsprogs,procps,dbus \
            bookworm "$tree" "$(debian_mirror)"
        touch "$tree.done"
    fi
    version=$(kernel_version "$(kernel_path cloud)")
    settle_debian "$tree" "$version"
    step 'Making its disk'
    rm -f "$target.new"
    truncate -s "$DISK_SIZE" "$target.new"
    quietly "$HOSPES_CACHE/mkfs.log" mkfs.ext4 -q -L debian -d "$tree" "$target.new"
    mv "$target.new" "$target"
    rm -rf "$tree" "$tree.done"
}

# settle_debian TREE VERSION - its own kernel and menu, a terminal on the Xen console, root without a password.
settle_debian() {
    local tree=$1 version=$2
    mkdir -p "$tree/boot/grub" "$tree/lib/modules/$version"
    cp "$(readlink -f "$(kernel_path cloud)")" "$tree/boot/vmlinuz-$version"
    cp "$(initrd_path)" "$tree/boot/initrd.img-$version"
    cat >"$tree/boot/grub/grub.cfg" <<MENU
set default="0"
menuentry 'Debian GNU/Linux' {
    linux /boot/vmlinuz-$version root=/dev/xvda rw console=hvc0
    initrd /boot/initrd.img-$version
}
MENU
    printf 'debian\n' >"$tree/etc/hostname"
    printf '/dev/xvda / ext4 defaults 0 1\n' >"$tree/etc/fstab"
    sed -i 's/^root:[^:]*:/root::/' "$tree/etc/shadow"
    # The demo's own: writes until it is stopped, when the kernel's command line asks for that.
    cat >"$tree/etc/systemd/system/hospes-write.service" <<'UNIT'
[Unit]
Description=Writing without end
ConditionKernelCommandLine=hospes.write

[Service]
ExecStart=/bin/sh -c 'while :; do dd if=/dev/urandom of=/root/junk bs=64k count=64 conv=fsync status=none; mv /root/junk /root/old; done'

[Install]
WantedBy=multi-user.target
UNIT
    mkdir -p "$tree/etc/systemd/system/multi-user.target.wants"
    ln -sf ../hospes-write.service "$tree/etc/systemd/system/multi-user.target.wants/hospes-write.service"
    # What a guest of this size does not need at each boot.
    rm -f "$tree"/etc/systemd/system/timers.target.wants/*
}

disk_prepare() {
    demo_prepare
    make_debian_image
    DISK_WORK=$HOSPES_ROOT/var/lib/xend/demo.qcow2
    rm -f "$DISK_WORK"
    show hospes image create --parent "$(debian_image)" --parent-format raw "$DISK_WORK"
    host image create --parent "$(debian_image)" --parent-format raw "$DISK_WORK"
}

disk_create() {
    show xm create "$@"
    xm create "$@"
}

# The words of the configuration: no kernel is named, so the boot loader finds the disk's own.
disk_words() {
    printf '%s\n' /dev/null "name=$DEMO_NAME" memory=512 bootloader=pygrub "disk=tap:qcow2:$DISK_WORK,xvda,w"
}

disk_interactive() {
    trap demo_cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    disk_prepare
    local words
    mapfile -t words < <(disk_words)
    step "A Debian boots now, here. Log in as root, without a password. Ctrl-] leaves its console, 'poweroff' in it ends it."
    DEMO_GUEST_IS_OURS=yes
    disk_create -c "${words[@]}"
    if demo_guest_runs; then
        trap - EXIT INT TERM
        note "The guest runs on. './hospes xm console $DEMO_NAME' returns to it; './hospes down' ends everything."
    else
        await_end
        DEMO_GUEST_IS_OURS=''
    fi
}

# To the login prompt, writing while it is destroyed, a check of the file system; then the same disk again, shut down in order, and a check.
disk_tour() {
    trap demo_cleanup EXIT
    trap 'printf "Interrupted.\n" >&2; exit 130' INT
    trap 'exit 143' TERM
    disk_prepare
    local words log=$HOSPES_ROOT/var/log/xen/console/guest-$DEMO_NAME.log begun
    mapfile -t words < <(disk_words)

    rm -f "$log"
    begun=$SECONDS
    DEMO_GUEST_IS_OURS=yes
    disk_create "${words[@]}" extra=hospes.write </dev/null
    await_line "$log" 'debian login:' "$DISK_BOOT_LIMIT"
    note "a login prompt after $((SECONDS - begun)) s"
    # Somewhere in the middle of its writes, none of them special.
    sleep 5
    show xm block-list "$DEMO_NAME"
    xm block-list "$DEMO_NAME"
    show xm destroy "$DEMO_NAME"
    xm destroy "$DEMO_NAME"
    await_end
    disk_check 'destroyed in the middle of writes'

    rm -f "$log"
    disk_create "${words[@]}" </dev/null
    await_line "$log" 'debian login:' "$DISK_BOOT_LIMIT"
    show xm shutdown -w "$DEMO_NAME"
    timeout "$SHUTDOWN_LIMIT" "$XM_PROGRAM" shutdown -w "$DEMO_NAME" || die "The guest did not shut down within $SHUTDOWN_LIMIT s."
    await_end
    DEMO_GUEST_IS_OURS=''
    disk_check 'shut down'
    rm -f "$DISK_WORK"
    demo_finish
}

# The image first, then the file system on it, as it lies: replaying the journal is what any mount does, finding a fault is not allowed.
disk_check() {
    local plain=$HOSPES_ROOT/var/lib/xend/demo.raw status=0
    show hospes image check "$DISK_WORK"
    host image check "$DISK_WORK" || die "The image is damaged after the guest was $1."
    rm -f "$plain"
    host image convert --to raw "$DISK_WORK" "$plain"
    show e2fsck -p "$plain"
    e2fsck -p "$plain" || status=$?
    ((status <= 1)) && status=0
    ((status == 0)) && e2fsck -f -n "$plain" >"$HOSPES_CACHE/fsck.log" 2>&1 || die "The file system is damaged after the guest was $1." "$HOSPES_CACHE/fsck.log"
    rm -f "$plain"
    step "The file system is whole after the guest was $1."
}
