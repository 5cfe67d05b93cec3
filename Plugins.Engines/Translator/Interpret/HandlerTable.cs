using Hospes.Engines.Translator.Interpret.Fpu;
using Hospes.Engines.Translator.Interpret.Vector;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret;

/// <summary>
/// The complete interpreter: one handler per instruction form the decoder knows. A form without a handler is an invalid opcode. The loop in
/// <see cref="TranslatorCpu"/> adds faster ways for what is frequent; the table alone executes everything.
/// </summary>
/// <remarks>
/// A handler runs with <c>Rip</c> already at the next instruction and <c>InstructionStart</c> at its own. On <see cref="StepResult.Fault"/> it must
/// have changed nothing that a restart would notice. The decoder's own addresses (branch targets, RIP-relative displacements) are relative to the
/// block's start: add <c>Gpr[BlockSlot]</c>.
/// </remarks>
internal sealed unsafe class HandlerTable
{
    /// <summary>Forms that the decoder knows.</summary>
    internal static readonly int Count = Enum.GetValues<Code>().Length;

    private readonly nint[] _handlers = new nint[Count];

    private HandlerTable()
    {
    }

    /// <summary>The table with every family in it. Immutable.</summary>
    internal static readonly HandlerTable Instance = Create();

    /// <summary>The handler of a form, or zero.</summary>
    internal delegate*<TranslatorCpu, in Instruction, StepResult> this[Code code] => (delegate*<TranslatorCpu, in Instruction, StepResult>)_handlers[(int)code];

    /// <summary>Whether a form is executed at all.</summary>
    internal bool Has(Code code) => _handlers[(int)code] != 0;

    /// <summary>Enters the handler of a form; families call it once per form.</summary>
    /// <exception cref="InvalidOperationException">The form has a handler already.</exception>
    internal void Set(Code code, delegate*<TranslatorCpu, in Instruction, StepResult> handler)
    {
        if (_handlers[(int)code] != 0)
            throw new InvalidOperationException($"{code} has two handlers");
        _handlers[(int)code] = (nint)handler;
    }

    private static HandlerTable Create()
    {
        var table = new HandlerTable();
        System.SystemInstructions.Register(table);
        VectorInstructions.Register(table);
        Integer.IntegerInstructions.Register(table);
        FpuInstructions.Register(table);
        return table;
    }
}
