namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// Where large pages were met, to the gigabyte, as a set that may hold more than was put in: what one instruction invalidates there can be more than the
/// 4 KiB that were cached (Intel SDM volume 3, section 4.10.4.1).
/// </summary>
internal struct LargeRegions
{
    private const int RegionShift = 30;

    private ulong _regions;

    /// <summary>The largest page's size as a power of two.</summary>
    internal int PageShift { get; private set; }

    internal void Add(ulong linear, int pageShift)
    {
        _regions |= 1UL << Place(linear);
        PageShift = Math.Max(PageShift, pageShift);
    }

    internal readonly bool Contains(ulong linear) => (_regions >> Place(linear) & 1) != 0;

    private static int Place(ulong linear) => (int)(linear >> RegionShift) & 63;
}
