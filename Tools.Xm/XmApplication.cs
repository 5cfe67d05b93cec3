using Hospes.Xm.Api;
using Hospes.Xm.Cli;
using Hospes.Xm.Terminal;

namespace Hospes.Xm;

/// <summary>Finds the command, runs it, and turns whatever goes wrong into Xen's messages and exit codes (fact sheet "xm", section 1.2).</summary>
internal static class XmApplication
{
    private const int Failure = 1;

    /// <summary>For whoever packages xm: writes its manual pages into a directory.</summary>
    private const string ManualSwitch = "--manual";

    /// <returns>The exit status.</returns>
    public static int Run(XmEnvironment environment, params IReadOnlyList<string> arguments)
    {
        CommandTable table = new();
        Queue<string> words = new(arguments);
        try
        {
            if (!TakeRoot(environment, words, out string root))
                return Fail(environment, "option --root requires argument");
            return Dispatch(new XmSession(environment, table, root), words);
        }
        catch (OutputClosedException closed)
        {
            return closed.IsBrokenPipe ? Failure : Fail(environment, closed.Message);
        }
    }

    /// <summary>The one switch that goes before the command, since it holds for all: where Xen's directories are.</summary>
    private static bool TakeRoot(XmEnvironment environment, Queue<string> words, out string root)
    {
        root = environment.Variable("HOSPES_ROOT") is { Length: > 0 } moved ? moved : "/";
        while (words.TryPeek(out string? word) && (word == "--root" || word.StartsWith("--root=", StringComparison.Ordinal)))
        {
            words.Dequeue();
            if (word != "--root")
                root = word["--root=".Length..];
            else if (!words.TryDequeue(out root!))
                return false;
        }

        root = Path.GetFullPath(root, environment.WorkingDirectory);
        return true;
    }

    /// <summary>Runs one command.</summary>
    /// <returns>The exit status.</returns>
    internal static int Dispatch(XmSession session, Queue<string> words)
    {
        if (!words.TryDequeue(out string? name))
        {
            HelpText.WriteShort(session.Out, session.Table);
            return Failure;
        }

        if (name == ManualSwitch && words.TryDequeue(out string? directory))
        {
            Directory.CreateDirectory(directory);
            foreach ((string file, string page) in ManualPages.All(session.Table))
                File.WriteAllText(Path.Combine(directory, file), page);
            return 0;
        }

        if (name is "--help" or "-h")
        {
            HelpText.WriteLong(session.Out, session.Table);
            return 0;
        }

        XmCommand? command = session.Table.Find(name);
        if (command is null && session.Table.FindDeprecated(name) is { } renamed)
        {
            command = renamed;
            session.Error.Write($"Command {name} is deprecated.  Please use xm {command.Description.Name} instead.\n");
        }

        if (command is null && UnavailableCommands.Explain(name) is { } explanation)
            return Fail(session.Environment, explanation);
        if (command is null)
        {
            Fail(session.Environment, $"Subcommand {name} not found!");
            HelpText.WriteShort(session.Out, session.Table);
            return Failure;
        }

        if (CommandLine.AsksForHelp(words) && command is not Commands.HelpCommand)
        {
            HelpText.WriteCommand(session.Out, command.Description);
            return Failure;
        }

        return Execute(session, command, [.. words]);
    }

    private static int Execute(XmSession session, XmCommand command, List<string> words)
    {
        CommandDescription description = command.Description;
        XmEnvironment environment = session.Environment;
        try
        {
            CommandLine line = CommandLine.Parse(description.Options, words);
            CheckCount(description, line.Arguments.Count);
            return command.Run(line, session);
        }
        catch (UsageException usage)
        {
            Fail(environment, usage.Message);
            HelpText.WriteCommand(session.Out, description);
        }
        catch (CommandFailedException failed) when (failed.IsPlain)
        {
            environment.Error.Write($"{failed.Message}\n");
        }
        catch (CommandFailedException failed)
        {
            Fail(environment, failed.Message);
        }
        catch (XendFaultException fault)
        {
            Fail(environment, fault.IsUnknownDomain ? $"Domain '{fault.Message}' does not exist." : fault.Message);
            if (!fault.IsUnknownDomain && description.HelpAfterFault)
                HelpText.WriteCommand(session.Out, description);
        }
        catch (XendUnreachableException unreachable)
        {
            Fail(environment, NeedsRoot(session, unreachable)
                ? "Most commands need root access. Please try again as root."
                : $"Unable to connect to xend: {unreachable.Message}. Is xend running?");
        }
        catch (MalformedReplyException malformed)
        {
            Fail(environment, "Xend has probably crashed!  " + malformed.Message);
        }

        return Failure;
    }

    /// <summary>Under a root of one's own, being root would not help: there xend is simply not running.</summary>
    private static bool NeedsRoot(XmSession session, XendUnreachableException unreachable) =>
        !session.Environment.IsRoot && (unreachable.AccessDenied || session.Root == "/");

    private static void CheckCount(CommandDescription description, int count)
    {
        (int low, int high) = (description.MinimumArguments, description.MaximumArguments);
        if (count >= low && count <= high)
            return;
        throw new UsageException(low == high
            ? $"'xm {description.Name}' requires {low} argument{(low == 1 ? "" : "s")}.\n"
            : $"'xm {description.Name}' requires between {low} and {high} arguments.\n");
    }

    private static int Fail(XmEnvironment environment, string message)
    {
        environment.Error.Write($"Error: {message}\n");
        return Failure;
    }
}
