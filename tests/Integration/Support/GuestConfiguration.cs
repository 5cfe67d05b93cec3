namespace Hospes.Integration.Support;

/// <summary>A configuration file as a person would write it.</summary>
internal sealed record GuestConfiguration(string Name)
{
    public string Kernel { get; init; } = Tree.CloudKernel;

    public string? Ramdisk { get; init; } = Tree.Initrd;

    public int MemoryMiB { get; init; } = 256;

    /// <summary>What follows <c>console=hvc0</c> on the kernel's command line.</summary>
    public string Extra { get; init; } = "";

    public string OnReboot { get; init; } = "restart";

    public string OnCrash { get; init; } = "destroy";

    /// <summary>Further lines, as they are.</summary>
    public string More { get; init; } = "";

    public override string ToString() => $"""
        name = "{Name}"
        kernel = "{Kernel}"
        {(Ramdisk is null ? "" : $"ramdisk = \"{Ramdisk}\"")}
        memory = {MemoryMiB}
        extra = "{$"console=hvc0 {Extra}".TrimEnd()}"
        on_poweroff = "destroy"
        on_reboot = "{OnReboot}"
        on_crash = "{OnCrash}"
        {More}

        """;
}
