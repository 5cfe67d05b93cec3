using Hospes.Hypervisor.Builders.Images;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Builders.Pvh;

/// <summary>Copies bytes of an image into guest memory, each byte once.</summary>
internal static class GuestLoader
{
    private const int LargestRun = 1 << 26;

    /// <summary>Copies <paramref name="length"/> bytes to where the guest has memory that is all zero.</summary>
    public static void Load(ImageContents from, long offset, GuestMemory memory, GuestPhysical to, ulong length)
    {
        while (length != 0)
        {
            Span<byte> run = Run(memory, to, length);
            from.ReadOntoZeroes(offset, run);
            offset += run.Length;
            to = new GuestPhysical(to.Address + (ulong)run.Length);
            length -= (ulong)run.Length;
        }
    }

    /// <summary>Makes an image that lies in memory borrowed from the guest move away from where something is to be loaded.</summary>
    public static unsafe void MakeRoom(ImageContents image, GuestMemory memory, GuestPhysical to, ulong length)
    {
        while (length != 0)
        {
            Span<byte> run = Run(memory, to, length);
            fixed (byte* start = run)
                image.KeepClearOf(start, (ulong)run.Length);
            to = new GuestPhysical(to.Address + (ulong)run.Length);
            length -= (ulong)run.Length;
        }
    }

    // Guest frames that follow each other in the memory file too, as all of a new guest's RAM does, are filled in one go.
    private static unsafe Span<byte> Run(GuestMemory memory, GuestPhysical at, ulong length)
    {
        int wanted = (int)Math.Min(length, LargestRun);
        byte* page = memory.FindFrame(at.Frame);
        if (page == null)
            throw new DomainBuildException($"the guest has no memory at {at}");
        byte* start = page + at.OffsetInFrame;
        int count = GuestMemory.FrameSize - at.OffsetInFrame;
        GuestFrame next = new(at.Frame.Number + 1);
        while (count < wanted && memory.FindFrame(next) == start + count)
        {
            count += GuestMemory.FrameSize;
            next = new GuestFrame(next.Number + 1);
        }

        // Only whole frames were added, each of them mapped for the life of the memory object.
        return new Span<byte>(start, Math.Min(count, wanted));
    }
}
