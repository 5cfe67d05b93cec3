namespace Hospes.Xm.Top;

/// <summary>What <c>xm top</c> shows and how often.</summary>
internal sealed record TopOptions
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(3);

    public bool ShowsNetworks { get; init; }

    public bool ShowsDisks { get; init; }

    public bool ShowsVcpus { get; init; }

    public bool RepeatsHeader { get; init; }

    /// <summary>Index into <see cref="TopColumn.All"/>, or -1: by id.</summary>
    public int SortedBy { get; init; } = -1;
}
