using Hospes.Host.Startup.Configuration;
using Hospes.Roff;

namespace Hospes.Host.Verbs;

/// <summary><c>man DIR</c>: writes the Host's manual pages, made of the tables that the program itself goes by.</summary>
internal static class ManVerb
{
    private const string FileName = "xend-config.sxp.5";

    public static int Run(string[] words)
    {
        VerbArguments arguments = new(words, [], []);
        if (arguments.Plain is not [var directory])
            throw new UsageException("man takes the directory to write to");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, FileName), ConfigurationPage());
        return 0;
    }

    /// <summary>xend-config.sxp(5).</summary>
    internal static string ConfigurationPage()
    {
        RoffPage page = new RoffPage("xend-config.sxp", 5, "the configuration of xend")
            .Section("DESCRIPTION")
            .Text("A sequence of forms (parameter value); # begins a comment. xend reads /etc/xen/xend-config.sxp, or the file that XEND_CONFIG names, when it starts: xend reload applies a changed one, and no guest notices. Where a value is not what it may be, xend does not start and says on which line; a parameter that there is not is warned of in the log.")
            .Text("Yes is yes, y, 1, on, true or t; no is no, n, 0, off, false or f. Paths are below the appliance's root.")
            .Section("PARAMETERS");
        foreach (XendParameter parameter in XendParameters.All)
        {
            string value = parameter.Default is { Length: > 0 } missing ? $"Default: {missing}." : parameter.Default is null ? "Not set by default." : "Empty by default.";
            page.Item(
                $"({parameter.Name} {Values(parameter.Kind)})",
                $"{parameter.Help} {value}{(parameter.IsStored ? " Checked and kept for later versions; this one does not use it." : "")}");
        }

        return page.Section("FILES").Item("/etc/xen/xend-config.sxp", "The configuration. xend start puts an example there where there is none.")
            .Section("SEE ALSO").Text("xm(1), xmdomain.cfg(5)").ToString();
    }

    private static string Values(XendParameterKind kind) => kind switch
    {
        XendParameterKind.Boolean => "yes|no",
        XendParameterKind.Number => "NUMBER",
        XendParameterKind.Seconds => "SECONDS",
        XendParameterKind.Port => "PORT",
        XendParameterKind.Address => "ADDRESS",
        XendParameterKind.Expressions => "'REGEX REGEX ...'",
        XendParameterKind.Mode => "MODE",
        XendParameterKind.Form => "(...)",
        _ => "TEXT",
    };
}
