namespace Hospes.Xm.Cli;

/// <summary>One switch of a command.</summary>
/// <param name="Short">Its letter, or <c>'\0'</c>.</param>
/// <param name="Long">Its long name without dashes, or null.</param>
/// <param name="Help">What it does.</param>
/// <param name="Value">What its value is called in help, or null if it takes none.</param>
internal sealed record OptionSpec(char Short, string? Long, string Help, string? Value = null)
{
    /// <summary>What commands ask for it by: the long name if it has one.</summary>
    public string Key => Long ?? Short.ToString();

    /// <summary>As help shows it: <c>-s, --long=VALUE</c>.</summary>
    public string Synopsis =>
        (Short == '\0' ? "" : "-" + Short)
        + (Short == '\0' || Long is null ? "" : ", ")
        + (Long is null ? "" : "--" + Long)
        + (Value is null ? "" : (Long is null ? " " : "=") + Value);
}
