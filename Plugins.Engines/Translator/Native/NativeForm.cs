namespace Hospes.Engines.Translator.Native;

/// <summary>How the compiler treats an instruction.</summary>
internal enum NativeForm : byte
{
    /// <summary>Leaves emitted code for the interpreter's handler.</summary>
    Handler,

    /// <summary>No effect.</summary>
    Nothing,

    /// <summary>Runs as itself, with other registers and its memory operand's host address.</summary>
    Integer,

    /// <summary>As <see cref="Integer"/>, with xmm registers.</summary>
    Vector,

    /// <summary>As <see cref="Integer"/>, with x87 or MMX registers.</summary>
    Fpu,

    /// <summary>FLDCW, unless it unmasks an exception.</summary>
    LoadFpuControl,

    LoadAddress,
    Push,
    Pop,
    Leave,
    Call,
    Jump,
    JumpIf,
    Return,
    Divide,

    /// <summary>A bit test whose bit number reaches beyond its memory operand.</summary>
    BitString,

    /// <summary>REP STOS and REP MOVS: as themselves within a page.</summary>
    RepeatedString,

    PushFlags,
    Cli,
    Sti,
    Stac,
    Clac,
    Cld,
    Std,
    SwapGs,
    LoadControl,
    LoadSelector,

    /// <summary>A selector into memory.</summary>
    StoreSelector,

    /// <summary>RDFSBASE and RDGSBASE.</summary>
    ReadBase,

    /// <summary>WRFSBASE and WRGSBASE.</summary>
    WriteBase,

    /// <summary>RDTSC and RDTSCP.</summary>
    ReadTimestamp,

    /// <summary>What follows is read anew.</summary>
    Serialize,
}
