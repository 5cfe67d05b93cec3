using Hospes.Engines.Translator.Interpret;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests;

public sealed unsafe class CoverageTests
{
    /// <summary>Forms of these mnemonics that only processors of long ago or other makers had.</summary>
    private static readonly HashSet<Code> Historic =
    [
        Code.Popw_CS, Code.Cmpxchg486_rm8_r8, Code.Cmpxchg486_rm16_r16, Code.Cmpxchg486_rm32_r32, Code.VEX_KNC_Lzcnt_r32_r32, Code.VEX_KNC_Lzcnt_r64_r64,
        Code.VEX_KNC_Popcnt_r32_r32, Code.VEX_KNC_Popcnt_r64_r64, Code.VEX_KNC_Tzcnt_r32_r32, Code.VEX_KNC_Tzcnt_r64_r64,
    ];

    [Fact]
    public void Every_form_of_a_general_purpose_instruction_has_a_handler()
    {
        string[] mnemonics =
        [
            "Add", "Or", "Adc", "Sbb", "And", "Sub", "Xor", "Cmp", "Test", "Not", "Neg", "Inc", "Dec", "Mov", "Movzx", "Movsx", "Movsxd", "Lea", "Xchg", "Xadd",
            "Cmpxchg", "Cmpxchg8b", "Cmpxchg16b", "Bswap", "Movbe", "Mul", "Imul", "Div", "Idiv", "Shl", "Sal", "Shr", "Sar", "Rol", "Ror", "Rcl", "Rcr", "Shld", "Shrd",
            "Bt", "Bts", "Btr", "Btc", "Bsf", "Bsr", "Tzcnt", "Lzcnt", "Popcnt", "Andn", "Bextr", "Blsi", "Blsmsk", "Blsr", "Bzhi", "Pdep", "Pext", "Mulx", "Rorx",
            "Sarx", "Shlx", "Shrx", "Adcx", "Adox", "Crc32", "Cbw", "Cwde", "Cdqe", "Cwd", "Cdq", "Cqo", "Aaa", "Aas", "Aam", "Aad", "Daa", "Das", "Xlatb", "Sahf", "Lahf",
            "Clc", "Stc", "Cmc", "Cld", "Std", "Push", "Pop", "Pusha", "Pushad", "Popa", "Popad", "Pushf", "Pushfd", "Pushfq", "Popf", "Popfd", "Popfq", "Enter", "Leave",
            "Jmp", "Call", "Ret", "Loop", "Loope", "Loopne", "Jcxz", "Jecxz", "Jrcxz", "Bound", "Nop", "Pause", "Endbr32", "Endbr64", "Prefetchw", "Prefetcht0", "Clflush",
            "Clflushopt", "Clwb", "Ud0", "Ud1", "Ud2", "Movsb", "Movsw", "Movsq", "Stosb", "Stosw", "Stosd", "Stosq", "Lodsb", "Lodsw", "Lodsd", "Lodsq", "Cmpsb", "Cmpsw",
            "Cmpsq", "Scasb", "Scasw", "Scasd", "Scasq",
        ];
        HashSet<Mnemonic> wanted = [.. mnemonics.Select(Enum.Parse<Mnemonic>)];
        var missing = new List<Code>();
        int seen = 0;
        foreach (Code code in Enum.GetValues<Code>())
        {
            if (!(wanted.Contains(code.Mnemonic()) || code.ConditionCode() != ConditionCode.None) || Historic.Contains(code)
                || code.ToOpCode().Encoding is not (EncodingKind.Legacy or EncodingKind.VEX) || TouchesSpecialRegisters(code.ToOpCode()))
                continue;
            seen++;
            if (HandlerTable.Instance[code] == null)
                missing.Add(code);
        }

        missing.Should().BeEmpty();
        seen.Should().BeGreaterThan(700);
    }

    private static bool TouchesSpecialRegisters(OpCodeInfo form)
    {
        for (int i = 0; i < form.OpCount; i++)
        {
            // Test registers went with the 486; floating-point conditional moves are x87; knc jumps test mask registers.
            if (form.GetOpKind(i) is OpCodeOperandKind.tr_reg or OpCodeOperandKind.st0 or OpCodeOperandKind.sti_opcode or OpCodeOperandKind.k_reg
                or OpCodeOperandKind.k_vvvv)
                return true;
        }

        return form.Code.CpuidFeatures().Contains(CpuidFeature.CMPCCXADD);
    }
}
