using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// A cached translation. Tags hold the linear page address when that access is allowed straight away, else <see cref="Invalid"/>, which no page
/// address equals. A page of device space never gets an entry; a page with decoded code never gets a write tag.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TlbEntry
{
    internal const ulong Invalid = 1;

    /// <summary>Entries of one TLB; direct-mapped by the page number's low bits.</summary>
    internal const int Count = 512;

    internal ulong ReadTag;
    internal ulong WriteTag;

    /// <summary>Host address minus linear address.</summary>
    internal nint Addend;

    /// <summary>Guest frame number, and in bit 63 whether the translation is global.</summary>
    internal ulong Frame;

    internal const ulong GlobalBit = 1UL << 63;
}
