using System.Buffers.Binary;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Engines.Translator.State;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator;

/// <summary>Reset, capture and restore of the architectural state.</summary>
internal sealed unsafe partial class TranslatorCpu
{
    private const int LegacyAreaSize = 576;
    private const int LegacyImageSize = 512;

    /// <summary>The hidden and visible parts of a segment register; FS and GS have their bases elsewhere, see <see cref="BaseOf"/>.</summary>
    internal Segment* SegmentOf(Register register) => register switch
    {
        Register.ES => &C->Es,
        Register.CS => &C->Cs,
        Register.SS => &C->Ss,
        Register.FS => &C->Fs,
        Register.GS => &C->Gs,
        _ => &C->Ds,
    };

    /// <summary>A segment's base address.</summary>
    internal ulong BaseOf(Register register) => register switch
    {
        Register.FS => C->Gpr[CpuContext.FsBaseSlot],
        Register.GS => C->Gpr[CpuContext.GsBaseSlot],
        _ => SegmentOf(register)->Base,
    };

    /// <summary>Recomputes what follows from control registers, CS and EFLAGS: mode, privilege level, TLB.</summary>
    internal void UpdateMode()
    {
        bool protectedMode = (C->Cr0 & Bits.Cr0ProtectionEnable) != 0;
        bool v86 = (C->SystemFlags & Bits.Virtual8086) != 0;
        C->Cpl = !protectedMode ? 0 : v86 ? 3 : (C->Ss.Attributes >> 5) & 3;
        if ((C->Efer & Bits.EferLongModeActive) != 0 && (C->Cs.Attributes & Segment.Long) != 0)
            C->Mode = CpuMode.Code64;
        else
            C->Mode = (C->Cs.Attributes & Segment.Big) != 0 ? CpuMode.Code32 : CpuMode.Code16;
        C->CodeBase = C->Mode == CpuMode.Code64 ? 0 : C->Cs.Base;
        Memory.SelectTlb();
    }

    /// <summary>The state after RESET (Intel SDM volume 3, table 9-1).</summary>
    internal void Reset()
    {
        var state = new CpuState { Rip = 0xfff0, Cr0 = 0x6000_0010 };
        state.Registers[2] = 0x600;
        for (int i = 0; i < 6; i++)
            state.Segments[i] = new SegmentState(0, 0, 0xffff, 0x93);
        state.Segments[1] = new SegmentState(0xf000, 0xffff_0000, 0xffff, 0x9b);
        state.Ldtr = new SegmentState(0, 0, 0xffff, 0x82);
        state.Tr = new SegmentState(0, 0, 0xffff, 0x8b);
        state.GdtrLimit = state.IdtrLimit = 0xffff;
        state.DebugRegisters[6] = 0xffff_0ff0;
        state.DebugRegisters[7] = 0x400;
        BinaryPrimitives.WriteUInt16LittleEndian(state.ExtendedState, 0x37f);
        BinaryPrimitives.WriteUInt32LittleEndian(state.ExtendedState.AsSpan(24), 0x1f80);
        state.Msrs[Msr.Pat] = 0x0007_0406_0007_0406;
        state.Msrs[Msr.MiscEnable] = 1; // fast string operations: guests use REP MOVS and REP STOS
        Restore(state);
    }

    /// <inheritdoc/>
    public void Capture(CpuState state)
    {
        for (int i = 0; i < 16; i++)
            state.Registers[i] = C->Gpr[i];
        state.Rip = C->Rip;
        state.Rflags = Flags.All(C);
        for (int i = 0; i < 6; i++)
            state.Segments[i] = Export(SegmentOf(Register.ES + i), BaseOf(Register.ES + i));
        state.Ldtr = Export(&C->Ldtr, C->Ldtr.Base);
        state.Tr = Export(&C->Tr, C->Tr.Base);
        (state.GdtrBase, state.GdtrLimit) = (C->GdtrBase, C->GdtrLimit);
        (state.IdtrBase, state.IdtrLimit) = (C->IdtrBase, C->IdtrLimit);
        (state.Cr0, state.Cr2, state.Cr3, state.Cr4, state.Xcr0) = (C->Cr0, C->Cr2, C->Cr3, C->Cr4, C->Xcr0);
        for (int i = 0; i < 8; i++)
            state.DebugRegisters[i] = C->Debug[i];
        state.Msrs.Clear();
        foreach (uint index in Msr.Stored)
        {
            Msr.TryReadStored(C, index, out ulong value);
            state.Msrs[index] = value;
        }

        if (state.ExtendedState.Length < LegacyAreaSize)
            state.ExtendedState = new byte[LegacyAreaSize];
        fixed (byte* area = state.ExtendedState)
        {
            Fxsave.Store(C, area, wide: true);
            *(ulong*)(area + 512) = 3; // XSTATE_BV: x87 and SSE
        }

        state.InterruptShadow = C->InterruptShadow;
        state.NmiBlocked = C->NmiBlocked;
        state.IsHalted = C->IsHalted;
    }

    /// <inheritdoc/>
    public void Restore(CpuState state)
    {
        if (state.ExtendedState.Length < LegacyImageSize)
            throw new ArgumentException($"the saved vector state has {state.ExtendedState.Length} bytes, needs {LegacyImageSize} or more", nameof(state));
        for (int i = 0; i < 16; i++)
            C->Gpr[i] = state.Registers[i];
        C->Rip = state.Rip;
        C->SystemFlags = (uint)state.Rflags & ~(Bits.Arithmetic | Bits.Fixed1);
        Flags.SetArithmetic(C, (uint)state.Rflags);
        for (int i = 0; i < 6; i++)
            Import(state.Segments[i], SegmentOf(Register.ES + i));
        C->Gpr[CpuContext.FsBaseSlot] = state.Segments[4].Base;
        C->Gpr[CpuContext.GsBaseSlot] = state.Segments[5].Base;
        Import(state.Ldtr, &C->Ldtr);
        Import(state.Tr, &C->Tr);
        (C->GdtrBase, C->GdtrLimit) = (state.GdtrBase, state.GdtrLimit);
        (C->IdtrBase, C->IdtrLimit) = (state.IdtrBase, state.IdtrLimit);
        (C->Cr0, C->Cr2, C->Cr3, C->Cr4, C->Xcr0) = (state.Cr0, state.Cr2, state.Cr3, state.Cr4, state.Xcr0);
        for (int i = 0; i < 8; i++)
            C->Debug[i] = state.DebugRegisters[i];
        UpdateBreakpoints();
        foreach ((uint index, ulong value) in state.Msrs)
            Msr.TryWriteStored(C, index, value);
        fixed (byte* area = state.ExtendedState)
            Fxsave.Load(C, area, wide: true);
        C->InterruptShadow = state.InterruptShadow;
        C->NmiBlocked = state.NmiBlocked;
        C->IsHalted = state.IsHalted;
        Memory.FlushAll();
        UpdateMode();
    }

    private static SegmentState Export(Segment* segment, ulong @base)
        => new(segment->Selector, @base, segment->Limit, segment->Attributes);

    private static void Import(SegmentState state, Segment* segment)
        => *segment = new Segment { Base = state.Base, Limit = state.Limit, Attributes = state.Attributes, Selector = state.Selector };
}
