namespace Hospes.Host.Domains;

/// <summary>The words by which configurations call <see cref="LifecycleAction"/>s.</summary>
internal static class LifecycleWords
{
    private const string Crash = "crash";

    /// <summary>The action a configuration names.</summary>
    /// <param name="word">The word.</param>
    /// <param name="occasion">shutdown, reboot or crash, for the message.</param>
    /// <exception cref="XendException">It is none of those that the occasion has.</exception>
    public static LifecycleAction Parse(string word, string occasion) => word switch
    {
        "destroy" => LifecycleAction.Destroy,
        "restart" => LifecycleAction.Restart,
        "preserve" => LifecycleAction.Preserve,
        "rename-restart" => LifecycleAction.RenameRestart,
        "coredump-destroy" when occasion == Crash => LifecycleAction.CoredumpDestroy,
        "coredump-restart" when occasion == Crash => LifecycleAction.CoredumpRestart,
        _ => throw XendException.Generic(
            $"Invalid Configuration: Invalid event handling mode: {occasion} ('{word}' is none of destroy, restart, preserve, rename-restart{(occasion == Crash ? ", coredump-destroy, coredump-restart" : "")})"),
    };

    /// <summary>The word for an action.</summary>
    public static string Word(this LifecycleAction action) => action switch
    {
        LifecycleAction.Destroy => "destroy",
        LifecycleAction.Restart => "restart",
        LifecycleAction.Preserve => "preserve",
        LifecycleAction.CoredumpDestroy => "coredump-destroy",
        LifecycleAction.CoredumpRestart => "coredump-restart",
        _ => "rename-restart",
    };
}
