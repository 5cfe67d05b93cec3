namespace Hospes.Xm.Cli;

/// <summary>The layouts of help (fact sheet "xm", section 1.1).</summary>
internal static class HelpText
{
    private const int NameWidth = 20;
    private const int SummaryWidth = 50;
    private const int OptionWidth = 30;
    private const int OptionHelpWidth = 43;

    /// <summary>
    /// The commands used most; what <c>xm</c> and <c>xm help</c> show. The manual lists the others under <c>xm help --long</c>,
    /// so that is what the last line says; in tools of the manual's age that already list all under <c>xm help</c> it says so.
    /// </summary>
    public static void WriteShort(TextWriter output, CommandTable table)
    {
        WriteHead(output, "Common 'xm' commands:");
        WriteList(output, table.Commands.Where(command => command.IsCommon).OrderBy(command => command.Name, StringComparer.Ordinal));
        output.Write('\n');
        WriteFooter(output);
        output.Write("For a complete list of subcommands run 'xm help --long'.\n");
    }

    /// <summary>All commands, in the table's order.</summary>
    public static void WriteLong(TextWriter output, CommandTable table)
    {
        WriteHead(output, "xm full list of subcommands:");
        WriteList(output, table.Commands);
        output.Write('\n');
        WriteFooter(output);
    }

    /// <summary>One command.</summary>
    public static void WriteCommand(TextWriter output, CommandDescription command)
    {
        output.Write($"Usage: {$"xm {command.Name} {command.Arguments}".TrimEnd()}\n\n{command.Summary}\n");
        foreach (OptionSpec option in command.Options)
        {
            IReadOnlyList<string> lines = TextWrap.Lines(option.Help, OptionHelpWidth);
            output.Write($"  {option.Synopsis,-OptionWidth} {lines[0],-OptionHelpWidth}\n");
            foreach (string line in lines.Skip(1))
                output.Write($"{"",OptionWidth + 3}{line}\n");
        }

        output.Write('\n');
    }

    private static void WriteHead(TextWriter output, string title) =>
        output.Write($"Usage: xm <subcommand> [args]\n\nControl, list, and manipulate Xen guest instances.\n\n{title}\n\n");

    private static void WriteList(TextWriter output, IEnumerable<CommandDescription> commands)
    {
        foreach (CommandDescription command in commands)
        {
            IReadOnlyList<string> lines = TextWrap.Lines(command.Summary, SummaryWidth);
            output.Write($" {command.Name,-NameWidth} {lines[0],-SummaryWidth}\n");
            foreach (string line in lines.Skip(1))
                output.Write($"{"",NameWidth + 2}{line}\n");
        }
    }

    private static void WriteFooter(TextWriter output) => output.Write(
        "<Domain> can either be the Domain Name or Id.\n"
        + "For more help on 'xm' see the xm(1) man page.\n"
        + "For more help on 'xm create' see the xmdomain.cfg(5)  man page.\n");
}
