namespace Hospes.Bench.Guests;

/// <summary>One boot of the guest on one side; disposing ends the guest.</summary>
internal interface IGuestRun : IAsyncDisposable
{
    /// <summary>What the guest has written so far.</summary>
    string Console { get; }

    /// <summary>Waits until the guest's console has a line with this text.</summary>
    /// <returns>The time from the start of the command that boots the guest to the line's arrival.</returns>
    Task<TimeSpan> WaitForAsync(string text, CancellationToken cancellation);
}
