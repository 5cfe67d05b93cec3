using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>ADCX and ADOX: additions that carry through CF or OF alone and leave the other flags.</summary>
internal static unsafe class CarryChains
{
    internal static void Register(HandlerTable table)
    {
        Forms.Doubles<Carry>(table, Code.Adcx_r32_rm32);
        Forms.Doubles<Overflow>(table, Code.Adox_r32_rm32);
    }

    private static StepResult Add<T>(TranslatorCpu cpu, in Instruction instruction, uint flag)
        where T : unmanaged
    {
        if (!Sized.Read<T>(cpu, instruction, 1, out ulong right))
            return StepResult.Fault;
        CpuContext* c = cpu.C;
        uint flags = Flags.Arithmetic(c);
        ulong left = Sized.ReadRegister<T>(c, instruction.Op0Register);
        UInt128 sum = (UInt128)left + right + ((flags & flag) != 0 ? 1u : 0u);
        Sized.WriteRegister<T>(c, instruction.Op0Register, (ulong)sum);
        bool carry = (sum >> Sized.Bits<T>()) != 0;
        Flags.SetArithmetic(c, carry ? flags | flag : flags & ~flag);
        return StepResult.Next;
    }

    private readonly struct Carry : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Add<T>(cpu, instruction, Bits.Carry);
    }

    private readonly struct Overflow : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Add<T>(cpu, instruction, Bits.Overflow);
    }
}
