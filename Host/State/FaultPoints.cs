using System.Globalization;
using Hospes.Host.Native;

namespace Hospes.Host.State;

/// <summary>
/// Places at which tests have the Host killed, to see that the next one puts right what it finds: <c>HOSPES_FAULT=create:3</c> kills it when the third
/// place within a creation is reached. Without that variable there are none.
/// </summary>
internal sealed class FaultPoints
{
    /// <summary>The variable.</summary>
    public const string Variable = "HOSPES_FAULT";

    /// <summary>Places within a creation.</summary>
    public const string Create = "create";

    /// <summary>Places within the taking away of a domain.</summary>
    public const string Destroy = "destroy";

    /// <summary>Places within the attaching of a device.</summary>
    public const string Attach = "attach";

    /// <summary>Places within the detaching of one.</summary>
    public const string Detach = "detach";

    private readonly string _chosen;
    private volatile bool _isArmed;
    private int _left;

    /// <param name="chosen">What the variable says, or null.</param>
    public FaultPoints(string? chosen)
    {
        string[] words = (chosen ?? "").Split(':');
        bool isChosen = words.Length == 2 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out _left);
        _chosen = isChosen ? words[0] : "";
    }

    /// <summary>From now on places count: what a start finds and puts right does not.</summary>
    public void Arm() => _isArmed = true;

    /// <summary>This place is reached.</summary>
    public void Reach(string kind)
    {
        if (_isArmed && kind == _chosen && Interlocked.Decrement(ref _left) == 0)
            _ = Libc.Kill(Environment.ProcessId, Libc.SignalKill);
    }
}
