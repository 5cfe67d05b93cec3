using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.Interpret.Fast;
using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.State;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator;

/// <summary>
/// The interpreter's loop. One method, because its speed comes from the context, the registers and the operation staying in host registers across
/// the whole switch; a table by nature, most cases one line per operation, width and form.
/// </summary>
internal sealed unsafe partial class TranslatorCpu
{
    /// <summary>
    /// Executes blocks until something other than the next block is needed. On return <c>Rip</c> (after a fault: <c>InstructionStart</c>) is right
    /// and no operation is half done.
    /// </summary>
    private StepResult Execute(Block* block)
    {
        CpuContext* c = C;
        ulong* gpr = c->Gpr;
        int hot = c->Mode == CpuMode.Code64 ? _machine.CompileAfter : int.MaxValue;
        ulong linear;
        ulong value;
        ulong target;
        ulong carry;
        int outcome;
        TlbEntry* entry;
        MicroOp* op;

    enter:
        if (++block->Executions > hot)
            return StepResult.Leave;
        gpr[CpuContext.BlockSlot] = c->Rip;
        c->Instructions += (ulong)block->Count;
        op = block->Ops;
        if (op == null)
            goto complete;
        while (true)
        {
            switch (op->Code)
            {
                case OpKindCode.Move32RR:
                    gpr[op->Destination] = (uint)gpr[op->Source];
                    break;
                case OpKindCode.Move64RR:
                    gpr[op->Destination] = gpr[op->Source];
                    break;
                case OpKindCode.MoveRI:
                    gpr[op->Destination] = (ulong)op->Immediate;
                    break;
                case OpKindCode.Zero8RR:
                    gpr[op->Destination] = (byte)gpr[op->Source];
                    break;
                case OpKindCode.Zero16RR:
                    gpr[op->Destination] = (ushort)gpr[op->Source];
                    break;
                case OpKindCode.Sign8To32RR:
                    gpr[op->Destination] = (uint)(sbyte)gpr[op->Source];
                    break;
                case OpKindCode.Sign8To64RR:
                    gpr[op->Destination] = (ulong)(sbyte)gpr[op->Source];
                    break;
                case OpKindCode.Sign16To32RR:
                    gpr[op->Destination] = (uint)(short)gpr[op->Source];
                    break;
                case OpKindCode.Sign16To64RR:
                    gpr[op->Destination] = (ulong)(short)gpr[op->Source];
                    break;
                case OpKindCode.Sign32To64RR:
                    gpr[op->Destination] = (ulong)(int)gpr[op->Source];
                    break;
                case OpKindCode.Address32:
                    gpr[op->Destination] = (uint)Alu.Address(gpr, op);
                    break;
                case OpKindCode.Address64:
                    gpr[op->Destination] = Alu.Address(gpr, op);
                    break;
                case OpKindCode.AddCarry32RR:
                    Carries.AddCarry<Width32>(c, gpr + op->Destination, Width32.Extend(gpr[op->Source]));
                    break;
                case OpKindCode.AddCarry32RI:
                    Carries.AddCarry<Width32>(c, gpr + op->Destination, (ulong)op->Immediate);
                    break;
                case OpKindCode.AddCarry64RR:
                    Carries.AddCarry<Width64>(c, gpr + op->Destination, Width64.Extend(gpr[op->Source]));
                    break;
                case OpKindCode.AddCarry64RI:
                    Carries.AddCarry<Width64>(c, gpr + op->Destination, (ulong)op->Immediate);
                    break;
                case OpKindCode.SubtractBorrow32RR:
                    Carries.SubtractBorrow<Width32>(c, gpr + op->Destination, Width32.Extend(gpr[op->Source]));
                    break;
                case OpKindCode.SubtractBorrow32RI:
                    Carries.SubtractBorrow<Width32>(c, gpr + op->Destination, (ulong)op->Immediate);
                    break;
                case OpKindCode.SubtractBorrow64RR:
                    Carries.SubtractBorrow<Width64>(c, gpr + op->Destination, Width64.Extend(gpr[op->Source]));
                    break;
                case OpKindCode.SubtractBorrow64RI:
                    Carries.SubtractBorrow<Width64>(c, gpr + op->Destination, (ulong)op->Immediate);
                    break;
                case OpKindCode.RotateLeft32:
                    gpr[op->Destination] = Carries.RotateLeft32(c, (uint)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.RotateLeft64:
                    gpr[op->Destination] = Carries.RotateLeft64(c, (ulong)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.Increment32:
                    value = (ulong)(int)gpr[op->Destination];
                    carry = Flags.Carry(c) ? 1u : 0;
                    gpr[op->Destination] = (uint)(value + 1);
                    Flags.Defer(c, FlagKind.Increment, (ulong)(int)(value + 1), value, carry);
                    break;
                case OpKindCode.Decrement32:
                    value = (ulong)(int)gpr[op->Destination];
                    carry = Flags.Carry(c) ? 1u : 0;
                    gpr[op->Destination] = (uint)(value - 1);
                    Flags.Defer(c, FlagKind.Decrement, (ulong)(int)(value - 1), value, carry);
                    break;
                case OpKindCode.Negate32:
                    value = (ulong)(int)gpr[op->Destination];
                    gpr[op->Destination] = (uint)(0 - value);
                    Flags.Defer(c, FlagKind.Subtract, (ulong)(int)(0 - value), 0, value);
                    break;
                case OpKindCode.Not32:
                    gpr[op->Destination] = (uint)~gpr[op->Destination];
                    break;
                case OpKindCode.ShiftLeft32:
                    gpr[op->Destination] = Shifts.ShiftLeft32(c, (uint)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.ShiftRight32:
                    gpr[op->Destination] = Shifts.ShiftRight32(c, (uint)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.ShiftArithmetic32:
                    gpr[op->Destination] = Shifts.ShiftArithmetic32(c, (uint)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.Multiply32RR:
                    gpr[op->Destination] = (uint)Shifts.Multiply32(c, (int)gpr[op->Destination], (int)gpr[op->Source]);
                    break;
                case OpKindCode.Multiply32RRI:
                    gpr[op->Destination] = (uint)Shifts.Multiply32(c, (int)gpr[op->Source], (int)op->Immediate);
                    break;
                case OpKindCode.Increment64:
                    value = gpr[op->Destination];
                    carry = Flags.Carry(c) ? 1u : 0;
                    gpr[op->Destination] = (ulong)(value + 1);
                    Flags.Defer(c, FlagKind.Increment, (value + 1), value, carry);
                    break;
                case OpKindCode.Decrement64:
                    value = gpr[op->Destination];
                    carry = Flags.Carry(c) ? 1u : 0;
                    gpr[op->Destination] = (ulong)(value - 1);
                    Flags.Defer(c, FlagKind.Decrement, (value - 1), value, carry);
                    break;
                case OpKindCode.Negate64:
                    value = gpr[op->Destination];
                    gpr[op->Destination] = (ulong)(0 - value);
                    Flags.Defer(c, FlagKind.Subtract, (0 - value), 0, value);
                    break;
                case OpKindCode.Not64:
                    gpr[op->Destination] = (ulong)~gpr[op->Destination];
                    break;
                case OpKindCode.ShiftLeft64:
                    gpr[op->Destination] = Shifts.ShiftLeft64(c, (ulong)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.ShiftRight64:
                    gpr[op->Destination] = Shifts.ShiftRight64(c, (ulong)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.ShiftArithmetic64:
                    gpr[op->Destination] = Shifts.ShiftArithmetic64(c, (ulong)gpr[op->Destination], (int)op->Immediate);
                    break;
                case OpKindCode.Multiply64RR:
                    gpr[op->Destination] = (ulong)Shifts.Multiply64(c, (long)gpr[op->Destination], (long)gpr[op->Source]);
                    break;
                case OpKindCode.Multiply64RRI:
                    gpr[op->Destination] = (ulong)Shifts.Multiply64(c, (long)gpr[op->Source], (long)op->Immediate);
                    break;
                case OpKindCode.PushR:
                    linear = gpr[4] - 8;
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->WriteTag)
                    {
                        *(ulong*)((byte*)linear + entry->Addend) = gpr[op->Source];
                        gpr[4] = linear;
                        break;
                    }

                    if (!StoreSlow(linear, gpr[op->Source], 8, op))
                        goto fault;
                    gpr[4] = linear;
                    goto stored;
                case OpKindCode.PushI:
                    linear = gpr[4] - 8;
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->WriteTag)
                    {
                        *(ulong*)((byte*)linear + entry->Addend) = (ulong)op->Immediate;
                        gpr[4] = linear;
                        break;
                    }

                    if (!StoreSlow(linear, (ulong)op->Immediate, 8, op))
                        goto fault;
                    gpr[4] = linear;
                    goto stored;
                case OpKindCode.PopR:
                    linear = gpr[4];
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->ReadTag)
                        value = *(ulong*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 8, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    gpr[4] = linear + 8;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.SetIf:
                    *(byte*)(gpr + op->Destination) = Flags.Condition(c, op->Condition) ? (byte)1 : (byte)0;
                    break;
                case OpKindCode.MoveIf32:
                    gpr[op->Destination] = Flags.Condition(c, op->Condition) ? (uint)gpr[op->Source] : (uint)gpr[op->Destination];
                    break;
                case OpKindCode.MoveIf64:
                    if (Flags.Condition(c, op->Condition))
                        gpr[op->Destination] = gpr[op->Source];
                    break;
                case OpKindCode.JumpIf:
                    if (Flags.Condition(c, op->Condition))
                        goto taken;
                    break;
                case OpKindCode.Jump:
                    goto taken;
                case OpKindCode.Call:
                    linear = gpr[4] - 8;
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->WriteTag)
                        *(ulong*)((byte*)linear + entry->Addend) = gpr[CpuContext.BlockSlot] + op->Offset + op->Length;
                    else if (!StoreSlow(linear, gpr[CpuContext.BlockSlot] + op->Offset + op->Length, 8, op))
                        goto fault;
                    gpr[4] = linear;
                    goto taken;
                case OpKindCode.Return:
                    linear = gpr[4];
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->ReadTag)
                        value = *(ulong*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 8, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    gpr[4] = linear + 8 + (ulong)op->Immediate;
                    target = value;
                    goto indirect;
                case OpKindCode.JumpR:
                    target = gpr[op->Source];
                    goto indirect;
                case OpKindCode.CallR:
                    target = gpr[op->Source];
                    linear = gpr[4] - 8;
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->WriteTag)
                        *(ulong*)((byte*)linear + entry->Addend) = gpr[CpuContext.BlockSlot] + op->Offset + op->Length;
                    else if (!StoreSlow(linear, gpr[CpuContext.BlockSlot] + op->Offset + op->Length, 8, op))
                        goto fault;
                    gpr[4] = linear;
                    goto indirect;
                case OpKindCode.JumpM:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->ReadTag)
                        target = *(ulong*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 8, op))
                        target = c->Scratch;
                    else
                        goto fault;
                    goto indirect;
                case OpKindCode.CallM:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->ReadTag)
                        target = *(ulong*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 8, op))
                        target = c->Scratch;
                    else
                        goto fault;
                    linear = gpr[4] - 8;
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->WriteTag)
                        *(ulong*)((byte*)linear + entry->Addend) = gpr[CpuContext.BlockSlot] + op->Offset + op->Length;
                    else if (!StoreSlow(linear, gpr[CpuContext.BlockSlot] + op->Offset + op->Length, 8, op))
                        goto fault;
                    gpr[4] = linear;
                    goto indirect;
                case OpKindCode.Load8:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 1) == entry->ReadTag)
                        value = *((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 1, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    *(byte*)(gpr + op->Destination) = (byte)value;
                    break;
                case OpKindCode.Load16:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 2) == entry->ReadTag)
                        value = *(ushort*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 2, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    *(ushort*)(gpr + op->Destination) = (ushort)value;
                    break;
                case OpKindCode.Load32:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 4) == entry->ReadTag)
                        value = *(uint*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 4, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.Load64:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->ReadTag)
                        value = *(ulong*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 8, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.LoadZero8:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 1) == entry->ReadTag)
                        value = *((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 1, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.LoadZero16:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 2) == entry->ReadTag)
                        value = *(ushort*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 2, op))
                        value = c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.LoadSign8To32:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 1) == entry->ReadTag)
                        value = (uint)*(sbyte*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 1, op))
                        value = (uint)(sbyte)c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.LoadSign8To64:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 1) == entry->ReadTag)
                        value = (ulong)*(sbyte*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 1, op))
                        value = (ulong)(sbyte)c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.LoadSign16To32:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 2) == entry->ReadTag)
                        value = (uint)*(short*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 2, op))
                        value = (uint)(short)c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.LoadSign16To64:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 2) == entry->ReadTag)
                        value = (ulong)*(short*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 2, op))
                        value = (ulong)(short)c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.LoadSign32To64:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 4) == entry->ReadTag)
                        value = (ulong)*(int*)((byte*)linear + entry->Addend);
                    else if (LoadSlow(linear, 4, op))
                        value = (ulong)(int)c->Scratch;
                    else
                        goto fault;
                    gpr[op->Destination] = value;
                    break;
                case OpKindCode.Store8:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 1) == entry->WriteTag)
                    {
                        *(byte*)((byte*)linear + entry->Addend) = (byte)gpr[op->Source];
                        break;
                    }

                    if (!StoreSlow(linear, gpr[op->Source], 1, op))
                        goto fault;
                    goto stored;
                case OpKindCode.Store16:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 2) == entry->WriteTag)
                    {
                        *(ushort*)((byte*)linear + entry->Addend) = (ushort)gpr[op->Source];
                        break;
                    }

                    if (!StoreSlow(linear, gpr[op->Source], 2, op))
                        goto fault;
                    goto stored;
                case OpKindCode.Store32:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 4) == entry->WriteTag)
                    {
                        *(uint*)((byte*)linear + entry->Addend) = (uint)gpr[op->Source];
                        break;
                    }

                    if (!StoreSlow(linear, gpr[op->Source], 4, op))
                        goto fault;
                    goto stored;
                case OpKindCode.Store64:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->WriteTag)
                    {
                        *(ulong*)((byte*)linear + entry->Addend) = (ulong)gpr[op->Source];
                        break;
                    }

                    if (!StoreSlow(linear, gpr[op->Source], 8, op))
                        goto fault;
                    goto stored;
                case OpKindCode.StoreImmediate8:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 1) == entry->WriteTag)
                    {
                        *(byte*)((byte*)linear + entry->Addend) = (byte)op->Immediate;
                        break;
                    }

                    if (!StoreSlow(linear, (ulong)op->Immediate, 1, op))
                        goto fault;
                    goto stored;
                case OpKindCode.StoreImmediate16:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 2) == entry->WriteTag)
                    {
                        *(ushort*)((byte*)linear + entry->Addend) = (ushort)op->Immediate;
                        break;
                    }

                    if (!StoreSlow(linear, (ulong)op->Immediate, 2, op))
                        goto fault;
                    goto stored;
                case OpKindCode.StoreImmediate32:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 4) == entry->WriteTag)
                    {
                        *(uint*)((byte*)linear + entry->Addend) = (uint)op->Immediate;
                        break;
                    }

                    if (!StoreSlow(linear, (ulong)op->Immediate, 4, op))
                        goto fault;
                    goto stored;
                case OpKindCode.StoreImmediate64:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 8) == entry->WriteTag)
                    {
                        *(ulong*)((byte*)linear + entry->Addend) = (ulong)op->Immediate;
                        break;
                    }

                    if (!StoreSlow(linear, (ulong)op->Immediate, 8, op))
                        goto fault;
                    goto stored;
                case OpKindCode.Add32RR:
                    Alu.RR<Add, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Add32RI:
                    Alu.RI<Add, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Add32RM:
                    if (!Alu.RM<Add, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Add32MR:
                    if (!Alu.MR<Add, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Add32MI:
                    if (!Alu.MI<Add, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Add64RR:
                    Alu.RR<Add, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Add64RI:
                    Alu.RI<Add, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Add64RM:
                    if (!Alu.RM<Add, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Add64MR:
                    if (!Alu.MR<Add, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Add64MI:
                    if (!Alu.MI<Add, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Sub32RR:
                    Alu.RR<Subtract, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Sub32RI:
                    Alu.RI<Subtract, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Sub32RM:
                    if (!Alu.RM<Subtract, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Sub32MR:
                    if (!Alu.MR<Subtract, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Sub32MI:
                    if (!Alu.MI<Subtract, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Sub64RR:
                    Alu.RR<Subtract, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Sub64RI:
                    Alu.RI<Subtract, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Sub64RM:
                    if (!Alu.RM<Subtract, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Sub64MR:
                    if (!Alu.MR<Subtract, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Sub64MI:
                    if (!Alu.MI<Subtract, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.And32RR:
                    Alu.RR<And, Width32>(c, gpr, op);
                    break;
                case OpKindCode.And32RI:
                    Alu.RI<And, Width32>(c, gpr, op);
                    break;
                case OpKindCode.And32RM:
                    if (!Alu.RM<And, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.And32MR:
                    if (!Alu.MR<And, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.And32MI:
                    if (!Alu.MI<And, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.And64RR:
                    Alu.RR<And, Width64>(c, gpr, op);
                    break;
                case OpKindCode.And64RI:
                    Alu.RI<And, Width64>(c, gpr, op);
                    break;
                case OpKindCode.And64RM:
                    if (!Alu.RM<And, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.And64MR:
                    if (!Alu.MR<And, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.And64MI:
                    if (!Alu.MI<And, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Or32RR:
                    Alu.RR<Or, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Or32RI:
                    Alu.RI<Or, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Or32RM:
                    if (!Alu.RM<Or, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Or32MR:
                    if (!Alu.MR<Or, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Or32MI:
                    if (!Alu.MI<Or, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Or64RR:
                    Alu.RR<Or, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Or64RI:
                    Alu.RI<Or, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Or64RM:
                    if (!Alu.RM<Or, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Or64MR:
                    if (!Alu.MR<Or, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Or64MI:
                    if (!Alu.MI<Or, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Xor32RR:
                    Alu.RR<Xor, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Xor32RI:
                    Alu.RI<Xor, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Xor32RM:
                    if (!Alu.RM<Xor, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Xor32MR:
                    if (!Alu.MR<Xor, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Xor32MI:
                    if (!Alu.MI<Xor, Width32>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Xor64RR:
                    Alu.RR<Xor, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Xor64RI:
                    Alu.RI<Xor, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Xor64RM:
                    if (!Alu.RM<Xor, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Xor64MR:
                    if (!Alu.MR<Xor, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Xor64MI:
                    if (!Alu.MI<Xor, Width64>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Cmp32RR:
                    Alu.RR<Compare, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Cmp32RI:
                    Alu.RI<Compare, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Cmp32RM:
                    if (!Alu.RM<Compare, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp32MR:
                    if (!Alu.MR<Compare, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp32MI:
                    if (!Alu.MI<Compare, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp64RR:
                    Alu.RR<Compare, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Cmp64RI:
                    Alu.RI<Compare, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Cmp64RM:
                    if (!Alu.RM<Compare, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp64MR:
                    if (!Alu.MR<Compare, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp64MI:
                    if (!Alu.MI<Compare, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Test32RR:
                    Alu.RR<Test, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Test32RI:
                    Alu.RI<Test, Width32>(c, gpr, op);
                    break;
                case OpKindCode.Test32MR:
                    if (!Alu.MR<Test, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Test32MI:
                    if (!Alu.MI<Test, Width32>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Test64RR:
                    Alu.RR<Test, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Test64RI:
                    Alu.RI<Test, Width64>(c, gpr, op);
                    break;
                case OpKindCode.Test64MR:
                    if (!Alu.MR<Test, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Test64MI:
                    if (!Alu.MI<Test, Width64>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp8RR:
                    Alu.RR<Compare, Width8>(c, gpr, op);
                    break;
                case OpKindCode.Cmp8RI:
                    Alu.RI<Compare, Width8>(c, gpr, op);
                    break;
                case OpKindCode.Cmp8RM:
                    if (!Alu.RM<Compare, Width8>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp8MR:
                    if (!Alu.MR<Compare, Width8>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Cmp8MI:
                    if (!Alu.MI<Compare, Width8>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Test8RR:
                    Alu.RR<Test, Width8>(c, gpr, op);
                    break;
                case OpKindCode.Test8RI:
                    Alu.RI<Test, Width8>(c, gpr, op);
                    break;
                case OpKindCode.Test8MR:
                    if (!Alu.MR<Test, Width8>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Test8MI:
                    if (!Alu.MI<Test, Width8>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.And8RR:
                    Alu.RR<And, Width8>(c, gpr, op);
                    break;
                case OpKindCode.And8RI:
                    Alu.RI<And, Width8>(c, gpr, op);
                    break;
                case OpKindCode.And8RM:
                    if (!Alu.RM<And, Width8>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.And8MR:
                    if (!Alu.MR<And, Width8>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.And8MI:
                    if (!Alu.MI<And, Width8>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Or8RR:
                    Alu.RR<Or, Width8>(c, gpr, op);
                    break;
                case OpKindCode.Or8RI:
                    Alu.RI<Or, Width8>(c, gpr, op);
                    break;
                case OpKindCode.Or8RM:
                    if (!Alu.RM<Or, Width8>(this, c, gpr, op))
                        goto fault;
                    break;
                case OpKindCode.Or8MR:
                    if (!Alu.MR<Or, Width8>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Or8MI:
                    if (!Alu.MI<Or, Width8>(this, c, gpr, op))
                        goto fault;
                    if (*c->Poll != 0)
                        goto stored;
                    break;
                case OpKindCode.Cmp8RRJumpIf:
                    if (Alu.RRIf<Compare, Width8>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Cmp8RIJumpIf:
                    if (Alu.RIIf<Compare, Width8>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Cmp32RRJumpIf:
                    if (Alu.RRIf<Compare, Width32>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Cmp32RIJumpIf:
                    if (Alu.RIIf<Compare, Width32>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Cmp64RRJumpIf:
                    if (Alu.RRIf<Compare, Width64>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Cmp64RIJumpIf:
                    if (Alu.RIIf<Compare, Width64>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Test8RRJumpIf:
                    if (Alu.RRIf<Test, Width8>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Test8RIJumpIf:
                    if (Alu.RIIf<Test, Width8>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Test32RRJumpIf:
                    if (Alu.RRIf<Test, Width32>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Test32RIJumpIf:
                    if (Alu.RIIf<Test, Width32>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Test64RRJumpIf:
                    if (Alu.RRIf<Test, Width64>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Test64RIJumpIf:
                    if (Alu.RIIf<Test, Width64>(c, gpr, op))
                        goto taken;
                    break;
                case OpKindCode.Cmp8MIJumpIf:
                    outcome = Alu.MIIf<Compare, Width8>(this, c, gpr, op);
                    if (outcome > 0)
                        goto taken;
                    if (outcome < 0)
                        goto fault;
                    break;
                case OpKindCode.Cmp8RMJumpIf:
                    outcome = Alu.RMIf<Compare, Width8>(this, c, gpr, op);
                    if (outcome > 0)
                        goto taken;
                    if (outcome < 0)
                        goto fault;
                    break;
                case OpKindCode.Cmp32MIJumpIf:
                    outcome = Alu.MIIf<Compare, Width32>(this, c, gpr, op);
                    if (outcome > 0)
                        goto taken;
                    if (outcome < 0)
                        goto fault;
                    break;
                case OpKindCode.Cmp32RMJumpIf:
                    outcome = Alu.RMIf<Compare, Width32>(this, c, gpr, op);
                    if (outcome > 0)
                        goto taken;
                    if (outcome < 0)
                        goto fault;
                    break;
                case OpKindCode.Cmp64MIJumpIf:
                    outcome = Alu.MIIf<Compare, Width64>(this, c, gpr, op);
                    if (outcome > 0)
                        goto taken;
                    if (outcome < 0)
                        goto fault;
                    break;
                case OpKindCode.Cmp64RMJumpIf:
                    outcome = Alu.RMIf<Compare, Width64>(this, c, gpr, op);
                    if (outcome > 0)
                        goto taken;
                    if (outcome < 0)
                        goto fault;
                    break;
                case OpKindCode.Test8MIJumpIf:
                    outcome = Alu.MIIf<Test, Width8>(this, c, gpr, op);
                    if (outcome > 0)
                        goto taken;
                    if (outcome < 0)
                        goto fault;
                    break;
                case OpKindCode.MoveVectorRR:
                    if ((c->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) != 0)
                        goto byHandler;
                    *(Vector128<byte>*)(c->Vector + (op->Destination * 32)) = *(Vector128<byte>*)(c->Vector + (op->Source * 32));
                    break;
                case OpKindCode.LoadVectorAligned:
                case OpKindCode.LoadVector:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 16) != entry->ReadTag || (c->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) != 0
                        || (op->Code == OpKindCode.LoadVectorAligned && (linear & 15) != 0))
                        goto byHandler;
                    *(Vector128<byte>*)(c->Vector + (op->Destination * 32)) = *(Vector128<byte>*)((byte*)linear + entry->Addend);
                    break;
                case OpKindCode.StoreVectorAligned:
                case OpKindCode.StoreVector:
                    linear = Alu.Address(gpr, op);
                    entry = Alu.Entry(c, linear);
                    if (Alu.Tag(linear, 16) != entry->WriteTag || (c->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) != 0
                        || (op->Code == OpKindCode.StoreVectorAligned && (linear & 15) != 0))
                        goto byHandler;
                    *(Vector128<byte>*)((byte*)linear + entry->Addend) = *(Vector128<byte>*)(c->Vector + (op->Source * 32));
                    break;
                case OpKindCode.Handler:
                    goto byHandler;
                default:
                    target = gpr[CpuContext.BlockSlot] + op->Offset;
                    goto direct;
            }

            op++;
            continue;

        byHandler:
            {
                // The vector moves come here too: what their fast way does not handle goes the complete way.
                ulong start = gpr[CpuContext.BlockSlot] + op->Offset;
                c->InstructionStart = start;
                c->Rip = start + op->Length;
                var handler = (delegate*<TranslatorCpu, in Instruction, StepResult>)op->Immediate;
                if (handler == null)
                    return InvalidOpcode();
                StepResult result = handler(this, in *(Instruction*)op->Target);
                ReleaseInterrupt();
                if (result != StepResult.Next)
                    return result;
                if ((*c->Poll & (uint)PollBits.Engine) != 0)
                    return StepResult.Leave;
                op++;
                continue;
            }

        stored:
            // The slow way of a store may have hit code, perhaps of this very block.
            if ((*c->Poll & (uint)PollBits.Engine) != 0)
            {
                c->Rip = gpr[CpuContext.BlockSlot] + op->Offset + op->Length;
                return StepResult.Leave;
            }

            op++;
        }

    taken:
        target = gpr[CpuContext.BlockSlot] + (ulong)(op->Immediate >> 32);

    direct:
        {
            c->Rip = target;
            if (*c->Poll != 0)
                return StepResult.Leave;
            var next = (Block*)op->Target;
            if (next == null || !next->Live)
            {
                ulong flushes = _blocks.Flushes;
                next = _blocks.Find();
                if (next == null)
                    goto fetchFault;

                // Within one page the mapping cannot change under a running block: the two may be tied together, unless making the second emptied
                // the arena in which the first was.
                if (flushes == _blocks.Flushes && (((target + c->CodeBase) ^ (gpr[CpuContext.BlockSlot] + c->CodeBase)) & ~0xfffUL) == 0 && block->SecondFrame == ulong.MaxValue && next->SecondFrame == ulong.MaxValue)
                    op->Target = (nint)next;
            }

            block = next;
            goto enter;
        }

    indirect:
        c->Rip = target;
        if (*c->Poll != 0)
            return StepResult.Leave;
        block = _blocks.Find();
        if (block != null)
            goto enter;

    fetchFault:
        c->InstructionStart = c->Rip;
        return StepResult.Fault;

    complete:
        if (!_blocks.TryComplete(block))
            return StepResult.Leave;
        goto enter;

    fault:
        c->InstructionStart = gpr[CpuContext.BlockSlot] + op->Offset;
        return StepResult.Fault;
    }
}
