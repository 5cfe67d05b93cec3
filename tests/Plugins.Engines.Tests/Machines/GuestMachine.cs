using System.Diagnostics;
using System.Runtime.InteropServices;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.Decode;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Tests.Machines;

/// <summary>One guest with one CPU over guarded memory, run until it writes a port of <see cref="ScriptedHost"/> or stops by itself.</summary>
/// <remarks>
/// Everything that can be compiled is, before its first execution, unless options say otherwise; the interpreter's loop is what the differential tests run.
/// Safe because the poll word and the memory are freed after the CPU and the machine, which have left Run by then.</remarks>
internal sealed unsafe class GuestMachine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly uint* _poll;
    private readonly Lock _pollLock = new();
    private bool _disposed;

    internal GuestMachine(int memory = 32 << 20, TranslatorOptions? options = null, int physicalBits = 39, long? timestampBase = null)
    {
        Ram = new GuestRam(memory) { PhysicalAddressBits = physicalBits };
        _poll = (uint*)NativeMemory.AlignedAlloc(64, 64);
        *_poll = 0;
        Host = new ScriptedHost { TimestampBase = timestampBase, Leave = () => Poll(PollBits.Exit) };
        Machine = new TranslatorMachine(Ram, options ?? new TranslatorOptions { CompileAfter = 0 });
        Cpu = (TranslatorCpu)Machine.CreateCpu(new VcpuId(0), Host, _poll);
        Cpu.Capture(State);
    }

    internal GuestRam Ram { get; }

    internal ScriptedHost Host { get; }

    internal TranslatorMachine Machine { get; }

    internal TranslatorCpu Cpu { get; }

    /// <summary>What <see cref="Start"/> gives the CPU, and what it had after the last run.</summary>
    internal CpuState State { get; } = new();

    /// <summary>From any thread, and late: a timer's callback may come after everything is over.</summary>
    internal void Poll(PollBits bits)
    {
        lock (_pollLock)
        {
            if (!_disposed)
                Interlocked.Or(ref *_poll, (uint)bits);
        }
    }

    /// <summary>Assembles code for a linear address and stores it at a physical one.</summary>
    internal void Code(ulong physical, int bitness, Action<Assembler> write, ulong? linear = null)
    {
        var assembler = new Assembler(bitness);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), linear ?? physical);
        stream.ToArray().CopyTo(Ram.Bytes(physical, (int)stream.Length));
        Machine.ContentWritten(new GuestPhysical(physical), (ulong)stream.Length);
    }

    /// <summary>Makes <see cref="State"/> the CPU's and runs.</summary>
    internal CpuExit Start()
    {
        Cpu.Restore(State);
        return Run();
    }

    /// <summary>Runs on. A guest that does not come to an end fails the test.</summary>
    internal CpuExit Run()
    {
        bool late = false;
        CpuExit exit = RunUntil(Patience, () => Volatile.Write(ref late, true));
        if (Volatile.Read(ref late))
            throw new TimeoutException($"the guest was still running after {Patience.TotalSeconds} s, at {State.Rip:x}");
        return exit;
    }

    /// <summary>Runs on, and after <paramref name="turn"/> asks the CPU to return. One that needs more than <paramref name="patience"/> for that fails the test.</summary>
    internal CpuExit RunFor(TimeSpan turn, TimeSpan patience)
    {
        long asked = 0;
        CpuExit exit = RunUntil(turn, () => Interlocked.Exchange(ref asked, Stopwatch.GetTimestamp()));
        long since = Interlocked.Read(ref asked);
        if (since != 0 && Stopwatch.GetElapsedTime(since) > patience)
            throw new TimeoutException($"the CPU did not return when asked to, at {State.Rip:x}");
        return exit;
    }

    // What was asked of an earlier run is forgotten before the timer of this one is set, however late this thread gets to run.
    private CpuExit RunUntil(TimeSpan end, Action asking)
    {
        CpuExit exit;
        Interlocked.And(ref *_poll, ~(uint)PollBits.Exit);
        using (new Timer(_ => { asking(); Poll(PollBits.Exit); }, null, end, Timeout.InfiniteTimeSpan))
            exit = Cpu.Run();
        Cpu.Capture(State);
        return exit;
    }

    public void Dispose()
    {
        lock (_pollLock)
            _disposed = true;
        Cpu.Dispose();
        Machine.Dispose();
        NativeMemory.AlignedFree(_poll);
        Ram.Dispose();
    }
}
