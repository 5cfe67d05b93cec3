namespace Hospes.Hypervisor.Backends.Block;

/// <summary>How a disk is offered to a guest.</summary>
public sealed record BlockOptions
{
    /// <summary>The guest may write.</summary>
    public bool IsWritable { get; init; }

    /// <summary>It is a CD-ROM drive, whose medium can change.</summary>
    public bool IsCdrom { get; init; }

    /// <summary>Rings that the guest may use, each with a thread.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>The medium's own unit, for a guest to align to; bytes.</summary>
    public int PhysicalSectorSize { get; init; } = 512;

    /// <summary>The guest may keep its pages granted; it copies what it reads and writes then.</summary>
    public bool OffersPersistentGrants { get; init; }

    /// <summary>Transfers go by io_uring where the system has it.</summary>
    public bool UsesUring { get; init; } = true;
}
