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

    internal TranslatorMachine(IGuestMemory memory, TranslatorOptions? options = null)
    {
        Options = options ?? new TranslatorOptions();
        Code = Options.CompileAfter < int.MaxValue ? NativeCode.TryCreate(Options.CodeBytes) : null;
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

    /// <summary>Held for a read-modify-write that no host instruction can do in one piece: across pages, in device space, of 16 bytes.</summary>
    internal Lock SplitAccess { get; } = new();

    /// <inheritdoc/>
    public IGuestCpu CreateCpu(VcpuId id, IGuestCpuHost host, uint* poll)
    {
        var cpu = new TranslatorCpu(this, id, host, poll);
        lock (_lock)
            _cpus = [.. _cpus, cpu];
        return cpu;
    }

    /// <inheritdoc/>
    public void MappingChanged(GuestFrame first, ulong count)
    {
        for (ulong frame = first.Number; frame < first.Number + count; frame++)
        {
            if (CodePages.Contains(frame))
                CodePages.Written(frame);
        }

        foreach (TranslatorCpu cpu in Volatile.Read(ref _cpus))
            cpu.Ask(CpuRequest.FlushTranslations);
    }

    /// <inheritdoc/>
    public void ContentWritten(GuestPhysical start, ulong length)
    {
        if (length == 0)
            return;
        ulong last = (start.Address + length - 1) >> 12;
        for (ulong frame = start.Frame.Number; frame <= last; frame++)
        {
            if (CodePages.Contains(frame))
                CodePages.Written(frame);
        }
    }

    /// <summary>Takes write tags of a frame that now has code from every CPU.</summary>
    internal void ProtectFrame(ulong frame, TranslatorCpu by)
    {
        foreach (TranslatorCpu cpu in Volatile.Read(ref _cpus))
        {
            if (cpu == by)
                cpu.Memory.ProtectFrame(frame);
            else
                cpu.Ask(new CpuRequest(CpuRequestKind.ProtectFrame, frame));
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
    }

    private void OnCodeChanged(ulong frame)
    {
        Code?.Drop(frame);
        foreach (TranslatorCpu cpu in Volatile.Read(ref _cpus))
            cpu.Ask(new CpuRequest(CpuRequestKind.DropCode, frame));
    }
}
