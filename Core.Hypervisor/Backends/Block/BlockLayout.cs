namespace Hospes.Hypervisor.Backends.Block;

/// <summary>
/// Where things stand in a ring's entries (fact sheet "Storage", sections 5.2, 5.3 and 5.6). The two ABIs differ in the alignment of 64-bit numbers.
/// </summary>
/// <remarks>
/// Worked example, 64 bit: a write of two sectors from sector 8 is 01 01 ca 00, padding, id (8 bytes at 8), 8 (at 16), then one segment at 24: the
/// grant's number, first sector 0, last sector 1. The answer, in the same entry: id at 0, 01 at 8, status 0 at 10.
/// </remarks>
/// <param name="EntrySize">Bytes in an entry.</param>
/// <param name="Id">Of id in a request.</param>
/// <param name="Sector">Of sector_number, in every kind of request.</param>
/// <param name="Segments">Of the first segment; 8 bytes each: grant, first and last sector, padding.</param>
/// <param name="DiscardCount">Of nr_sectors in a discard.</param>
/// <param name="IndirectGrants">Of the first page of segments.</param>
internal sealed record BlockLayout(int EntrySize, int Id, int Sector, int Segments, int DiscardCount, int IndirectGrants)
{
    /// <summary>x86_64-abi, which is also native.</summary>
    public static readonly BlockLayout Bits64 = new(112, 8, 16, 24, 24, 28);

    /// <summary>x86_32-abi. An indirect request's handle stands at 20, its pages follow at 24.</summary>
    public static readonly BlockLayout Bits32 = new(108, 4, 12, 20, 20, 24);

    /// <summary>Segments in a request itself.</summary>
    public const int DirectSegments = 11;

    /// <summary>Pages of segments in an indirect request.</summary>
    public const int IndirectPages = 8;

    /// <summary>Segments in such a page.</summary>
    public const int SegmentsPerPage = 512;

    /// <summary>Bytes in an answer, of either ABI: id 0, operation 8, status 10.</summary>
    public const int AnswerSize = 12;

    /// <summary>The layout that a front-end names; null: there is none of that name.</summary>
    public static BlockLayout? Find(string? protocol) => protocol switch
    {
        null or "" or "x86_64-abi" => Bits64,
        "x86_32-abi" => Bits32,
        _ => null,
    };
}
