using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.State;
using Iced.Intel;
using static Hospes.Engines.Translator.Native.TlbCode;

namespace Hospes.Engines.Translator.Native;

/// <summary>Instructions that run as themselves, and how they reach their operands.</summary>
internal sealed unsafe partial class BlockCompiler
{
    private bool EmitOrdinary(int index)
    {
        Instruction instruction = _instructions[index];
        bool vector = _forms[index] == NativeForm.Vector;
        bool fpu = _forms[index] == NativeForm.Fpu;
        ref readonly InstructionInfo information = ref _information.GetInfo(instruction, InstructionInfoOptions.NoMemoryUsage | InstructionInfoOptions.NoRegisterUsage);
        uint written = FlagLiveness.Writes(instruction, _forms[index]);
        uint read = FlagLiveness.Reads(instruction, _forms[index]);
        uint liveAfter = _liveAfter[index];
        uint needed = read | (written != 0 ? liveAfter & ~written : 0);
        uint liveBefore = (liveAfter & ~written) | read;
        if (vector)
            CheckVectors(index, liveBefore);
        if (fpu)
            CheckFpu(index, liveBefore);

        int memory = MemoryOperand(instruction);
        int exit = -1;
        bool addressFree = memory < 0;
        if (memory >= 0 && IsGrouped(index))
        {
            PrepareGroup(index, liveBefore);
            if (needed != 0)
                NeedFlags(HostRegisters.Address);
            bool borrows = HasContextRegister(instruction) || HighByte(instruction) >= 0;
            EmitGroupOperand(index, ref instruction, borrows);
        }
        else if (memory >= 0)
        {
            OpAccess access = information.GetOpAccess(memory);
            int size = instruction.MemorySize.GetSize();
            if (size is 0 or > 16)
                return false;
            bool writes = access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite;
            bool aligned = size == 16 && !NativeForms.MayBeUnaligned(instruction.Mnemonic);
            ReleaseFlags(liveBefore);
            byte* retry = _e.At;
            EmitAddress(instruction);
            exit = EmitProbe(index, retry, size, writes, aligned, RecentPageOf(instruction));
            SubstituteMemory(ref instruction);
        }

        if (needed != 0)
            NeedFlags();
        if (vector)
            LoadVectors(instruction, information);
        if (!ExchangeRegisters(ref instruction, information, addressFree, out Borrowed first, out Borrowed second))
            return false;
        EmitBorrow(first);
        EmitBorrow(second);
        int high = HighByte(instruction);
        bool exchanges = high >= 0 && (memory >= 0 || HasExtendedRegister(instruction));
        if (exchanges && instruction.Mnemonic == Mnemonic.Cmpxchg)
            return false; // it has AL for an operand too
        if (exchanges)
            ExchangeHighByte(ref instruction, high);
        if (!_encoder.TryEncode(instruction, 0, out _, out _))
            return false;
        if (exchanges)
            EmitExchangeBytes(high);
        EmitReturn(first);
        EmitReturn(second);
        if (vector)
            StoreVectors(instruction, information);
        if (fpu && FpuForms.IsComputing(instruction))
            NoteFpuInstruction(index);
        FlagsWritten(written, liveAfter);
        if (exit >= 0)
            FinishMemory(exit);
        return true;
    }

