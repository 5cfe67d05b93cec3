using System.Globalization;
using System.Text;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Wire;

/// <summary>Takes a request's payload apart. Strings are bytes up to a NUL, kept as Latin-1 so that none is lost.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>What hasn't been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>The next string; false if no NUL is left.</summary>
    public bool TryString(out string text)
    {
        int end = _rest.IndexOf((byte)0);
        text = end < 0 ? "" : Encoding.Latin1.GetString(_rest[..end]);
        if (end < 0)
            return false;
        _rest = _rest[(end + 1)..];
        return true;
    }

    /// <summary>The next string as a decimal number; nothing but digits.</summary>
    public bool TryNumber(out uint number)
    {
        number = 0;
        return TryString(out string text) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The next string as a domain's number.</summary>
    public bool TryDomain(out DomainId domain)
    {
        bool valid = TryNumber(out uint number) && number < DomainId.Self.Value;
        domain = new DomainId(valid ? (ushort)number : (ushort)0);
        return valid;
    }
}
