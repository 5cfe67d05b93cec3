using System.Runtime.InteropServices;
using Hospes.Engines.Translator;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Tests.Machines;

/// <summary>
/// Several CPUs in 64-bit code over one memory, each on a thread of its own. RDI is a CPU's number; each has its own stack and runs the program that
/// the test gives it until it writes <see cref="ScriptedHost.DonePort"/>.
/// </summary>
/// <remarks>Safe because poll words are freed after the CPUs, whose threads have ended by then.</remarks>
internal sealed unsafe class ParallelGuest : IDisposable
{
    /// <summary>Free memory, mapped onto itself: from here to <see cref="DataEnd"/>.</summary>
    internal const ulong Data = 0x20_0000;

    internal const ulong DataEnd = 0x60_0000;

    /// <summary>
    /// Not 0 once a program that goes on in rounds is to end. Rounds in which one CPU waits for another take as long as the host has other things to do,
    /// so their number is no good measure.
    /// </summary>
    internal const ulong Stop = 0x17_f000;

    private const ulong Programs = 0x8_0000;
    private const ulong ProgramSize = 0x2000;
    private const ulong Stacks = 0x18_0000;
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LongModeGuest _guest;
    private readonly uint*[] _polls;

    internal ParallelGuest(int cpus, TranslatorOptions options)
    {
        _guest = new LongModeGuest(options);
        Tables.Identity(0x12_0000, DataEnd);
        _polls = new uint*[cpus];
        Hosts = new ParallelHost[cpus];
        Cpus = new TranslatorCpu[cpus];
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            uint* poll = (uint*)NativeMemory.AlignedAlloc(64, 64);
            *poll = 0;
            _polls[cpu] = poll;
            int number = cpu;
            Hosts[cpu] = new ParallelHost(Interrupt) { Leave = () => Poll(number, PollBits.Exit) };
            Cpus[cpu] = (TranslatorCpu)_guest.Machine.Machine.CreateCpu(new VcpuId(cpu + 1), Hosts[cpu], poll);
        }
    }

    internal TranslatorCpu[] Cpus { get; }

    internal ParallelHost[] Hosts { get; }

    internal GuestRam Ram => _guest.Ram;

    internal PageTables Tables => _guest.Tables;

    internal TranslatorMachine Machine => _guest.Machine.Machine;

    internal LongModeGuest Base => _guest;

    /// <summary>Runs one program on every CPU; answers what each wrote to the port at its end.</summary>
    internal uint[] Run(Action<Assembler> program) => Run([.. Enumerable.Repeat(program, Cpus.Length)]);

    /// <summary>Runs a program on each CPU; answers what each wrote to the port at its end.</summary>
    internal uint[] Run(params Action<Assembler>[] programs)
    {
        // All programs are in place before the first thread starts, as a failure to assemble one must leave no thread behind.
        for (int cpu = 0; cpu < Cpus.Length; cpu++)
        {
            ulong at = Programs + ((ulong)cpu * ProgramSize);
            _guest.Machine.Code(at, 64, programs[cpu]);
            Prepare(cpu, at);
        }

        using var start = new Barrier(Cpus.Length);
        using var enough = new Timer(_ => Ram.Write(Stop, 1), null, Enough, Timeout.InfiniteTimeSpan);
        using var late = new Timer(_ => StopAll(), null, Patience, Timeout.InfiniteTimeSpan);
        var failures = new Exception?[Cpus.Length];
        var threads = new Thread[Cpus.Length];
        for (int cpu = 0; cpu < Cpus.Length; cpu++)
        {
            int number = cpu;
            threads[cpu] = new Thread(() =>
            {
                start.SignalAndWait();
                try
                {
                    Run(number);
                }
                catch (Exception failure)
                {
                    failures[number] = failure;
                    StopAll();
                }
            });
            threads[cpu].Start();
        }

        Array.ForEach(threads, static thread => thread.Join());
        failures.Should().AllSatisfy(static failure => failure.Should().BeNull());
        return Array.ConvertAll(Hosts, static host => host.Done!.Value);
    }

    public void Dispose()
    {
        Array.ForEach(Cpus, static cpu => cpu.Dispose());
        foreach (uint* poll in _polls)
            NativeMemory.AlignedFree(poll);
        _guest.Dispose();
    }

    private void Prepare(int cpu, ulong at)
    {
        CpuState state = _guest.State;
        state.Rip = at;
        state.Registers[4] = Stacks + ((ulong)(cpu + 1) * 0x1000);
        state.Registers[7] = (ulong)cpu;
        Cpus[cpu].Restore(state);
    }

    private void Run(int cpu)
    {
        while (Hosts[cpu].Done is null)
        {
            CpuExit exit = Cpus[cpu].Run();
            if (exit == CpuExit.Halted)
                SpinWait.SpinUntil(() => Volatile.Read(ref *_polls[cpu]) != 0);
            else if (Hosts[cpu].HasFaulted || Hosts[cpu].Done is null)
                throw new InvalidOperationException($"CPU {cpu} left its program: {exit}, at {Rip(cpu):x}, faulted: {Hosts[cpu].HasFaulted}");
        }
    }

    private ulong Rip(int cpu)
    {
        var state = new CpuState();
        Cpus[cpu].Capture(state);
        return state.Rip;
    }

    private void Interrupt(int cpu)
    {
        Hosts[cpu].Raise();
        Poll(cpu, PollBits.Interrupt);
    }

    private void Poll(int cpu, PollBits bits) => Interlocked.Or(ref *_polls[cpu], (uint)bits);

    private void StopAll()
    {
        for (int cpu = 0; cpu < Cpus.Length; cpu++)
            Poll(cpu, PollBits.Exit);
    }
}
