using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>Address sizes, which the decoder shows only through the registers that it names.</summary>
internal static class Addressing
{
    /// <summary>Bytes of the memory operand's offset: 2, 4 or 8.</summary>
    internal static int Size(in Instruction instruction)
    {
        Register @base = instruction.MemoryBase;
        if (@base == Register.RIP)
            return 8;
        if (@base == Register.EIP)
            return 4;
        if (@base != Register.None)
            return Registers.Size(@base);
        return instruction.MemoryIndex != Register.None ? Registers.Size(instruction.MemoryIndex) : instruction.MemoryDisplSize;
    }

    /// <summary>Bytes of a string instruction's pointers and counter: 2, 4 or 8.</summary>
    internal static int StringSize(OpKind operand) => operand switch
    {
        OpKind.MemorySegSI or OpKind.MemorySegDI or OpKind.MemoryESDI => 2,
        OpKind.MemorySegESI or OpKind.MemorySegEDI or OpKind.MemoryESEDI => 4,
        _ => 8,
    };
}
