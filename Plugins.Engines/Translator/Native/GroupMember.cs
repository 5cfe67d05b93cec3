namespace Hospes.Engines.Translator.Native;

/// <summary>An access's place in its group.</summary>
/// <param name="Group">Negative: it is in none.</param>
/// <param name="Offset">Relative to the origins.</param>
internal readonly record struct GroupMember(int Group, long Offset)
{
    internal static readonly GroupMember None = new(-1, 0);
}
