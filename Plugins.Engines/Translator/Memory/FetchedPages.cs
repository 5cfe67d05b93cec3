namespace Hospes.Engines.Translator.Memory;

/// <summary>Linear pages from which instructions were fetched, as a set that may hold more than was put in: one bit for many pages.</summary>
internal sealed class FetchedPages
{
    private const int Bits = 1 << 13;

    private readonly ulong[] _bits = new ulong[Bits / 64];

    private LargeRegions _large;

    internal void Add(ulong linear, int pageShift)
    {
        if (pageShift > 12)
            _large.Add(linear, pageShift);
        _bits[Place(linear) >> 6] |= 1UL << (Place(linear) & 63);
    }

    internal bool Contains(ulong linear) => _large.Contains(linear) || (_bits[Place(linear) >> 6] & (1UL << (Place(linear) & 63))) != 0;

    internal void Clear()
    {
        Array.Clear(_bits);
        _large = default;
    }

    private static int Place(ulong linear) => (int)((linear >> 12) ^ (linear >> 25)) & (Bits - 1);
}