    private static int MemoryOperand(in Instruction instruction)
    {
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Memory)
                return operand;
        }

        return -1;
    }

    private static void SubstituteMemory(ref Instruction instruction)
    {
        instruction.MemoryBase = Register.R14;
        instruction.MemoryIndex = Register.None;
        instruction.MemoryIndexScale = 1;
        instruction.MemoryDisplacement64 = 0;
        instruction.MemoryDisplSize = 0;
        instruction.SegmentPrefix = Register.None;
    }

    /// <summary>A guest register that is in the context, and the scratch register that has it for one instruction.</summary>
    private readonly record struct Borrowed(int Guest, int Host, bool Written);

    private void EmitBorrow(Borrowed register)
    {
        if (register.Host == HostRegisters.Scratch)
            _scratchGroup = -1;
        if (register.Host != 0)
            _e.Load(register.Host, HostRegisters.Context, ContextOffsets.Gpr(register.Guest));
    }

    private void EmitReturn(Borrowed register)
    {
        if (register.Written)
            _e.Store(HostRegisters.Context, ContextOffsets.Gpr(register.Guest), register.Host);
    }

    /// <summary>
    /// Replaces guest registers by the host's. One that is in the context goes to the scratch register, a second to the address register if that is free;
    /// for more there is no room.
    /// </summary>
    private static bool ExchangeRegisters(ref Instruction instruction, in InstructionInfo information, bool addressFree, out Borrowed first, out Borrowed second)
    {
        first = second = default;
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) != OpKind.Register)
                continue;
            Register register = instruction.GetOpRegister(operand);
            if (!register.IsGPR() || register is >= Register.AH and <= Register.BH)
                continue;
            int guest = Registers.Index(register);
            int host = HostRegisters.Of(guest);
            if (host < 0)
            {
                bool written = information.GetOpAccess(operand) is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite;
                if (first.Host == 0 || first.Guest == guest)
                {
                    host = HostRegisters.Scratch;
                    first = new Borrowed(guest, host, written | first.Written);
                }
                else if (addressFree && (second.Host == 0 || second.Guest == guest))
                {
                    host = HostRegisters.Address;
                    second = new Borrowed(guest, host, written | second.Written);
                }
                else
                {
                    return false;
                }
            }

            if (host != guest)
                instruction.SetOpRegister(operand, Sized(register, host));
        }

        return true;
    }

    private static Register Sized(Register like, int number) => like.GetSize() switch
    {
        8 => Register.RAX + number,
        4 => Register.EAX + number,
        2 => Register.AX + number,
        _ => Register.R8L + (number - 8), // every register that is exchanged has a number of 8 or more
    };

    /// <summary>Puts the linear address of the memory operand into the address register. Changes flags only for FS and GS.</summary>
    private void EmitAddress(in Instruction instruction)
    {
        EmitAddressTo(HostRegisters.Address, instruction, wide: true);
        if (instruction.MemorySegment is Register.FS or Register.GS)
        {
            _e.RegisterMemory(0x03, HostRegisters.Address, HostRegisters.Context, ContextOffsets.SegmentBase(instruction.MemorySegment));
        }
    }

    private void EmitAddressTo(int to, in Instruction instruction, bool wide)
    {
        int displacement = (int)instruction.MemoryDisplacement64;
        if (instruction.MemoryBase == Register.RIP)
        {
            _e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.CodePage);
            _e.LoadAddress(to, HostRegisters.Address, -1, 0, displacement, wide);
            return;
        }

        int @base = instruction.MemoryBase == Register.None ? -1 : InHost(instruction.MemoryBase - Register.RAX, HostRegisters.Address);
        int index = instruction.MemoryIndex == Register.None ? -1 : InHost(instruction.MemoryIndex - Register.RAX, HostRegisters.Scratch);
        if (index < 0 && @base >= 0 && displacement == 0 && wide)
            _e.Move(to, @base);
        else
            _e.LoadAddress(to, @base, index, Scale(instruction.MemoryIndexScale), displacement, wide);
    }

    private static int Scale(int factor) => factor switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 };

    /// <summary>The host register that has a guest register's value, loaded into <paramref name="spare"/> if it is in the context.</summary>
    private int InHost(int guest, int spare)
    {
        int host = HostRegisters.Of(guest);
        if (host >= 0)
            return host;
        if (spare == HostRegisters.Scratch)
            _scratchGroup = -1;
        _e.Load(spare, HostRegisters.Context, ContextOffsets.Gpr(guest));
        return spare;
    }

    /// <summary>Turns the linear address in the address register into a host address, or leaves. Changes flags and the scratch register.</summary>
    /// <param name="index">The instruction's.</param>
    /// <param name="retry">Where the address is computed, behind all that concerns flags.</param>
    /// <param name="size">Bytes of the access.</param>
    /// <param name="writes">It writes, and perhaps reads.</param>
    /// <param name="aligned">It faults unless it is aligned to 16 bytes.</param>
    /// <param name="recent">What is asked before the TLB.</param>
    private int EmitProbe(int index, byte* retry, int size, bool writes, bool aligned = false, RecentPage recent = RecentPage.None)
    {
        EmitLookUp(index, retry, size, writes, aligned, ExitKind.Memory, recent);
        if (recent == RecentPage.None)
            _e.RegisterMemoryIndexed(0x03, HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, PagePlace);
        else
            _e.RegisterMemory(0x03, HostRegisters.Address, HostRegisters.Tlb, RecentPlace(recent) + PagePlace);
        return _exitCount - 1;
    }

    // Leaves the place in the page in the address register and, if the TLB was asked, the entry's place there in the scratch register.
    private void EmitLookUp(int index, byte* retry, int size, bool writes, bool aligned, ExitKind kind, RecentPage recent)
    {
        _scratchGroup = -1;
        if (_countLookUps)
            _e.Increment(HostRegisters.Context, ContextOffsets.LookUps(recent == RecentPage.None ? LookUpCounter.Direct : LookUpCounter.Recent));
        if (recent == RecentPage.None)
            EmitFindEntry(_e, writes);
        else
            _e.RegisterMemory(0x33, HostRegisters.Address, HostRegisters.Tlb, RecentPlace(recent) + TagPlace(writes)); // xor
        byte* unaligned = null;
        if (aligned)
        {
            EmitTestAlignment(_e);
            unaligned = _e.Jump(5);
        }

        EmitCompareAddress(_e, 4096 - size);
        byte* missed = _e.Jump(7);
        Add(new PendingExit
        {
            Kind = kind,
            Instruction = index,
            First = missed,
            Second = unaligned,
            Size = size,
            Writes = writes,
            Aligned = aligned,
            Retry = retry,
            VectorsAtRetry = _vectors,
            Vector = _vectorsChecked,
            Fpu = _fpuChecked,
            Recent = recent,
            Found = _e.At,
        });
    }

    /// <summary>The instruction of a memory exit ends here.</summary>
    private void FinishMemory(int exit)
    {
        ref PendingExit pending = ref _exits[exit];
        pending.Next = _e.At;
        pending.VectorsAtNext = _vectors;
        pending.FlagsAtNext = _flagsInHost;
    }

    private bool EmitLoadAddress(in Instruction instruction)
    {
        bool wide = instruction.Op0Register.GetSize() == 8;
        int guest = Registers.Index(instruction.Op0Register);
        int to = HostRegisters.Of(guest);
        EmitAddressTo(to >= 0 ? to : HostRegisters.Address, instruction, wide);
        if (to < 0)
            _e.Store(HostRegisters.Context, ContextOffsets.Gpr(guest), HostRegisters.Address);
        return true;
    }

    /// <summary>Divisions whose quotient fits for certain: the dividend's upper half is smaller than the divisor, or only a sign.</summary>
    private bool EmitDivide(int index)
    {
        Instruction instruction = _instructions[index];
        ReleaseFlags(_liveAfter[index] & ~FlagLiveness.Writes(instruction, NativeForm.Divide));
        int divisor = HostRegisters.Scratch;
        bool wide;
        int memory = -1;
        if (instruction.Op0Kind == OpKind.Memory)
        {
            int size = instruction.MemorySize.GetSize();
            wide = size == 8;
            byte* retry = _e.At;
            EmitAddress(instruction);
            memory = EmitProbe(index, retry, size, writes: false, recent: RecentPageOf(instruction));
            _e.RegisterMemory(0x8b, divisor, HostRegisters.Address, 0, wide);
        }
        else
        {
            int guest = Registers.Index(instruction.Op0Register);
            wide = instruction.Op0Register.GetSize() == 8;
            if (guest is 0 or 2)
                return false;
            divisor = InHost(guest, HostRegisters.Scratch);
        }

        byte* refused;
        byte* refusedToo = null;
        byte* negative = null;
        if (instruction.Mnemonic == Mnemonic.Div)
        {
            _e.RegisterRegister(0x3b, HostRegisters.Rdx, divisor, wide);
            refused = _e.Jump(3); // not below
        }
        else
        {
            // Sign in RDX, and a divisor above zero.
            _e.RegisterRegister(0x8b, HostRegisters.Address, HostRegisters.Rax, wide);
            _e.Bytes(wide ? [0x49, 0xc1, 0xfe, 63] : [0x41, 0xc1, 0xfe, 31]); // sar r14, 63
            _e.RegisterRegister(0x3b, HostRegisters.Rdx, HostRegisters.Address, wide);
            refused = _e.Jump(5);
            _e.RegisterRegister(0x85, divisor, divisor, wide);
            refusedToo = _e.Jump(4);
            negative = _e.Jump(8);
        }

        _e.RegisterRegister(0xf7, instruction.Mnemonic == Mnemonic.Div ? 6 : 7, divisor, wide);
        FlagsWritten(FlagLiveness.Writes(instruction, NativeForm.Divide), _liveAfter[index]);
        AddHandlerExit(index, refused, refusedToo, negative);
        if (memory >= 0)
            FinishMemory(memory);
        return true;
    }
}
