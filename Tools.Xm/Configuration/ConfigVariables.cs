namespace Hospes.Xm.Configuration;

/// <summary>All variables (fact sheet "Domain configuration", section 3; xl's newer ones at the end), in the order of help.</summary>
internal static class ConfigVariables
{
    public static IReadOnlyList<ConfigVariable> All { get; } =
    [
        Text("name", "NAME", "Name of the domain; it has to be unique. The configuration file's if not given."),
        Text("uuid", "UUID", "Identity of the domain over its whole life. Random if not given."),
        Text("builder", "linux|hvm", "What machine the guest sees: Xen's own interfaces or an emulated PC."),
        Text("kernel", "FILE", "Kernel image."),
        Text("ramdisk", "FILE", "Initial ramdisk."),
        Text("features", "NAME|NAME", "Features that the guest kernel is to use."),
        Number("memory", "MiB", "Memory at the start.", 1),
        Number("maxmem", "MiB", "The most memory it may ever have. As memory if not given.", 0),
        Number("shadow_memory", "MiB", "Memory for shadow page tables; 0 lets xend choose.", 0),
        Number("vcpus", "N", "How many VCPUs the domain has.", 1),
        Number("vcpu_avail", "MASK", "Which VCPUs are online at the start, as a bit mask.", 0),
        Number("cpu", "CPU", "Deprecated: use cpus.", -1),
        new("cpus", VariableKind.TextOrNumber, "CPUS", "Which CPUs of the host it may run on, such as 0-3,5,^1."),
        Number("cpu_cap", "PERCENT", "The most it may use, in percent of one CPU; 0 is no limit.", 0),
        Number("cpu_weight", "WEIGHT", "Its share of the CPUs against other domains'.", 1),
        Text("root", "DEVICE", "Root device for the kernel's command line."),
        new("extra", VariableKind.TextOrNumber, "ARGS", "More arguments for the kernel."),
        Text("ip", "ADDRESS", "IP address of the domain."),
        Text("netmask", "MASK", "Network mask of the domain."),
        Text("gateway", "ADDRESS", "Gateway of the domain."),
        Text("hostname", "NAME", "Host name of the domain."),
        Text("interface", "DEVICE", "Network interface that the kernel sets up; eth0 if not given."),
        Text("dhcp", "off|dhcp", "Whether the kernel asks for its address by DHCP."),
        Text("nfs_server", "ADDRESS", "NFS server of the root file system."),
        Text("nfs_root", "PATH", "Directory of the root file system on the NFS server."),
        List("disk", "'phy:DEV,VDEV,MODE[,DOM]'", "Disks: what on the host, what in the domain, r or w, and the domain that serves it."),
        List("vif", "'mac=MAC, bridge=BRIDGE'", "Network interfaces. An empty string takes all defaults. Keys: type, mac, bridge, ip, script, backend, vifname, rate, model, accel, policy, label."),
        Number("nics", "N", "Deprecated: write one vif entry for each interface.", -1),
        List("vfb", "'type=vnc, vncunused=1'", "Virtual frame buffer. Keys: type, vnclisten, vncunused, vncdisplay, display, xauthority, vncpasswd, keymap."),
        List("vtpm", "'instance=N, backend=DOM'", "Virtual TPM."),
        List("pci", "'BUS:SLOT.FUNC'", "PCI devices that are passed through."),
        List("ioports", "'FROM[-TO]'", "Legacy I/O ports that the domain may use, in hexadecimal."),
        List("irq", "'IRQ'", "Interrupt lines that the domain may use."),
        List("usbport", "'PATH'", "USB ports of the host that the domain may use."),
        List("access_control", "'policy=POLICY, label=LABEL'", "Security label of the domain."),
        Text("bootloader", "FILE", "Boot loader that fetches the kernel from the domain's disk."),
        Text("bootargs", "ARGS", "Arguments for the boot loader."),
        Text("bootentry", "ENTRY", "Deprecated: use bootargs."),
        Text("on_poweroff", "destroy|restart|preserve|rename-restart", "What follows when the domain powers off."),
        Text("on_reboot", "destroy|restart|preserve|rename-restart", "What follows when the domain reboots."),
        Text("on_crash", "destroy|restart|preserve|rename-restart", "What follows when the domain crashes."),
        Text("restart", "onreboot|always|never", "Deprecated: use on_poweroff, on_reboot and on_crash."),
        Text("on_xend_start", "ignore|start", "What becomes of a managed domain when xend starts."),
        Text("on_xend_stop", "ignore|shutdown|suspend", "What becomes of a managed domain when xend stops."),
        Flag("blkif", "The domain serves disks to others."),
        Flag("netif", "The domain serves network interfaces to others."),
        Flag("tpmif", "The domain serves TPMs to others."),
        Flag("localtime", "The domain's clock shows local time."),
        new("rtc_timeoffset", VariableKind.TextOrNumber, "SECONDS", "Offset of the domain's clock."),
        Flag("vncviewer", "Deprecated: connect a viewer to the domain's display."),
        Flag("vncconsole", "Deprecated: connect a viewer to the domain's display."),
        Text("device_model", "FILE", "Program that emulates devices."),
        Flag("pae", "The guest may use PAE."),
        Flag("acpi", "The guest finds ACPI tables."),
        Flag("apic", "The guest finds an APIC."),
        Text("boot", "a|b|c|d|n", "Order of the devices that the guest boots from."),
        Text("fda", "FILE", "First floppy disk."),
        Text("fdb", "FILE", "Second floppy disk."),
        Text("serial", "DEVICE", "Where the serial port leads."),
        Flag("monitor", "Monitor of the device model."),
        Text("keymap", "NAME", "Keyboard layout."),
        Flag("usb", "The guest finds a USB controller."),
        Text("usbdevice", "NAME", "USB device in the guest: mouse, tablet."),
        Flag("stdvga", "The guest finds a standard VGA card instead of a Cirrus."),
        Flag("isa", "The guest finds an ISA bus only."),
        Flag("nographic", "No display at all."),
        Text("soundhw", "sb16|es1370|all", "Sound cards."),
        Flag("vnc", "Show the display by VNC."),
        new("vncdisplay", VariableKind.TextOrNumber, "N", "VNC display number."),
        Text("vnclisten", "ADDRESS", "Address on which VNC listens."),
        Flag("vncunused", "Take the first unused VNC display."),
        Text("vncpasswd", "PASSWORD", "Password for VNC."),
        Flag("sdl", "Show the display in an X window."),
        Text("display", "DISPLAY", "X display."),
        Text("xauthority", "FILE", "X authority file."),
        Text("type", "pv|pvh|hvm", "As xl has it: what machine the guest sees."),
        Text("cmdline", "ARGS", "As xl has it: the kernel's command line, instead of root and extra."),
        Number("maxvcpus", "N", "As xl has it: how many VCPUs there are, of which vcpus are online at the start.", 1),
        Text("firmware", "NAME", "As xl has it: ignored, each machine has its own firmware."),
    ];

