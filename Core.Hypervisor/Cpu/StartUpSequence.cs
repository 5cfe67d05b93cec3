using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Cpu;

/// <summary>
/// INIT and start-up messages on their way to a vCPU (Intel SDM volume 3, "MP initialization protocol"; fact sheet "Guest ABI", 1.5). Senders leave
/// them here; the vCPU's thread takes them between two stretches of guest code.
/// </summary>
internal sealed class StartUpSequence(bool isHeld)
{
    private const uint MsrEfer = 0xc000_0080;
    private const ulong CacheDisabled = 0x6000_0010;

    private readonly Lock _lock = new();
    private bool _resetPending;
    private bool _isHeld = isHeld;
    private int _startPage = -1;

    /// <summary>Waiting for a start-up message, or about to.</summary>
    internal bool IsHeld
    {
        get
        {
            lock (_lock)
                return _isHeld || _resetPending;
        }
    }

    /// <summary>Waiting, with no start-up message on its way. Any thread.</summary>
    internal bool IsOut
    {
        get
        {
            lock (_lock)
                return (_isHeld || _resetPending) && _startPage < 0;
        }
    }

    /// <summary>INIT. Any thread.</summary>
    internal void Reset()
    {
        lock (_lock)
        {
            _resetPending = true;
            _startPage = -1;
        }
    }

    /// <summary>Start-up; ignored unless INIT came before, and after the first. Any thread.</summary>
    internal void StartAt(byte page)
    {
        lock (_lock)
        {
            if ((_isHeld || _resetPending) && _startPage < 0)
                _startPage = page;
        }
    }

    /// <summary>
    /// Takes what has arrived. <paramref name="reset"/>: the vCPU is to be reset. True: it starts at <paramref name="page"/> * 4096 in real mode.
    /// </summary>
    internal bool Take(out bool reset, out byte page)
    {
        lock (_lock)
        {
            reset = _resetPending;
            _isHeld |= _resetPending;
            _resetPending = false;
            page = 0;
            if (!_isHeld || _startPage < 0)
                return false;
            page = (byte)_startPage;
            _startPage = -1;
            _isHeld = false;
            return true;
        }
    }

    /// <summary>Turns a state into that after INIT and a start-up message: real mode at <paramref name="page"/> * 4096.</summary>
    internal static void Apply(CpuState state, byte page)
    {
        Array.Clear(state.Registers);
        state.Rip = 0;
        state.Rflags = 2;
        SegmentState data = new(0, 0, 0xffff, 0x93);
        Array.Fill(state.Segments, data);
        state.Segments[1] = new SegmentState((ushort)(page << 8), (ulong)page << 12, 0xffff, 0x9b);
        state.Ldtr = new SegmentState(0, 0, 0xffff, 0x82);
        state.Tr = new SegmentState(0, 0, 0xffff, 0x8b);
        state.GdtrBase = 0;
        state.GdtrLimit = 0xffff;
        state.IdtrBase = 0;
        state.IdtrLimit = 0xffff;
        state.Cr0 = CacheDisabled;
        state.Cr2 = 0;
        state.Cr3 = 0;
        state.Cr4 = 0;
        state.Msrs.Remove(MsrEfer);
        Array.Clear(state.DebugRegisters);
        state.DebugRegisters[6] = 0xffff_0ff0;
        state.DebugRegisters[7] = 0x400;
        state.InterruptShadow = false;
        state.NmiBlocked = false;
        state.IsHalted = false;
    }
}
