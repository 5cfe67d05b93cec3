using Hospes.Host.Api.Legacy;
using Hospes.Sxp;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>The arguments of a call after its first, which is the domain, by the names that a table gives to their places.</summary>
internal sealed class NamedArguments(XmlRpcArguments values, string[] names) : LegacyArguments
{
    /// <inheritdoc/>
    public override string? Optional(string name) => values.Optional(Place(name));

    // xm sends the device's form, older scripts that inside (device ...).
    /// <inheritdoc/>
    public override string Form(string name)
    {
        SxpList form = values.Form(Place(name));
        return (form is { Name: "device", Count: > 1 } && form[1] is SxpList inner ? inner : form).ToString();
    }

    /// <inheritdoc/>
    public override string List(string name) => values.Numbers(Place(name));

    /// <inheritdoc/>
    protected override string Called(string name) => values.Called(Place(name));

    private int Place(string name) => 1 + Array.IndexOf(names, name);
}
