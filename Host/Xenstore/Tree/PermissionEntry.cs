using System.Globalization;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tree;

/// <summary>One entry of a node's permissions, <c>r3</c> on the wire.</summary>
/// <param name="Rights">What is granted; read, write, both or nothing.</param>
/// <param name="Domain">To whom; in the first entry: the owner, and the rights are everybody else's.</param>
public readonly record struct PermissionEntry(AccessRights Rights, DomainId Domain)
{
    private const string Letters = "nrwb";

    /// <summary>Reads the wire form: a letter and a decimal domain number, nothing else.</summary>
    public static bool TryParse(string text, out PermissionEntry entry)
    {
        entry = default;
        int rights = text.Length == 0 ? -1 : Letters.IndexOf(text[0]);
        if (rights < 0 || !ushort.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort domain))
            return false;
        entry = new((AccessRights)rights, new DomainId(domain));
        return true;
    }

    /// <summary>The wire form.</summary>
    public override string ToString() => $"{Letters[(int)(Rights & AccessRights.ReadWrite)]}{Domain}";
}
