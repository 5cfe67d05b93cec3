using System.Collections.Concurrent;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

/// <summary>
/// A CPU that executes no instructions: it takes NMIs and interrupts as an engine does, then does what the test's script says, or halts.
/// Linear addresses are physical ones; those from 2^47 up are not mapped.
/// </summary>
internal sealed unsafe class ScriptedCpu(VcpuId id, IGuestCpuHost host, nint poll) : IGuestCpu
{
    internal VcpuId Id => id;

    internal IGuestCpuHost Host => host;

    /// <summary>Vectors taken, in order; -2 is an NMI.</summary>
    internal BlockingCollection<int> Taken { get; } = [];

    /// <summary>What the guest does when it has nothing to take. Null: HLT with interrupts enabled.</summary>
    internal Func<ScriptedCpu, CpuExit>? Script { get; set; }

    /// <summary>EFLAGS.IF.</summary>
    internal bool TakesInterrupts { get; set; } = true;

    /// <summary>Called on each vector, as the guest's handler.</summary>
    internal Action<int>? Handler { get; set; }

    internal CpuState? Restored { get; private set; }

    public ulong InstructionsExecuted => 0;

    public string? FailureReason { get; set; }

    public CpuExit Run()
    {
        while (true)
        {
            uint bits = Volatile.Read(ref *(uint*)poll);
            if ((bits & (uint)PollBits.Exit) != 0)
                return CpuExit.Requested;
            if ((bits & (uint)PollBits.Nmi) != 0)
            {
                Interlocked.And(ref *(uint*)poll, ~(uint)PollBits.Nmi);
                Taken.Add(-2);
                continue;
            }

            if ((bits & (uint)PollBits.Interrupt) != 0 && TakesInterrupts)
            {
                Interlocked.And(ref *(uint*)poll, ~(uint)PollBits.Interrupt);
                TakeInterrupts();
                continue;
            }

            return Script is null ? CpuExit.Halted : Script(this);
        }
    }

    internal void TakeInterrupts()
    {
        for (int vector = host.AcknowledgeInterrupt(); vector >= 0; vector = host.AcknowledgeInterrupt())
        {
            Handler?.Invoke(vector);
            Taken.Add(vector);
        }
    }

    public void Capture(CpuState state) => state.Msrs[0xc000_0080] = 0xd01;

    public void Restore(CpuState state) => Restored = state;

    public bool TryTranslate(GuestLinear linear, out GuestPhysical physical)
    {
        physical = new GuestPhysical(linear.Address);
        return linear.Address < 1ul << 47;
    }

    public void Dispose() => Taken.CompleteAdding();
}
