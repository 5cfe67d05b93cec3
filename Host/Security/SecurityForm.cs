using Hospes.Host.Domains;
using Hospes.Sdk.Security;
using Hospes.Sxp;

namespace Hospes.Host.Security;

/// <summary>
/// A domain's label in its form: <c>(security ((access_control (policy P) (label L)) (ssidref N)))</c> (fact sheet "Domain configuration", section 5), and in xend's
/// own listings <c>(security_label TYPE:P:L)</c>.
/// </summary>
internal static class SecurityForm
{
    private const string Head = "security";
    private const string AccessControl = "access_control";
    private const string SecurityLabelKey = "security_label";

    /// <summary>The type of labels that forms without one mean.</summary>
    private const string DefaultType = "ACM";

    /// <summary>The label of a configuration; null: it has none.</summary>
    /// <exception cref="XendException">The form is there and says none.</exception>
    public static SecurityLabel? Label(VmConfiguration configuration)
    {
        if (configuration.Kept.FirstOrDefault(static kept => kept.Name == Head) is not { } form)
            return null;
        SxpList[] controls = [.. Lists(form).Where(static list => list.Name == AccessControl)];
        if (controls.Length != 1)
            throw VmConfigurationReader.Invalid(controls.Length == 0 ? "(security ...) has no (access_control ...)" : "Multiple access_control definitions.");
        return controls[0].ValueText("policy") is { Length: > 0 } policy && controls[0].ValueText("label") is { Length: > 0 } label
            ? new SecurityLabel(controls[0].ValueText("type") is { Length: > 0 } type ? type : DefaultType, policy, label)
            : throw VmConfigurationReader.Invalid("(access_control ...) needs a policy and a label");
    }

    /// <summary>A configuration with another label, or with none.</summary>
    public static VmConfiguration With(VmConfiguration configuration, SecurityLabel? label)
    {
        IEnumerable<SxpList> rest = configuration.Kept.Where(static kept => kept.Name != Head);
        if (label is null)
            return configuration with { Kept = [.. rest] };
        SxpList control = new(AccessControl, new SxpList("policy", label.Policy), new SxpList("label", label.Name));
        return configuration with { Kept = [.. rest, new SxpList(Head, new SxpList(control))] };
    }

    /// <summary>A configuration in which a network interface has another label of its own, or none.</summary>
    /// <exception cref="XendException">There is no such interface.</exception>
    public static VmConfiguration WithVif(VmConfiguration configuration, int number, SecurityLabel? label)
    {
        List<SxpList> devices = [.. configuration.Devices];
        int[] vifs = [.. Enumerable.Range(0, devices.Count).Where(index => devices[index].Name == "vif")];
        if (number < 0 || number >= vifs.Length)
            throw XendException.Generic($"Domain '{configuration.Name}' has {vifs.Length} network interfaces: there is no vif-{number}");
        SxpList bare = new([.. devices[vifs[number]].Where(static node => node is not SxpList { Name: SecurityLabelKey or "policy" or "label" })]);
        devices[vifs[number]] = label is null ? bare : bare.With(new SxpList(SecurityLabelKey, label.ToString()));
        return configuration with { Devices = devices };
    }

    /// <summary>The label of a network interface's form, written <c>(security_label TYPE:P:L)</c>; null: it has none of its own.</summary>
    /// <exception cref="XendException">It has one that cannot be read.</exception>
    public static SecurityLabel? VifLabel(SxpList form)
    {
        if (form.ValueText(SecurityLabelKey) is { Length: > 0 } text)
            return SecurityLabel.Parse(text) ?? throw XendException.Generic($"Invalid vif: security_label '{text}' is not of the form TYPE:POLICY:LABEL");
        return (form.ValueText("policy"), form.ValueText("label")) switch
        {
            ({ Length: > 0 } policy, { Length: > 0 } label) => new SecurityLabel(DefaultType, policy, label),
            (null or "", null or "") => null,
            _ => throw XendException.Generic("Invalid vif: policy and label go together"),
        };
    }

    // The list of pairs stands in a list of its own, or directly.
    private static IEnumerable<SxpList> Lists(SxpList form)
    {
        foreach (SxpList child in form.OfType<SxpList>())
        {
            yield return child;
            foreach (SxpList inner in child.OfType<SxpList>())
                yield return inner;
        }
    }
}
