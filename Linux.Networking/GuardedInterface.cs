namespace Hospes.Linux.Networking;

/// <summary>An interface whose packets are kept apart from others'.</summary>
/// <param name="Name">The interface.</param>
/// <param name="Class">The class of what it sends, 1 to 2^24 - 1.</param>
/// <param name="Permitted">Classes that it may hear.</param>
/// <param name="HearsUnclassified">It may also hear what comes from no guarded interface: from this machine itself, and from beyond it.</param>
public sealed record GuardedInterface(string Name, int Class, IReadOnlyCollection<int> Permitted, bool HearsUnclassified)
{
    /// <summary>What it sends may go to this machine itself, and beyond.</summary>
    public bool ReachesUnclassified { get; init; } = HearsUnclassified;
}
