namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Pushes quadwords onto a stack the processor switches to, with supervisor rights; the guest's stack pointer changes only when all is stored.</summary>
internal ref struct CpuMemoryStack(TranslatorCpu cpu, ulong pointer)
{
    /// <summary>The stack pointer after the pushes so far.</summary>
    internal ulong Pointer { get; private set; } = pointer;

    /// <summary>False: page fault recorded.</summary>
    internal bool Push(ulong value)
    {
        Pointer -= 8;
        return cpu.Memory.WriteSystem(Pointer, value);
    }
}
