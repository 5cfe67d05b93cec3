using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>A handler written once for every operand size; the compiler makes one machine-code body per size.</summary>
internal interface ISizedHandler
{
    /// <summary>Executes the instruction with operands of <typeparamref name="T"/>: byte, ushort, uint or ulong.</summary>
    static abstract StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
        where T : unmanaged;
}
