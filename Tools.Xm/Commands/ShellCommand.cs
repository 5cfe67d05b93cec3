using System.Text;
using Hospes.Xm.Cli;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Commands;

/// <summary><c>xm shell</c> (fact sheet "xm", section 7): commands line by line, until the input ends or exit.</summary>
internal sealed class ShellCommand : XmCommand
{
    private const string Prompt = "xm> ";

    public override CommandDescription Description { get; } = new()
    {
        Name = "shell",
        Group = CommandGroup.Tool,
        Summary = "Take commands line by line.",
        IsCommon = true,
        MaximumArguments = 0,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Out.Write("The Xen Master. Type \"help\" for a list of functions.\n");
        InputLines input = new(session.Environment.InputFd);
        while (true)
        {
            session.Out.Write(Prompt);
            if (input.Next() is not { } text)
            {
                session.Out.Write("\n");
                return 0;
            }

            IReadOnlyList<string> words;
            try
            {
                words = ShellWords.Split(text);
            }
            catch (FormatException wrong)
            {
                session.Out.Write($"*** {wrong.Message}\n");
                continue;
            }

            switch (words)
            {
                case []:
                    break;
                case ["exit" or "quit"]:
                    return 0;
                case [var command, ..] when session.Table.Find(command) is null && session.Table.FindDeprecated(command) is null:
                    session.Out.Write($"*** Unknown command: {command}\n");
                    break;
                default:
                    XmApplication.Dispatch(session, new Queue<string>(words));
                    break;
            }
        }
    }
}
