using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.Native;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator;

/// <summary>
/// One virtual CPU of the translator: its native context, its view of memory, its blocks, and the interpreter's loop. Handlers (see
/// <see cref="HandlerTable"/>) get this object and the decoded instruction.
/// </summary>
internal sealed unsafe partial class TranslatorCpu : IGuestCpu
{
    private readonly TranslatorMachine _machine;
    private readonly IGuestCpuHost _host;
    private readonly void* _allocation;

    // Below the context, which is emitted code's stack: for a signal's frame (with the largest of vector states some 11 KiB) and what its handler calls.
    private const nuint SignalRoom = 256 << 10;
    private bool _disposed;

    internal TranslatorCpu(TranslatorMachine machine, VcpuId id, IGuestCpuHost host, uint* poll)
    {
        _machine = machine;
        _host = host;
        Id = id;
        nuint contextBytes = ((nuint)sizeof(CpuContext) + 63) & ~(nuint)63;
        nuint tlbBytes = (nuint)(sizeof(TlbEntry) * TlbEntry.Stride * CpuMemory.Tlbs);
        _allocation = NativeMemory.AlignedAlloc(SignalRoom + contextBytes + tlbBytes, 64);
        C = (CpuContext*)((byte*)_allocation + SignalRoom);
        NativeMemory.Clear(C, contextBytes + tlbBytes);
        C->Tlbs = (TlbEntry*)((byte*)C + contextBytes) + TlbEntry.RecentPages;
        C->Poll = poll;
        nuint jumpBytes = NativeJump.Count * (nuint)sizeof(NativeJump);
        C->Jumps = (NativeJump*)NativeMemory.AlignedAlloc(jumpBytes, 64);
        NativeMemory.Clear(C->Jumps, jumpBytes);
        C->HostMxcsr = 0x1f80;
        Memory = new CpuMemory(C, machine.Memory, host, machine.CodePages, frame => Ask(new CpuRequest(CpuRequestKind.NoteWrite, frame)));
        _blocks = new BlockCache(this, machine.Options.ArenaBytes ?? (machine.Code is null ? BlockCache.ArenaBytes : BlockCache.ColdArenaBytes));
        C->TscBase = host.TimestampBase ?? 0;
        C->TscIsClock = host.TimestampBase is null || machine.Code is not { HasClock: true } ? 0u : 1;
        Reset();
    }

    /// <summary>Its number in the domain.</summary>
    internal VcpuId Id { get; }

    /// <summary>The state that instructions work on.</summary>
    internal readonly CpuContext* C;

    /// <summary>Linear memory at the current privilege level.</summary>
    internal readonly CpuMemory Memory;

    private readonly BlockCache _blocks;

    /// <summary>The machine around this CPU.</summary>
    internal IGuestCpuHost Host => _host;

    internal TranslatorMachine Machine => _machine;

    internal BlockCache Blocks => _blocks;

    /// <inheritdoc/>
    public ulong InstructionsExecuted => C->Instructions;

    /// <inheritdoc/>
    public string? FailureReason { get; private set; }

    /// <summary>Records an exception without an error code. Handlers return what this returns.</summary>
    internal StepResult Raise(byte vector)
    {
        C->FaultVector = vector;
        C->FaultHasError = false;
        C->FaultError = 0;
        return StepResult.Fault;
    }

    /// <summary>Records an exception with an error code. Handlers return what this returns.</summary>
    internal StepResult Raise(byte vector, uint error)
    {
        C->FaultVector = vector;
        C->FaultHasError = true;
        C->FaultError = error;
        return StepResult.Fault;
    }

    /// <summary>#GP(0).</summary>
    internal StepResult GeneralProtection() => Raise(Vectors.GeneralProtection, 0);

    /// <summary>#UD.</summary>
    internal StepResult InvalidOpcode() => Raise(Vectors.InvalidOpcode);

    /// <summary>
    /// Executes one decoded instruction by its handler, outside the loop: for instructions that cannot stay in a block, and for tests. The
    /// instruction's own address is where <c>Rip</c> stands.
    /// </summary>
    internal StepResult ExecuteOne(in Instruction instruction)
    {
        C->InstructionStart = C->Rip;
        C->Gpr[CpuContext.BlockSlot] = C->Rip - instruction.IP;
        C->Rip += (ulong)instruction.Length;
        if (C->Mode != CpuMode.Code64)
            C->Rip = (uint)C->Rip;
        delegate*<TranslatorCpu, in Instruction, StepResult> handler = HandlerTable.Instance[instruction.Code];
        StepResult result = handler == null ? InvalidOpcode() : handler(this, instruction);
        ReleaseInterrupt();
        if (result == StepResult.Fault)
            C->Rip = C->InstructionStart;
        return result;
    }

    /// <inheritdoc/>
    public bool TryTranslate(GuestLinear linear, out GuestPhysical physical)
    {
        bool found = PageWalker.Walk(C, _machine.Memory, linear.Address, PageAccess.Read, probe: true, out Translation translation, out _);
        physical = new GuestPhysical(translation.Physical);
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _machine.Forget(this);
        _blocks.Dispose();
        NativeMemory.AlignedFree(C->Jumps);
        NativeMemory.AlignedFree(_allocation);
    }
}
