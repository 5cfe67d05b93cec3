namespace Hospes.Hypervisor.Domains;

/// <summary>Everything a domain process needs to know to build and run a domain. Serialised as JSON between Host and domain process.</summary>
public sealed record DomainConfiguration
{
    /// <summary>Its number.</summary>
    public required ushort DomainId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its identity over its whole life, reboots included.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>What machine the guest sees.</summary>
    public DomainKind Kind { get; init; } = DomainKind.Pvh;

    /// <summary>Absolute path of the kernel image.</summary>
    public required string Kernel { get; init; }

    /// <summary>Absolute path of the initial ramdisk, or null.</summary>
    public string? Ramdisk { get; init; }

    /// <summary>The kernel's whole command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>RAM at the start, MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>RAM it may ever have, MiB.</summary>
    public required int MaximumMemoryMiB { get; init; }

    /// <summary>How many vCPUs it has at most.</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>How much the wall clock that the guest finds is ahead of Unix time, in seconds: what <c>localtime</c> asks for.</summary>
    public int WallClockOffset { get; init; }

    /// <summary>Name of the execution engine, or <c>auto</c>.</summary>
    public string Engine { get; init; } = "auto";

    /// <summary>Name of the console back-end; empty where whoever makes the domain brings a console of its own.</summary>
    public string Console { get; init; } = "";

    /// <summary>How many bytes of console output are kept for people who attach later.</summary>
    public int ConsoleHistoryBytes { get; init; } = 1 << 20;
}
