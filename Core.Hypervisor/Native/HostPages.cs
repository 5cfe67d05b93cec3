namespace Hospes.Hypervisor.Native;

/// <summary>Pages of this process's memory.</summary>
internal static unsafe class HostPages
{
    private const nint PageSize = 4096;

    /// <summary>
    /// Has the host give all pages that lie wholly in a range now: page by page, as each is touched, takes three times as long. A host that does not know
    /// this, or has no room, says so; what is touched is then given as it always was.
    /// </summary>
    /// <param name="range">Mapped memory that may be written.</param>
    public static void Populate(Span<byte> range)
    {
        // The range is mapped, and only asked for: nothing in it changes.
        fixed (byte* start = range)
        {
            nint first = ((nint)start + PageSize - 1) & -PageSize;
            nint end = ((nint)start + range.Length) & -PageSize;
            if (end > first)
                _ = Libc.Madvise((void*)first, (nuint)(end - first), Libc.AdvicePopulateWrite);
        }
    }
}
