using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Enforcement;

/// <summary>
/// Numbers for the sets of types that network interfaces have: labels with the same types are one class, whose number is the first such label's ssid. So
/// the numbers follow from the policy alone, and filters that an earlier control plane has set mean the same.
/// </summary>
internal sealed class TrafficClasses
{
    private readonly TypeSet[] _rows;
    private readonly Dictionary<TypeSet, int> _first = [];
    private readonly TypeSet _host;
    private readonly bool _isOpen;

    public TrafficClasses(AcmPolicy policy)
    {
        _rows = [TypeSet.Empty, .. policy.Subjects.Concat(policy.Resources).Select(static label => label.Types)];
        for (int ssid = 1; ssid < _rows.Length; ssid++)
            _first.TryAdd(_rows[ssid], ssid);
        _host = policy.Bootstrap.Types;
        _isOpen = policy.Types is null;
    }

    /// <summary>The class of a label.</summary>
    public TrafficClass Of(AcmLabel label)
    {
        TypeSet types = label.Types;
        return new TrafficClass(
            _first[types],
            _isOpen || types.Intersects(_host),
            other => _isOpen || (other >= 1 && other < _rows.Length && types.Intersects(_rows[other])));
    }
}
