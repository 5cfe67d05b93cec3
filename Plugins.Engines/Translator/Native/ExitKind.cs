namespace Hospes.Engines.Translator.Native;

/// <summary>Why emitted code comes back.</summary>
internal enum ExitKind : byte
{
    /// <summary>A memory access found no translation in the TLB: fill it and try again, or let the instruction's handler do it.</summary>
    Memory,

    /// <summary>As <see cref="Memory"/> for a group of accesses: they are in one page that the TLB has, or are done one by one.</summary>
    Group,

    /// <summary>An instruction that its handler executes.</summary>
    Handler,

    /// <summary>On to a place in the same page; the jump can be tied to the code there.</summary>
    Direct,

    /// <summary>On to the address in the context's <c>Rip</c>.</summary>
    Indirect,

    /// <summary>The guest's x87 registers are wanted in the host's.</summary>
    Fpu,

    /// <summary>The poll word asks for something before the code at the target.</summary>
    Poll,
}
