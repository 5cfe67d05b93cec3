using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>
/// FNSTENV, FLDENV, FNSAVE, FRSTOR: the environment of 14 or 28 bytes (Intel SDM volume 1, figures 8-9 to 8-12), followed for the latter two by the
/// eight registers of 10 bytes from ST(0) on.
/// </summary>
internal static unsafe class FpuImages
{
    private const int Environment16 = 14;
    private const int Environment32 = 28;
    private const int RegisterBytes = 80;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Fnstenv_m14byte, &StoreEnvironment<Narrow>);
        table.Set(Code.Fnstenv_m28byte, &StoreEnvironment<Wide>);
        table.Set(Code.Fstenv_m14byte, &WaitStoreEnvironment<Narrow>);
        table.Set(Code.Fstenv_m28byte, &WaitStoreEnvironment<Wide>);
        table.Set(Code.Fldenv_m14byte, &LoadEnvironment<Narrow>);
        table.Set(Code.Fldenv_m28byte, &LoadEnvironment<Wide>);
        table.Set(Code.Fnsave_m94byte, &Save<Narrow>);
        table.Set(Code.Fnsave_m108byte, &Save<Wide>);
        table.Set(Code.Fsave_m94byte, &WaitSave<Narrow>);
        table.Set(Code.Fsave_m108byte, &WaitSave<Wide>);
        table.Set(Code.Frstor_m94byte, &Restore<Narrow>);
        table.Set(Code.Frstor_m108byte, &Restore<Wide>);
    }

    private static StepResult StoreEnvironment<TWidth>(TranslatorCpu cpu, in Instruction instruction)
        where TWidth : struct, IWidth
    {
        if (!FpuUnit.Present(cpu) || !Operands.Linear(cpu, instruction, TWidth.Size, write: true, out ulong linear))
            return StepResult.Fault;
        byte* image = stackalloc byte[Environment32];
        Fill(cpu.C, image, TWidth.Size == Environment32);
        if (!cpu.Memory.WriteSlow(linear, image, TWidth.Size, cpu.Memory.CurrentAccess))
            return StepResult.Fault;

        // Exceptions are masked afterwards, so that a handler can use the unit.
        FpuControl.SetControl(cpu.C, (ushort)(cpu.C->FpuControl | FloatFlags.All));
        return StepResult.Next;
    }

    private static StepResult WaitStoreEnvironment<TWidth>(TranslatorCpu cpu, in Instruction instruction)
        where TWidth : struct, IWidth
        => FpuUnit.Ready(cpu) ? StoreEnvironment<TWidth>(cpu, instruction) : StepResult.Fault;

    private static StepResult LoadEnvironment<TWidth>(TranslatorCpu cpu, in Instruction instruction)
        where TWidth : struct, IWidth
    {
        byte* image = stackalloc byte[Environment32];
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, TWidth.Size, write: false, out ulong linear)
            || !cpu.Memory.ReadSlow(linear, image, TWidth.Size, cpu.Memory.CurrentAccess))
            return StepResult.Fault;
        Take(cpu.C, image, TWidth.Size == Environment32);
        return StepResult.Next;
    }

    private static StepResult Save<TWidth>(TranslatorCpu cpu, in Instruction instruction)
        where TWidth : struct, IWidth
    {
        int size = TWidth.Size + RegisterBytes;
        if (!FpuUnit.Present(cpu) || !Operands.Linear(cpu, instruction, size, write: true, out ulong linear))
            return StepResult.Fault;
        byte* image = stackalloc byte[Environment32 + RegisterBytes];
        Fill(cpu.C, image, TWidth.Size == Environment32);
        for (int i = 0; i < 8; i++)
        {
            Extended value = FpuUnit.Read(cpu.C, i);
            *(ulong*)(image + TWidth.Size + (i * 10)) = value.Significand;
            *(ushort*)(image + TWidth.Size + (i * 10) + 8) = value.SignExponent;
        }

        if (!cpu.Memory.WriteSlow(linear, image, size, cpu.Memory.CurrentAccess))
            return StepResult.Fault;
        FpuUnit.Initialize(cpu.C);
        return StepResult.Next;
    }

    private static StepResult WaitSave<TWidth>(TranslatorCpu cpu, in Instruction instruction)
        where TWidth : struct, IWidth
        => FpuUnit.Ready(cpu) ? Save<TWidth>(cpu, instruction) : StepResult.Fault;

    private static StepResult Restore<TWidth>(TranslatorCpu cpu, in Instruction instruction)
        where TWidth : struct, IWidth
    {
        int size = TWidth.Size + RegisterBytes;
        byte* image = stackalloc byte[Environment32 + RegisterBytes];
        if (!FpuUnit.Ready(cpu) || !Operands.Linear(cpu, instruction, size, write: false, out ulong linear)
            || !cpu.Memory.ReadSlow(linear, image, size, cpu.Memory.CurrentAccess))
            return StepResult.Fault;
        Take(cpu.C, image, TWidth.Size == Environment32);
        byte tags = cpu.C->FpuTags;
        for (int i = 0; i < 8; i++)
        {
            byte* slot = image + TWidth.Size + (i * 10);
            FpuUnit.Write(cpu.C, i, new Extended(*(ushort*)(slot + 8), *(ulong*)slot));
        }

        cpu.C->FpuTags = tags;
        return StepResult.Next;
    }

    /// <summary>Whether pointers are stored as linear addresses: real and virtual-8086 mode.</summary>
    private static bool IsReal(CpuContext* c)
        => (c->Cr0 & Bits.Cr0ProtectionEnable) == 0 || (c->SystemFlags & Bits.Virtual8086) != 0;

    private static void Fill(CpuContext* c, byte* image, bool wide)
    {
        ushort tags = FullTags(c);
        if (!wide)
        {
            ushort* words = (ushort*)image;
            words[0] = c->FpuControl;
            words[1] = FpuControl.Status(c);
            words[2] = tags;
            if (IsReal(c))
            {
                uint code = (uint)c->FpuInstruction + ((uint)c->FpuInstructionSelector << 4);
                uint data = (uint)c->FpuData + ((uint)c->FpuDataSelector << 4);
                words[3] = (ushort)code;
                words[4] = (ushort)(((code >> 16) << 12) | c->FpuOpcode);
                words[5] = (ushort)data;
                words[6] = (ushort)((data >> 16) << 12);
            }
            else
            {
                words[3] = (ushort)c->FpuInstruction;
                words[4] = c->FpuInstructionSelector;
                words[5] = (ushort)c->FpuData;
                words[6] = c->FpuDataSelector;
            }

            return;
        }

        // Reserved halves read as ones.
        uint* values = (uint*)image;
        values[0] = 0xffff_0000u | c->FpuControl;
        values[1] = 0xffff_0000u | FpuControl.Status(c);
        values[2] = 0xffff_0000u | tags;
        if (IsReal(c))
        {
            uint code = (uint)c->FpuInstruction + ((uint)c->FpuInstructionSelector << 4);
            uint data = (uint)c->FpuData + ((uint)c->FpuDataSelector << 4);
            values[3] = 0xffff_0000u | (ushort)code;
            values[4] = ((code >> 16) << 12) | c->FpuOpcode;
            values[5] = 0xffff_0000u | (ushort)data;
            values[6] = (data >> 16) << 12;
        }
        else
        {
            values[3] = (uint)c->FpuInstruction;
            values[4] = ((uint)c->FpuOpcode << 16) | c->FpuInstructionSelector;
            values[5] = (uint)c->FpuData;
            values[6] = 0xffff_0000u | c->FpuDataSelector;
        }
    }

    private static void Take(CpuContext* c, byte* image, bool wide)
    {
        ushort* words = (ushort*)image;
        uint* values = (uint*)image;
        ushort control = wide ? (ushort)values[0] : words[0];
        ushort status = wide ? (ushort)values[1] : words[1];
        ushort tags = wide ? (ushort)values[2] : words[2];
        c->FpuTop = (byte)((status >> 11) & 7);
        c->FpuStatus = (ushort)(status & ~0x3800);
        c->FpuTags = 0;
        for (int i = 0; i < 8; i++)
        {
            if (((tags >> (i * 2)) & 3) != 3)
                c->FpuTags |= (byte)(1 << i);
        }

        if (IsReal(c))
        {
            uint code = wide ? (ushort)values[3] | ((values[4] >> 12) << 16) : words[3] | ((uint)(words[4] >> 12) << 16);
            uint data = wide ? (ushort)values[5] | ((values[6] >> 12) << 16) : words[5] | ((uint)(words[6] >> 12) << 16);
            c->FpuOpcode = (ushort)((wide ? values[4] : words[4]) & 0x7ff);
            (c->FpuInstruction, c->FpuInstructionSelector) = (code, 0);
            (c->FpuData, c->FpuDataSelector) = (data, 0);
        }
        else
        {
            c->FpuInstruction = wide ? values[3] : words[3];
            c->FpuInstructionSelector = wide ? (ushort)values[4] : words[4];
            c->FpuData = wide ? values[5] : words[5];
            c->FpuDataSelector = wide ? (ushort)values[6] : words[6];
            if (wide)
                c->FpuOpcode = (ushort)((values[4] >> 16) & 0x7ff);
        }

        FpuControl.SetControl(c, control);
    }

    /// <summary>Two bits a register: 0 valid, 1 zero, 2 special, 3 empty.</summary>
    private static ushort FullTags(CpuContext* c)
    {
        int tags = 0;
        for (int i = 0; i < 8; i++)
        {
            int tag = 3;
            if ((c->FpuTags & (1 << i)) != 0)
            {
                FpuOperand operand = FpuOperand.From(new Extended(c->FpuExponent[i], c->FpuSignificand[i]));
                tag = operand.Class switch
                {
                    FloatClass.Zero => 1,
                    FloatClass.Finite when !operand.Number.Denormal => 0,
                    _ => 2,
                };
            }

            tags |= tag << (i * 2);
        }

        return (ushort)tags;
    }

    /// <summary>The operand-size form.</summary>
    private interface IWidth
    {
        static abstract int Size { get; }
    }

    private readonly struct Narrow : IWidth
    {
        public static int Size => Environment16;
    }

    private readonly struct Wide : IWidth
    {
        public static int Size => Environment32;
    }
}
