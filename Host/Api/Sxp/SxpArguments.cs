using Hospes.Host.Api.Legacy;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Hospes.Host.Api.Sxp;

/// <summary>The fields of a posted form, <c>op=shutdown&amp;reason=halt</c>.</summary>
internal sealed class SxpArguments : LegacyArguments
{
    private readonly Dictionary<string, StringValues> _fields;

    /// <summary>Reads a body.</summary>
    /// <exception cref="XendException">It has more fields than any of xend's.</exception>
    public SxpArguments(string body)
    {
        try
        {
            using FormReader reader = new(body) { ValueCountLimit = 256, ValueLengthLimit = ApiContext.MaximumBody };
            _fields = reader.ReadForm();
        }
        catch (InvalidDataException wrong)
        {
            throw XendException.Generic($"The form cannot be read: {wrong.Message}", wrong);
        }
    }

    /// <summary>Every value of a field.</summary>
    public string[] All(string name) => _fields.TryGetValue(name, out StringValues values) ? [.. values.OfType<string>()] : [];

    /// <inheritdoc/>
    public override string? Optional(string name) => All(name).FirstOrDefault();

    /// <inheritdoc/>
    public override string Form(string name) => Text(name);

    /// <inheritdoc/>
    public override string List(string name) => Text(name);

    /// <inheritdoc/>
    protected override string Called(string name) => $"The field {name}";
}
