using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>Which arithmetic flags somebody may still read, before and after each instruction of a block.</summary>
internal static class FlagLiveness
{
    /// <summary>The arithmetic flags an instruction reads, or must find in place as it may leave them.</summary>
    internal static uint Reads(in Instruction instruction, NativeForm form)
    {
        if (form is NativeForm.Handler or NativeForm.PushFlags)
            return Bits.Arithmetic;
        uint reads = Arithmetic(instruction.RflagsRead);
        return NativeForms.MayKeepFlags(instruction) ? reads | Arithmetic(instruction.RflagsModified) : reads;
    }

    /// <summary>The arithmetic flags an instruction gives a new value, or none that anybody could rely on.</summary>
    internal static uint Writes(in Instruction instruction, NativeForm form)
        => form == NativeForm.Handler ? Bits.Arithmetic : Arithmetic(instruction.RflagsModified);

    /// <summary>Fills <paramref name="after"/>: the flags that are live after each instruction.</summary>
    /// <param name="instructions">The block, in order.</param>
    /// <param name="forms">How each is treated.</param>
    /// <param name="atEnd">What is live after the last.</param>
    /// <param name="atBranch">What is live where a conditional branch goes when taken.</param>
    /// <param name="after">As long as the block.</param>
    internal static void Compute(
        ReadOnlySpan<Instruction> instructions, ReadOnlySpan<NativeForm> forms, uint atEnd, ReadOnlySpan<uint> atBranch, Span<uint> after)
    {
        uint live = atEnd;
        for (int i = instructions.Length - 1; i >= 0; i--)
        {
            after[i] = live;
            if (forms[i] == NativeForm.JumpIf)
                live |= atBranch[i];
            live = (live & ~Writes(instructions[i], forms[i])) | Reads(instructions[i], forms[i]);
        }
    }

    private static uint Arithmetic(RflagsBits bits)
    {
        uint flags = 0;
        if ((bits & RflagsBits.CF) != 0)
            flags |= Bits.Carry;
        if ((bits & RflagsBits.PF) != 0)
            flags |= Bits.Parity;
        if ((bits & RflagsBits.AF) != 0)
            flags |= Bits.Adjust;
        if ((bits & RflagsBits.ZF) != 0)
            flags |= Bits.Zero;
        if ((bits & RflagsBits.SF) != 0)
            flags |= Bits.Sign;
        if ((bits & RflagsBits.OF) != 0)
            flags |= Bits.Overflow;
        return flags;
    }
}
