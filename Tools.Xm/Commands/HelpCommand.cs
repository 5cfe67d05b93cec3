using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm help</c>. The manual: alone it lists the most used commands, with <c>--long</c> all, with a command it explains that.</summary>
internal sealed class HelpCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "help",
        Group = CommandGroup.Domain,
        Arguments = "[-l|--long] [<command>]",
        Summary = "Show what xm can do, or how one command is used.",
        IsCommon = true,
        Options = [new('l', "long", "List all commands")],
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Command,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Arguments.Count == 1)
        {
            XmCommand command = session.Table.Find(line.Arguments[0]) ?? session.Table.FindDeprecated(line.Arguments[0])
                ?? throw new CommandFailedException($"Subcommand {line.Arguments[0]} not found!");
            HelpText.WriteCommand(session.Out, command.Description);
        }
        else if (line.Has("long"))
        {
            HelpText.WriteLong(session.Out, session.Table);
        }
        else
        {
            HelpText.WriteShort(session.Out, session.Table);
        }

        return 0;
    }
}
