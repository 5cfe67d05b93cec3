using Hospes.Sdk;

namespace Hospes.Hypervisor.Dumps;

/// <summary>Guest frames that follow each other and have memory behind them.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
/// <param name="FileFrame">How many frames stand in the dump before them.</param>
internal readonly record struct FrameRun(ulong First, ulong Count, ulong FileFrame)
{
    /// <summary>The frame after the last.</summary>
    public ulong End => First + Count;

    /// <summary>All frames of a guest that have memory, in their order.</summary>
    public static List<FrameRun> All(Memory.GuestMemory memory)
    {
        List<FrameRun> runs = [];
        ulong written = 0;
        for (ulong frame = 0; memory.NextFrame(new GuestFrame(frame)) is { } first;)
        {
            frame = first.Number;
            while (memory.HasFrame(new GuestFrame(frame)))
                frame++;
            runs.Add(new FrameRun(first.Number, frame - first.Number, written));
            written += frame - first.Number;
        }

        return runs;
    }
}
