namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// How often a transmitting guest is disturbed, and disturbs. Each notification costs the guest a hypercall, each interrupt some hundred instructions of its
/// kernel's, and both cost a guest that sends small packets more than the packets. So responses to small packets are gathered for a moment, and a
/// guest that sends many is looked after at intervals instead of having to notify. Times are microseconds; one thread at a time.
/// </summary>
internal sealed class TransmitPace
{
    /// <summary>Responses wait no longer than this.</summary>
    internal const long LongestGathering = 1000;

    /// <summary>How often a busy guest's ring is looked at.</summary>
    internal const long Interval = 100;

    private const int GatheredBytes = 8192; // large packets are given back at once: their sender may wait for that
    private const int GatheredResponses = 32;
    private const long Window = 1000;
    private const int BusyPackets = 8; // in a window

    private long _gatheringSince;
    private long _bytes;
    private long _windowStart;
    private int _windowPackets;
    private bool _isBusy;

    /// <summary>The guest sends so much that it is looked after at intervals.</summary>
    internal bool IsBusy => _isBusy;

    /// <summary>All responses have been shown.</summary>
    internal void Published()
    {
        _gatheringSince = 0;
        _bytes = 0;
    }

    /// <summary>A packet is being sent.</summary>
    internal void Count(int bytes)
    {
        _bytes += bytes;
        _windowPackets++;
    }

    /// <summary>Whether the guest is to be shown the responses there are.</summary>
    internal bool IsTimeToPublish(uint responses, long now)
    {
        if (_gatheringSince == 0)
            _gatheringSince = now;
        if (_bytes < GatheredBytes && responses < GatheredResponses && now - _gatheringSince < LongestGathering)
            return false;
        Published();
        return true;
    }

    /// <summary>The ring is empty: has the guest notify, unless it is busy and will be looked after. True: there is something already.</summary>
    internal bool AskForMore(NetworkRing ring, long now)
    {
        if (now - _windowStart >= Window)
        {
            // A window that nobody looked at the end of was a quiet one.
            _isBusy = _windowPackets >= BusyPackets && now - _windowStart < 2 * Window;
            _windowStart = now;
            _windowPackets = 0;
        }

        return !_isBusy && ring.AskForMore();
    }

    /// <summary>How long to wait at most; -1: until the guest notifies.</summary>
    internal long Wait(bool hasGathered, long now) =>
        _isBusy ? Interval : hasGathered ? Math.Max(_gatheringSince + LongestGathering - now, 1) : -1;
}
