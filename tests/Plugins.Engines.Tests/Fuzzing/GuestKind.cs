namespace Hospes.Engines.Tests.Fuzzing;

/// <summary>What a random guest starts as.</summary>
public enum GuestKind
{
    /// <summary>Real mode.</summary>
    Real,

    /// <summary>32-bit protected mode, with or without paging, any privilege level.</summary>
    Protected32,

    /// <summary>64-bit code at privilege level 0.</summary>
    Kernel64,

    /// <summary>64-bit code at privilege level 3.</summary>
    User64,

    /// <summary>Control registers, segments and tables at random.</summary>
    Anything,
}
