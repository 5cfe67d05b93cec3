namespace Hospes.Sdk.Engines;

/// <summary>
/// A virtual CPU's architectural state, the same for every engine, so that a domain saved under one resumes under another. A plain record of values:
/// nothing in it refers to an engine.
/// </summary>
public sealed class CpuState
{
    /// <summary>rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15.</summary>
    public ulong[] Registers { get; } = new ulong[16];

    /// <summary>Instruction pointer.</summary>
    public ulong Rip { get; set; }

    /// <summary>Flags, bit 1 always set.</summary>
    public ulong Rflags { get; set; } = 2;

    /// <summary>es, cs, ss, ds, fs, gs (the order of the instruction encoding).</summary>
    public SegmentState[] Segments { get; } = new SegmentState[6];

    /// <summary>Local descriptor table register.</summary>
    public SegmentState Ldtr { get; set; }

    /// <summary>Task register.</summary>
    public SegmentState Tr { get; set; }

    /// <summary>Base of the global descriptor table.</summary>
    public ulong GdtrBase { get; set; }

    /// <summary>Limit of the global descriptor table, bytes minus one.</summary>
    public ushort GdtrLimit { get; set; }

    /// <summary>Base of the interrupt descriptor table.</summary>
    public ulong IdtrBase { get; set; }

    /// <summary>Limit of the interrupt descriptor table, bytes minus one.</summary>
    public ushort IdtrLimit { get; set; }

    /// <summary>Control register 0.</summary>
    public ulong Cr0 { get; set; }

    /// <summary>Page-fault address.</summary>
    public ulong Cr2 { get; set; }

    /// <summary>Page-table base (and PCID).</summary>
    public ulong Cr3 { get; set; }

    /// <summary>Control register 4.</summary>
    public ulong Cr4 { get; set; }

    /// <summary>Debug registers 0-3, 6, 7 at their own numbers.</summary>
    public ulong[] DebugRegisters { get; } = new ulong[8];

    /// <summary>Extended-feature control register 0.</summary>
    public ulong Xcr0 { get; set; } = 1;

    /// <summary>Model-specific registers that the CPU itself keeps (EFER, STAR, LSTAR, KERNEL_GS_BASE, SYSENTER_*, TSC_AUX, PAT, ...), by index.</summary>
    public SortedDictionary<uint, ulong> Msrs { get; } = [];

    /// <summary>x87, MMX, SSE and further vector state as an XSAVE area in standard format: 512 bytes legacy, 64 header, then components.</summary>
    public byte[] ExtendedState { get; set; } = new byte[576];

    /// <summary>The next instruction boundary takes no interrupt (after STI, or a load of SS).</summary>
    public bool InterruptShadow { get; set; }

    /// <summary>An NMI handler is running: no further NMI until IRET.</summary>
    public bool NmiBlocked { get; set; }

    /// <summary>The CPU is in HLT.</summary>
    public bool IsHalted { get; set; }
}
