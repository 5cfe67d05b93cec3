using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.Native;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator;

/// <summary>One guest's CPUs and what they share: the memory and the set of frames with decoded code.</summary>
internal sealed unsafe class TranslatorMachine : IGuestMachine
{
    private readonly Lock _lock = new();
    private TranslatorCpu[] _cpus = [];

    private ulong _codeGeneration;
    private bool _isEmptying;
    private int _protecting;

    internal TranslatorMachine(IGuestMemory memory, TranslatorOptions? options = null)
    {
        Options = options ?? new TranslatorOptions();
        Code = Options.CompileAfter < int.MaxValue ? NativeCode.TryCreate(Options) : null;
        CompileAfter = Code is null ? int.MaxValue : Options.CompileAfter;
        Memory = memory;
        CodePages.Changed += OnCodeChanged;
    }

    internal TranslatorOptions Options { get; }

    /// <summary>The machine's emitted code; null: everything is interpreted.</summary>
    internal NativeCode? Code { get; }

    /// <summary>Executions after which a block is compiled.</summary>
    internal int CompileAfter { get; }

    internal IGuestMemory Memory { get; }

    internal CodePages CodePages { get; } = new();

    /// <summary>Held for a read-modify-write that no host instruction can do in one piece: across pages, in device space.</summary>
    internal Lock SplitAccess { get; } = new();

    /// <summary>16-byte compare-and-swap.</summary>
    internal WideExchange Wide { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Statistics
    {
        get
        {
            // Under the lock, as a CPU's state is there until it has been forgotten.
            lock (_lock)
                return TranslatorStatistics.Of(this, _cpus);
        }
    }

    /// <inheritdoc/>
    public IGuestCpu CreateCpu(VcpuId id, IGuestCpuHost host, uint* poll)
    {
        var cpu = new TranslatorCpu(this, id, host, poll);
        lock (_lock)
        {
            _cpus = [.. _cpus, cpu];
            CodePages.IsShared = _cpus.Length > 1;
        }

        return cpu;
    }

    /// <inheritdoc/>
    public void MappingChanged(GuestFrame first, ulong count)
    {
        // The caller's change comes before the question whether there is code: a CPU that decodes asks and reads in the other order.
        Interlocked.MemoryBarrier();
        for (ulong frame = first.Number; frame < first.Number + count; frame++)
        {
            if (CodePages.Contains(frame))
                CodePages.Written(frame);
        }

        AskAndWait(CpuRequest.FlushTranslations, by: null, static (_, _) => true);
    }

    /// <inheritdoc/>
    public void ContentWritten(GuestPhysical start, ulong length)
    {
        if (length == 0)
            return;
        Interlocked.MemoryBarrier();
        ulong last = (start.Address + length - 1) >> 12;
        for (ulong frame = start.Frame.Number; frame <= last; frame++)
        {
            if (CodePages.Contains(frame))
                CodePages.Written(frame);
        }
    }

    /// <summary>
    /// Makes sure, before a CPU decodes from a frame, that no CPU writes straight to it from now on: what is written later comes by the slow path and
    /// is noticed, what was written before is there to be decoded. No lock that another CPU in guest code waits for may be held.
    /// </summary>
    internal void ProtectFrame(ulong frame, TranslatorCpu by)
    {
        // Counted before the frame is added: whoever finds it there finds the count, too, until every right to write is gone.
        Interlocked.Increment(ref _protecting);
        try
        {
            if (!CodePages.Add(frame) && Volatile.Read(ref _protecting) == 1)
                return;
            by.Memory.ProtectFrame(frame);
            AskAndWait(new CpuRequest(CpuRequestKind.ProtectFrame, frame), by, static (cpu, frame) => cpu.Memory.MayWrite(frame));
        }
        finally
        {
            Interlocked.Decrement(ref _protecting);
        }
    }

    /// <summary>
    /// Makes room for emitted code once no CPU can be in it: each is asked to forget what it knows of it, and whoever comes here after the last has done
    /// so (one that does not run has to do it before anything else) empties it.
    /// </summary>
    internal void EmptyCode()
    {
        lock (_lock)
        {
            if (!_isEmptying)
            {
                _isEmptying = true;
                Code!.Close(); // before anybody is asked
                _codeGeneration++;
                foreach (TranslatorCpu cpu in _cpus)
                    cpu.Ask(new CpuRequest(CpuRequestKind.EmptyCode, _codeGeneration));
                return;
            }

            Interlocked.MemoryBarrier();
            if (!Array.TrueForAll(_cpus, cpu => cpu.CodeGeneration == _codeGeneration || !cpu.IsRunning))
                return;
            Code!.Empty();
            _isEmptying = false;
        }
    }

    internal void Forget(TranslatorCpu cpu)
    {
        lock (_lock)
            _cpus = [.. _cpus.Where(other => other != cpu)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CodePages.Changed -= OnCodeChanged;
        Code?.Dispose();
        Wide.Dispose();
    }

    private void OnCodeChanged(ulong frame)
    {
        Code?.Drop(frame);
        lock (_lock)
        {
            foreach (TranslatorCpu cpu in _cpus)
                cpu.Ask(new CpuRequest(CpuRequestKind.DropCode, frame));
        }
    }

    /// <summary>
    /// Asks every CPU that is concerned, and returns when each has served the request or is outside guest code. A CPU that waits here serves what
    /// others wait for, so that two may wait for each other.
    /// </summary>
    private void AskAndWait(CpuRequest request, TranslatorCpu? by, Func<TranslatorCpu, ulong, bool> isConcerned)
    {
        List<(TranslatorCpu Cpu, ulong Ticket)>? asked = null;

        // A host callback of a CPU in guest code may come here: the CPU serves its own request when the callback is over.
        int thread = Environment.CurrentManagedThreadId;

        // Under the lock, as a CPU that is being disposed takes itself out under it: its poll word goes soon after.
        lock (_lock)
        {
            foreach (TranslatorCpu cpu in _cpus)
            {
                if (cpu == by || !isConcerned(cpu, request.Frame))
                    continue;
                ulong ticket = cpu.Ask(request);
                if (cpu.IsOn(thread))
                    by = cpu;
                else
                    (asked ??= []).Add((cpu, ticket));
            }
        }

        if (asked is null)
            return;
        SpinWait wait = default;
        foreach ((TranslatorCpu cpu, ulong ticket) in asked)
        {
            while (!cpu.IsSafe(ticket))
            {
                by?.ServeWaiting();
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }
}
