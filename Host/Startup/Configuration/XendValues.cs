using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Hospes.Sxp;

namespace Hospes.Host.Startup.Configuration;

/// <summary>Checks values by their kind. Wordings of Xen's where it has any (fact sheet "xend", section 2).</summary>
internal static class XendValues
{
    private static readonly string[] Yes = ["yes", "y", "1", "on", "true", "t"];
    private static readonly string[] No = ["no", "n", "0", "off", "false", "f"];
    private static readonly TimeSpan ExpressionLimit = TimeSpan.FromSeconds(1);

    private const int LongestSeconds = 1_000_000; // eleven days, which every timer can count

    /// <summary>The value in a form.</summary>
    /// <exception cref="XendException">It is not what the parameter takes.</exception>
    public static string Check(XendParameter parameter, SxpList form, string at)
    {
        if (form.Count != 2)
            throw Wrong($"one value is needed, as in ({parameter.Name} VALUE), and there are {form.Count - 1}", parameter, at);
        if (parameter.Kind != XendParameterKind.Form && form[1] is SxpList)
            throw Wrong($"expected a word or a text: {form[1]}", parameter, at);
        string value = form[1].Text;
        string? problem = parameter.Kind switch
        {
            XendParameterKind.Boolean => TryBoolean(value, out _) ? null : $"expected bool: {value}",
            XendParameterKind.Number => IsNumber(value, 0, int.MaxValue) ? null : $"expected int: {value}",
            XendParameterKind.Seconds => IsNumber(value, 1, LongestSeconds) ? null : $"expected int: {value} is no number of seconds",
            XendParameterKind.Port => IsNumber(value, 1, ushort.MaxValue) ? null : $"expected int: {value} is no TCP port",
            XendParameterKind.Address => IsAddress(value) ? null : $"expected an address: {value}",
            XendParameterKind.Expressions => BadExpression(value) is { } bad ? $"expected regular expressions: {bad}" : null,
            XendParameterKind.Mode => IsMode(value) ? null : $"expected the mode of a file, such as 0660: {value}",
            _ => null,
        };
        return problem is null ? value : throw Wrong(problem, parameter, at);
    }

    /// <summary>Whether a text is yes or no.</summary>
    public static bool TryBoolean(string text, out bool value)
    {
        value = Yes.Contains(text, StringComparer.OrdinalIgnoreCase);
        return value || No.Contains(text, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The mode of a file in octal.</summary>
    public static uint Mode(string text) => Convert.ToUInt32(text, 8);

    private static bool IsNumber(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most;

    private static bool IsAddress(string text) => text is "" or "localhost" || IPAddress.TryParse(text, out _);

    private static bool IsMode(string text) => text.Length is 3 or 4 && text.All(static digit => digit is >= '0' and <= '7') && Mode(text) <= 0x1ff;

    private static string? BadExpression(string text)
    {
        foreach (string expression in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                _ = new Regex(expression, RegexOptions.CultureInvariant, ExpressionLimit);
            }
            catch (ArgumentException wrong)
            {
                return wrong.Message;
            }
        }

        return null;
    }

    private static XendException Wrong(string problem, XendParameter parameter, string at) =>
        XendException.Generic($"invalid xend config {parameter.Name}: {problem} ({at})");
}
