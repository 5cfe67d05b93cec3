using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// A cached translation. Tags hold the linear page address when that access is allowed straight away, else the context's
/// <see cref="State.CpuContext.NoPage"/>. A page of device space never gets an entry; a page with decoded code never gets a write tag. Emitted code knows
/// this layout and that of a TLB: its recent pages, its first level, its second.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TlbEntry
{
    /// <summary>Entries of the first level; direct-mapped by the page number's low bits.</summary>
    internal const int Count = 1024;

    /// <summary>The second level's sets are numbered by so many bits of the page number, exclusive or the next so many.</summary>
    internal const int SetBits = 8;

    /// <summary>Entries of a set.</summary>
    internal const int Ways = 4;

    /// <summary>Entries of the second level.</summary>
    internal const int SecondCount = Ways << SetBits;

    /// <summary>Copies of entries that emitted code keeps for one kind of access each, at negative indexes (see <see cref="RecentPage"/>), and one place that keeps the entries aligned.</summary>
    internal const int RecentPages = 4;

    /// <summary>From one TLB to the next.</summary>
    internal const int Stride = RecentPages + Count + SecondCount;

    internal ulong ReadTag;
    internal ulong WriteTag;

    /// <summary>Host address minus linear address.</summary>
    internal nint Addend;

    /// <summary>Host address of the page.</summary>
    internal nint Page;
}
