using Hospes.Sxp;

namespace Hospes.Host.Startup.Configuration;

/// <summary>One form of the file.</summary>
/// <param name="Form">The form.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">Where it ends, after its bracket.</param>
internal sealed record XendConfigurationEntry(SxpList Form, int Line, int Start, int End)
{
    /// <summary>The parameter it sets.</summary>
    public string Name => Form.Name;
}
