namespace Hospes.Hypervisor.Builders.Pvh;

/// <summary>Finds room below the device hole, from the top down, around what is already placed.</summary>
internal sealed class LowMemory
{
    private const ulong PageMask = 0xfff;

    // The first mebibyte is left alone: guests put their trampolines there, and part of it is reserved by tradition.
    private const ulong Floor = 0x10_0000;

    private readonly ulong _end;
    private readonly List<(ulong Start, ulong End)> _taken;

    /// <summary>RAM from 0 to <paramref name="end"/> with <paramref name="taken"/> in it already.</summary>
    public LowMemory(ulong end, IEnumerable<(ulong Start, ulong End)> taken)
    {
        _end = end;
        _taken = [.. taken];
    }

    /// <summary>Takes whole pages as high as possible but not beyond <paramref name="ceiling"/>; null when there is no such gap.</summary>
    public ulong? Take(ulong size, ulong ceiling)
    {
        ulong needed = (size + PageMask) & ~PageMask;
        ulong end = Math.Min(ceiling, _end) & ~PageMask;
        foreach ((ulong takenStart, ulong takenEnd) in _taken.OrderByDescending(static taken => taken.End))
        {
            // Everything that ends higher was looked at already, so the gap reaches from here up to the lowest start seen so far.
            if (takenStart >= end)
                continue;
            if (Fits(Math.Max(takenEnd, Floor), end, needed))
                break;
            end = takenStart & ~PageMask;
        }

        if (!Fits(Floor, end, needed))
            return null;
        _taken.Add((end - needed, end));
        return end - needed;
    }

    private static bool Fits(ulong start, ulong end, ulong needed) => end >= start && end - start >= needed;
}
