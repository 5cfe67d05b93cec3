using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Hospes.Host.Api.Sxp;

/// <summary>The fields of a posted form, <c>op=shutdown&amp;reason=halt</c>.</summary>
internal sealed class SxpArguments
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

    /// <summary>A field, or null.</summary>
    public string? Optional(string name) => All(name).FirstOrDefault();

    /// <summary>A field.</summary>
    /// <exception cref="XendException">It is missing.</exception>
    public string Text(string name) => Optional(name) ?? throw XendException.Generic($"The field {name} is missing");

    /// <summary>A whole number.</summary>
    /// <exception cref="XendException">It is missing or none.</exception>
    public long Number(string name) => long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
        ? number
        : throw XendException.Generic($"The field {name} has to be a whole number, not '{Text(name)}'");

    /// <summary>Whether a field is neither missing nor nothing nor zero.</summary>
    public bool Flag(string name) => Optional(name) is not (null or "" or "0" or "no");
}
