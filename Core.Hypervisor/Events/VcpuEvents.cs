using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Events;

/// <summary>
/// One vCPU's side of event delivery (fact sheet "Guest ABI", 6 and 8.1): its vcpu_info, wherever that lies now, and its virtual interrupts.
/// vcpu_info: u8 upcall_pending @0, u8 upcall_mask @1 (not for these guests), selector word @8 (64-bit) or @4, time @32.
/// </summary>
internal sealed unsafe class VcpuEvents
{
    private readonly SharedInfo _shared;
    private readonly IVcpuSignal _signal;
    private nint _info;
    private int _pollPort;

    internal VcpuEvents(SharedInfo shared, int index, IVcpuSignal signal)
    {
        _shared = shared;
        _signal = signal;

        // A vCPU beyond the shared page has no vcpu_info until it registers one; until then its events go to a place nobody reads. Never freed:
        // a sender may still hold the pointer when the domain ends, and it is 64 bytes.
        _info = index < SharedInfo.VcpusInPage
            ? (nint)shared.VcpuInfo(index)
            : (nint)NativeMemory.AlignedAlloc(SharedInfo.VcpuInfoSize, SharedInfo.VcpuInfoSize);
        if (index >= SharedInfo.VcpusInPage)
            NativeMemory.Clear((void*)_info, SharedInfo.VcpuInfoSize);
    }

    /// <summary>Port of each virtual interrupt bound on this vCPU, or 0. Written under the channels' lock.</summary>
    internal uint[] VirqPorts { get; } = new uint[Virq.Count];

    /// <summary>The guest has chosen a place of its own, which it may do once.</summary>
    internal bool IsRegistered { get; private set; }

    /// <summary>evtchn_upcall_pending.</summary>
    internal bool UpcallPending => Volatile.Read(ref *(byte*)Volatile.Read(ref _info)) != 0;

    /// <summary>The port SCHEDOP_poll waits for: 0 none, -1 any of several.</summary>
    internal int PollPort
    {
        get => Volatile.Read(ref _pollPort);
        set => Volatile.Write(ref _pollPort, value);
    }

    /// <summary>Second half of setting a port pending: selector, upcall_pending, signal; each only when it was clear.</summary>
    internal void MarkPending(uint port)
    {
        byte* info = (byte*)Volatile.Read(ref _info);
        bool isNew;
        if (_shared.Is32Bit)
        {
            uint bit = 1u << (int)(port / 32);
            isNew = (Interlocked.Or(ref Unsafe.AsRef<uint>(info + 4), bit) & bit) == 0;
        }
        else
        {
            ulong bit = 1ul << (int)(port / 64);
            isNew = (Interlocked.Or(ref Unsafe.AsRef<ulong>(info + 8), bit) & bit) == 0;
        }

        if (isNew)
            RaiseUpcall(info);
    }

    /// <summary>Moves vcpu_info with its content, then marks everything pending so that no event sent meanwhile to the old place is lost.</summary>
    /// <param name="area">64 bytes of the memory file, aligned to 8. Under the channels' lock.</param>
    internal void Relocate(byte* area)
    {
        Buffer.MemoryCopy((byte*)_info, area, SharedInfo.VcpuInfoSize, SharedInfo.VcpuInfoSize);
        Interlocked.Exchange(ref _info, (nint)area);
        IsRegistered = true;
        if (_shared.Is32Bit)
            Volatile.Write(ref *(uint*)(area + 4), uint.MaxValue);
        else
            Volatile.Write(ref *(ulong*)(area + 8), ulong.MaxValue);
        Volatile.Write(ref *area, 1);
        _signal.UpcallRaised();
    }

    /// <summary>A port became pending, masked or not: ends a poll for it.</summary>
    internal void EndPoll(uint port)
    {
        int polled = PollPort;
        if (polled < 0 || (polled != 0 && (uint)polled == port))
            _signal.PollEnded();
    }

    private void RaiseUpcall(byte* info)
    {
        if (Interlocked.Exchange(ref *info, 1) == 0)
            _signal.UpcallRaised();
    }
}
