using System.Globalization;
using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Boot;

/// <summary>The hypervisor's <c>ssidref=0xSSSSCCCC:ACM:POLICY[:LABEL]</c> (fact sheet "ACM", section 5.1).</summary>
/// <param name="Ssidref">Domain 0's number.</param>
/// <param name="Policy">The only policy that may be booted with.</param>
/// <param name="Label">Domain 0's label, or null.</param>
internal sealed record BootParameter(uint Ssidref, string Policy, string? Label)
{
    /// <summary>Reads the value.</summary>
    /// <exception cref="SecurityPolicyException">It is of another form.</exception>
    public static BootParameter Parse(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length is 3 or 4 && parts[1] == AcmPolicyType.Name && parts[0].StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && uint.TryParse(parts[0].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint ssidref))
            return new BootParameter(ssidref, parts[2], parts.Length == 4 ? parts[3] : null);
        throw new SecurityPolicyException($"ssidref={text} is not of the form 0xSSSSCCCC:ACM:POLICY[:LABEL]");
    }
}
