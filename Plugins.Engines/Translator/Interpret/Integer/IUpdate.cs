using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// The arithmetic of an instruction that replaces its destination: a new value from the old one, then the flags. Split in two so that an atomic
/// instruction can compute again when another CPU was faster.
/// </summary>
internal unsafe interface IUpdate
{
    /// <summary>The destination's new value; bits above the width are ignored. Changes nothing.</summary>
    /// <param name="c">For flags that take part.</param>
    /// <param name="left">The destination's old value, zero-extended.</param>
    /// <param name="right">The other operand, zero-extended.</param>
    /// <param name="count">A shift count or bit number, where there is one.</param>
    static abstract ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
        where T : unmanaged;

    /// <summary>Sets the flags, after the destination was written. <paramref name="result"/> is zero-extended.</summary>
    static abstract void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
        where T : unmanaged;
}
