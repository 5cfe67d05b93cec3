using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Events;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Consoles;

namespace Hospes.Hypervisor.Backends;

/// <summary>
/// The PV console's back-end (fact sheet "Guest ABI", section 11): in[1024] @0 towards the guest, out[2048] @1024 from it, u32 in_cons @3072,
/// in_prod @3076, out_cons @3080, out_prod @3084; each side notifies after moving an index.
/// </summary>
/// <remarks>
/// Worked example: the guest writes "ok\n" at out[0..2], sets out_prod from 0 to 3 and notifies; this side hands the three bytes to the console, sets
/// out_cons to 3 and notifies back. A guest whose indices are impossible loses what it wrote; the pump never loops on them.
/// </remarks>
internal sealed unsafe class ConsoleRing : IDisposable
{
    private const int InputSize = 1024;
    private const int OutputSize = 2048;

    // A guest that writes while it is being read is read again, but not for ever: it notifies anyway.
    private const int MostPasses = 16;

    private readonly Lock _lock = new();
    private readonly RingPage _input;
    private readonly RingPage _output;
    private readonly IConsole _console;
    private readonly GuestLog _log;
    private readonly BackendChannel _channel;
    private bool _isClosed;
    private bool _hasComplained;

    internal ConsoleRing(GuestMemory memory, HostFrame page, EventChannels channels, IConsole console, GuestLog log)
    {
        byte* address = memory.AddressOf(page);
        _input = new RingPage(address, 0, InputSize, 3072, 3076);
        _output = new RingPage(address, InputSize, OutputSize, 3080, 3084);
        _console = console;
        _log = log;
        _channel = channels.AllocateBackend(Pump);
        console.InputArrived += Pump;
    }

    /// <summary>The guest's port.</summary>
    internal EventPort Port => _channel.Port;

    public void Dispose()
    {
        _console.InputArrived -= Pump;
        lock (_lock)
        {
            if (_isClosed)
                return;

            // What the guest wrote last, its reason to stop perhaps, is still in the ring.
            PumpOutput();
            _isClosed = true;
        }

        _channel.Dispose();
        _console.Dispose();
    }

    private void Pump()
    {
        bool moved;
        lock (_lock)
        {
            if (_isClosed)
                return;
            moved = PumpOutput();
            moved |= PumpInput();
        }

        if (moved)
            _channel.Notify();
    }

    private bool PumpOutput()
    {
        Span<byte> text = stackalloc byte[OutputSize];
        bool moved = false;
        for (int pass = 0; pass < MostPasses; pass++)
        {
            int count = _output.Take(text);
            if (count < 0)
            {
                Complain();
                _output.Clear();
                return true;
            }

            if (count == 0)
                return moved;
            moved = true;
            _console.Write(text[..count]);
        }

        return moved;
    }

    private bool PumpInput()
    {
        Span<byte> text = stackalloc byte[InputSize];
        bool moved = false;
        while (true)
        {
            int room = _input.Room();
            if (room < 0)
            {
                // The guest owns the consumer index, and only it can put this right; what people type waits in the console.
                Complain();
                return moved;
            }

            int count = room == 0 ? 0 : _console.Read(text[..room]);
            if (count == 0)
                return moved;
            _input.Put(text[..count]);
            moved = true;
        }
    }

    private void Complain()
    {
        if (_hasComplained)
            return;
        _hasComplained = true;
        _log.Say("the guest's console ring has impossible indices; what it held is dropped");
    }
}
