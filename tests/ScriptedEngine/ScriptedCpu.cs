using System.Text;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.ScriptedEngine;

/// <summary>
/// Executes scripts. Letters: <c>P</c> text NUL: write to the debug port; <c>S</c> u32: shut down for this reason; <c>W</c>: wait for interrupts for
/// ever; <c>L</c>: use CPU time for ever; <c>G</c> path NUL: use CPU time until there is a file of this name; <c>H</c>: halt with interrupts off; <c>T</c>: triple fault; <c>F</c>: the engine gives up; <c>X</c>: the
/// engine throws; <c>K</c>: the process ends at once. Addresses are physical.
/// </summary>
internal sealed unsafe class ScriptedCpu(IGuestMemory memory, IGuestCpuHost host, uint* poll) : IGuestCpu
{
    private const int SchedOp = 29;
    private const int SchedOpShutdown = 2;
    private const ushort DebugPort = 0xe9;

    private ulong _at;

    public ulong InstructionsExecuted { get; private set; }

    public string? FailureReason { get; private set; }

    public CpuExit Run()
    {
        // Scripts have no interrupt handlers: what was asked for counts as delivered.
        Interlocked.And(ref *poll, ~(uint)(PollBits.Interrupt | PollBits.Nmi));
        while ((Volatile.Read(ref *poll) & (uint)PollBits.Exit) == 0)
        {
            InstructionsExecuted++;
            switch ((char)Byte(_at))
            {
                case 'P':
                    Print();
                    break;
                case 'S':
                    HypercallFrame frame = new() { Number = SchedOp, Argument1 = SchedOpShutdown, Argument2 = _at + 1 };
                    _at += 1 + sizeof(uint);
                    host.Hypercall(ref frame);
                    break;
                case 'W':
                    return CpuExit.Halted;
                case 'L':
                    Thread.SpinWait(100);
                    break;
                case 'G':
                    Await();
                    break;
                case 'H':
                    return CpuExit.HaltedForever;
                case 'T':
                    return CpuExit.TripleFault;
                case 'X':
                    throw new InvalidOperationException("the script says so");
                case 'K':
                    Environment.Exit(77);
                    break;
                default:
                    FailureReason = $"the script gave up at 0x{_at:x}";
                    return CpuExit.Failed;
            }
        }

        return CpuExit.Requested;
    }

    public void Capture(CpuState state) => state.Rip = _at;

    public void Restore(CpuState state) => _at = state.Rip;

    public bool TryTranslate(GuestLinear linear, out GuestPhysical physical)
    {
        physical = new GuestPhysical(linear.Address);
        return true;
    }

    public void Dispose()
    {
    }

    private void Print()
    {
        for (_at++; Byte(_at) != 0; _at++)
            host.WritePort(DebugPort, 1, Byte(_at));
        _at++;
    }

    // The next step is the same until the file is there.
    private void Await()
    {
        StringBuilder path = new();
        ulong at = _at + 1;
        for (; Byte(at) != 0; at++)
            path.Append((char)Byte(at));
        if (File.Exists(path.ToString()))
            _at = at + 1;
    }

    private byte Byte(ulong address)
    {
        GuestPhysical physical = new(address);
        byte* frame = memory.FindFrame(physical.Frame);
        return frame == null ? (byte)0 : frame[physical.OffsetInFrame];
    }
}