    /// <summary>What later versions of Xen and xl have added: not used here, and not a misspelt word either.</summary>
    public static IReadOnlySet<string> Elsewhere { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "acpi_firmware", "acpi_s3", "acpi_s4", "altp2m", "bios", "cdrom", "channel", "claim_mode", "console", "cpuid", "cpus_soft",
        "device_model_args", "device_model_override", "device_model_version", "driver_domain", "enable-audio", "event_channels", "full-screen",
        "gfx_passthru", "guest_os_type", "hap", "hdtype", "hpet", "hpet_mode", "ioapic", "iomem", "irqs", "max_event_channels",
        "max_grant_frames", "mmio_hole", "ne2000", "nestedhvm", "nomigrate", "numa_placement", "on_soft_reset", "on_watchdog", "opengl", "p9", "passthrough",
        "pci_msitranslate", "pci_permissive", "pci_power_mgmt", "pci_seize", "pool", "ramdisk_args", "rdm", "s3_integrity", "scsi", "seclabel", "serial_port",
        "smbios_firmware", "snapshot", "spice", "spicehost", "spiceport", "superpages", "suppress_spurious_page_faults", "system_firmware", "timer_mode",
        "tsc_mode", "tsc_native", "uefi", "usb_version", "usbctrl", "usbdev", "vbios", "vdispl", "vga", "videoram", "viridian", "vkb", "vnuma", "vpt_align",
        "vscsi", "vsnd", "vuart", "watchdog", "xen_extended_power_mgmt", "xen_platform_pci", "xsave",
    };

    public static ConfigVariable? Find(string name) => All.FirstOrDefault(variable => variable.Name == name);

    private static ConfigVariable Text(string name, string values, string help) => new(name, VariableKind.Text, values, help);

    private static ConfigVariable Number(string name, string values, string help, long minimum) =>
        new(name, VariableKind.Integer, values, help) { Minimum = minimum };

    private static ConfigVariable Flag(string name, string help) => new(name, VariableKind.Flag, "0|1", help);

    private static ConfigVariable List(string name, string values, string help) => new(name, VariableKind.TextList, values, help);
}
