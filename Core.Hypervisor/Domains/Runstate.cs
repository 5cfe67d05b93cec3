using Hospes.Hypervisor.Hypercalls;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Domains;

/// <summary>
/// How long a vCPU has been in each state, and the copy of that record which the guest may have asked for (fact sheet "Guest ABI", 8.4):
/// int state @0, u64 entry time @8, u64 time[4] @16; in 32-bit guests @0, @4, @12.
/// </summary>
internal sealed unsafe class Runstate(GuestClock clock)
{
    internal const int Size64 = 48;
    internal const int Size32 = 44;

    private const int States = 4;
    private const ulong Updating = 1ul << 63;

    private readonly Lock _lock = new();
    private readonly ulong[] _time = new ulong[States];
    private int _state = (int)VcpuRunstate.Offline;
    private ulong _entered = clock.Now;
    private byte* _first;
    private byte* _second;
    private int _firstLength;
    private bool _areaIs64Bit;

    /// <summary>The guest wants bit 63 of the entry time set while its copy is being written (vm_assist type 5).</summary>
    internal bool FlagsUpdates { get; set; }

    /// <summary>The present state. Any thread.</summary>
    internal VcpuRunstate State => (VcpuRunstate)Volatile.Read(ref _state);

    /// <summary>Changes state, from the vCPU's thread.</summary>
    /// <param name="state">The new one.</param>
    /// <param name="since">When it began, on the host's clock, if that was earlier.</param>
    /// <param name="paused">How much of the state that ends was due to a pause: that counts as offline.</param>
    internal void Enter(VcpuRunstate state, Nanoseconds? since = null, Nanoseconds paused = default)
    {
        if (_state == (int)state)
            return;
        lock (_lock)
        {
            ulong now = clock.Now;
            if (since is { } began)
                now = Math.Clamp(clock.FromHost(began), _entered, now);
            ulong away = Math.Min((ulong)Math.Max(0, paused.Value), now - _entered);
            _time[_state] += now - _entered - away;
            _time[(int)VcpuRunstate.Offline] += away;
            _entered = now;
            Volatile.Write(ref _state, (int)state);
            Publish();
        }
    }

    /// <summary>Writes the record as of now; answers its size.</summary>
    internal int Write(Span<byte> record, bool is64Bit)
    {
        lock (_lock)
        {
            Compose(record, is64Bit, _entered);

            // The time of the present state counts up to now.
            int at = (is64Bit ? 16 : 12) + (_state * 8);
            Wire.U64(record, at, _time[_state] + (clock.Now - _entered));
            return is64Bit ? Size64 : Size32;
        }
    }

    /// <summary>Keeps a copy in the guest's memory up to date from now on.</summary>
    /// <param name="first">Host address of the first part; memory of the domain, which stays mapped.</param>
    /// <param name="second">Host address of the rest, which may lie in another page.</param>
    /// <param name="firstLength">Bytes in the first part.</param>
    /// <param name="is64Bit">Layout.</param>
    internal void Register(byte* first, byte* second, int firstLength, bool is64Bit)
    {
        lock (_lock)
        {
            _first = first;
            _second = second;
            _firstLength = firstLength;
            _areaIs64Bit = is64Bit;
            Publish();
        }
    }

    /// <summary>Writes no more copies.</summary>
    internal void Unregister()
    {
        lock (_lock)
            _first = null;
    }

    private void Publish()
    {
        if (_first == null)
            return;
        Span<byte> record = stackalloc byte[Size64];
        bool flag = FlagsUpdates;
        Compose(record, _areaIs64Bit, flag ? _entered | Updating : _entered);
        int size = _areaIs64Bit ? Size64 : Size32;
        int entryTime = _areaIs64Bit ? 8 : 4;
        if (!flag)
        {
            Put(record[..size], 0);
            return;
        }

        // flag up; everything else; flag down: each seen by the guest before the next
        Put(record.Slice(entryTime, 8), entryTime);
        Thread.MemoryBarrier();
        Put(record[..size], 0);
        Thread.MemoryBarrier();
        Wire.U64(record, entryTime, _entered);
        Put(record.Slice(entryTime, 8), entryTime);
    }

    private void Put(ReadOnlySpan<byte> bytes, int offset)
    {
        int toFirst = Math.Clamp(_firstLength - offset, 0, bytes.Length);
        if (toFirst > 0)
            bytes[..toFirst].CopyTo(new Span<byte>(_first + offset, toFirst));
        if (toFirst < bytes.Length)
            bytes[toFirst..].CopyTo(new Span<byte>(_second + Math.Max(offset - _firstLength, 0), bytes.Length - toFirst));
    }

    private void Compose(Span<byte> record, bool is64Bit, ulong entered)
    {
        int word = is64Bit ? 8 : 4;
        Wire.Word(record, 0, is64Bit, (uint)_state);
        Wire.U64(record, word, entered);
        for (int state = 0; state < States; state++)
            Wire.U64(record, word + 8 + (state * 8), _time[state]);
    }
}
