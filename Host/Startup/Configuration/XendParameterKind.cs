namespace Hospes.Host.Startup.Configuration;

/// <summary>What a parameter's value may be.</summary>
internal enum XendParameterKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>yes or no, in any of the words that Xen takes.</summary>
    Boolean,

    /// <summary>A whole number from 0 on.</summary>
    Number,

    /// <summary>A time, in whole seconds from 1 on.</summary>
    Seconds,

    /// <summary>A TCP port.</summary>
    Port,

    /// <summary>An IP address, localhost, or nothing for every address.</summary>
    Address,

    /// <summary>Regular expressions with spaces between them.</summary>
    Expressions,

    /// <summary>The mode of a file, octal.</summary>
    Mode,

    /// <summary>A list of its own shape.</summary>
    Form,
}
