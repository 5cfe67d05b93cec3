using Hospes.Hypervisor.Backends.Devices;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// Keeps a storm of datagrams from taking a guest's CPU: a kernel that is given packets as fast as it can take them in has no time left for the
/// programs that they are for, and drops most of them ("receive livelock": Mogul and Ramakrishnan, ACM TOCS 15(3), 1997). So after some packets the
/// guest is left alone until one of its CPUs has nothing to do, or for a while; what comes meanwhile waits in the tap, where dropping costs nothing.
/// TCP is never held up: its senders mind what its receivers can take. Times are microseconds; one thread.
/// </summary>
internal sealed class ReceivePace(DeviceContext context)
{
    /// <summary>Packets between two rests.</summary>
    internal const int Batch = 64;

    /// <summary>A guest whose CPUs always have something to do is not kept waiting longer.</summary>
    internal const long LongestRest = 5000;

    /// <summary>How often it is looked at meanwhile.</summary>
    internal const long Look = 100;

    private const int TypeOffset = 12, ProtocolOffset = 23, NextHeaderOffset = 20;
    private const byte Tcp = 6;

    private int _packets;
    private long _restsUntil;

    /// <summary>A frame has been given to the guest.</summary>
    internal void Count(ReadOnlySpan<byte> frame)
    {
        if (!IsTcp(frame))
            _packets++;
    }

    /// <summary>Whether the guest is to be left alone now.</summary>
    internal bool Rests(long now)
    {
        if (_packets < Batch)
            return false;
        if (_restsUntil == 0)
            _restsUntil = now + LongestRest;
        if (now < _restsUntil && !context.IsGuestIdle)
            return true;
        _packets = 0;
        _restsUntil = 0;
        return false;
    }

    // The guest may write into its page meanwhile; what it fools is its own protection.
    private static bool IsTcp(ReadOnlySpan<byte> frame) => frame.Length > ProtocolOffset && (frame[TypeOffset], frame[TypeOffset + 1]) switch
    {
        (0x08, 0x00) => frame[ProtocolOffset] == Tcp,
        (0x86, 0xdd) => frame[NextHeaderOffset] == Tcp,
        _ => false,
    };
}
