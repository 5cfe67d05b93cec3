using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// A cached translation. Tags hold the linear page address when that access is allowed straight away, else <see cref="InvalidTag"/>. A page of device
/// space never gets an entry; a page with decoded code never gets a write tag. Emitted code knows this layout.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TlbEntry
{
    /// <summary>Entries of one TLB; direct-mapped by the page number's low bits.</summary>
    internal const int Count = 1024;

    /// <summary>From one TLB to the next: its entries and, before them, its recent pages.</summary>
    internal const int Stride = Count + RecentPages;

    /// <summary>Copies of entries that emitted code keeps for one kind of access each, at negative indexes: see <see cref="RecentPage"/>.</summary>
    internal const int RecentPages = 4;

    internal ulong ReadTag;
    internal ulong WriteTag;

    /// <summary>Host address minus linear address.</summary>
    internal nint Addend;

    /// <summary>Host address of the page.</summary>
    internal nint Page;

    /// <summary>
    /// What an entry holds instead of a tag: a page that belongs to another entry. So neither a comparison with the page of an access nor the exclusive
    /// or with its address can take it for a match; nor can one that crosses into the next page.
    /// </summary>
    internal static ulong InvalidTag(int index) => (ulong)((index ^ (Count / 2)) & (Count - 1)) << 12;
}
