using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Pushes quadwords onto a stack the processor switches to, with the rights of the new privilege level; the guest's stack pointer changes only when all is stored.</summary>
internal ref struct CpuMemoryStack(TranslatorCpu cpu, ulong pointer, int privilege)
{
    /// <summary>The stack pointer after the pushes so far.</summary>
    internal ulong Pointer { get; private set; } = pointer;

    /// <summary>False: page fault recorded.</summary>
    internal bool Push(ulong value)
    {
        Pointer -= 8;
        return Operands.IsCanonical(Pointer) ? cpu.Memory.WriteStack(Pointer, value, privilege) : EventDelivery.Refuse(cpu, Vectors.StackFault, 0);
    }
}
