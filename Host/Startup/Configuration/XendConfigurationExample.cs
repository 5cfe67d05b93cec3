using System.Text;
using Hospes.Sxp;

namespace Hospes.Host.Startup.Configuration;

/// <summary>The file that is put where there is none: every parameter, all of them in comments, so that it changes nothing.</summary>
internal static class XendConfigurationExample
{
    private const int Width = 100;

    /// <summary>Its text.</summary>
    public static string Text()
    {
        StringBuilder text = new();
        text.Append("# -*- sh -*-\n#\n# xend's configuration: see xend-config.sxp(5). Each parameter is shown with what it is when nothing is said, or with\n"
            + "# an example where that is nothing. To set one, take the # before its bracket away; 'xend reload' applies it, and no\n# guest notices.\n");
        foreach (XendParameter parameter in XendParameters.All)
        {
            text.Append('\n');
            foreach (string line in Lines(parameter.Help + (parameter.IsStored ? " Checked and kept for later versions; this one does not use it." : "")))
                text.Append("# ").Append(line).Append('\n');
            text.Append('#').Append(Form(parameter)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The parameter as a form, with its example or default.</summary>
    public static SxpList Form(XendParameter parameter)
    {
        string value = parameter.Example ?? parameter.Default ?? "";
        return new SxpList(parameter.Name, parameter.Kind == XendParameterKind.Form ? SxpParser.ParseForm(value) : (SxpNode)value);
    }

    private static IEnumerable<string> Lines(string help)
    {
        StringBuilder line = new();
        foreach (string word in help.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }
}
