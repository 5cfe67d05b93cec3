namespace Hospes.Engines.Translator.State;

/// <summary>
/// How the arithmetic flags follow from the last flag-setting operation. Operands and result are kept sign-extended to 64 bits, which keeps the
/// unsigned order of narrower values and puts the sign in bit 63, so that no kind needs the operand size.
/// </summary>
internal enum FlagKind : uint
{
    /// <summary>The flags themselves are in <see cref="CpuContext.FlagResult"/>, at their EFLAGS places.</summary>
    Explicit,

    /// <summary>left + right.</summary>
    Add,

    /// <summary>left + right + 1.</summary>
    AddCarry,

    /// <summary>left - right.</summary>
    Subtract,

    /// <summary>left - right - 1.</summary>
    SubtractBorrow,

    /// <summary>AND, OR, XOR, TEST: carry and overflow clear.</summary>
    Logic,

    /// <summary>left + 1; the old carry (0 or 1) is in the right operand.</summary>
    Increment,

    /// <summary>left - 1; the old carry (0 or 1) is in the right operand.</summary>
    Decrement,

    /// <summary>Zero, sign and parity from the result; carry and overflow at their EFLAGS places in the right operand; adjust clear.</summary>
    Given,
}
