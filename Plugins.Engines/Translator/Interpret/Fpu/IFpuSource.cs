namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>A memory format that x87 instructions load from. Implemented by empty structs and used as a type argument.</summary>
internal interface IFpuSource
{
    /// <summary>Bytes.</summary>
    static abstract int Size { get; }

    /// <summary>Loading it into a register checks for signaling NaNs and denormals.</summary>
    static abstract bool IsFloat { get; }

    static abstract FpuOperand Unpack(ulong bits);
}
