namespace Hospes.Engines.Translator.Native;

/// <summary>What a piece of emitted code was made from and for.</summary>
/// <param name="Physical">Where the guest's code is, in guest-physical memory.</param>
/// <param name="SecondFrame">The frame on which its first instruction ends, if that is not the one on which it begins; else <see cref="OnePage"/>.</param>
/// <param name="User">It runs at privilege level 3; else at 0.</param>
/// <param name="Plain">It looks each memory access up by itself.</param>
internal readonly record struct CodePlace(ulong Physical, ulong SecondFrame, bool User, bool Plain)
{
    internal const ulong OnePage = ulong.MaxValue;

    internal bool Crosses => SecondFrame != OnePage;
}
