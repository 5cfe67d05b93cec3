namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>An operand width, resolved at compile time. Values travel sign-extended to 64 bits (see <see cref="State.FlagKind"/>).</summary>
internal unsafe interface IWidth
{
    static abstract int Bytes { get; }

    /// <summary>Sign-extends the low bytes.</summary>
    static abstract ulong Extend(ulong value);

    /// <summary>Reads from host memory, sign-extended.</summary>
    static abstract ulong Load(byte* from);

    /// <summary>Writes to host memory.</summary>
    static abstract void Store(byte* to, ulong value);

    /// <summary>Writes a general register as the architecture does for this width.</summary>
    static abstract void Write(ulong* register, ulong value);
}
