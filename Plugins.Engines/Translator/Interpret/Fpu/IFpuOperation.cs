namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>A two-operand x87 operation. Implemented by empty structs and used as a type argument.</summary>
internal interface IFpuOperation
{
    static abstract Extended Apply(in FpuOperand destination, in FpuOperand source, ref FpuEnvironment environment);
}
