namespace Hospes.Host;

/// <summary>Fault codes of xend's interfaces (fact sheet "xm", section 1.2).</summary>
internal enum XendError
{
    /// <summary>Something in the appliance itself is wrong.</summary>
    Internal = 1,

    /// <summary>The request cannot be done; the text says why.</summary>
    Generic = 2,

    /// <summary>There is no such domain; the text is the name as given.</summary>
    InvalidDomain = 3,
}
