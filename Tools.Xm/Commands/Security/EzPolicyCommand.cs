using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm ezpolicy</c>: what <c>xensec_ezpolicy</c> does with "Save as Xen ACM Security Policy", without its window.</summary>
internal sealed class EzPolicyCommand : XmCommand
{
    private const int MostBytes = 1 << 20;

    public override CommandDescription Description { get; } = new()
    {
        Name = "ezpolicy",
        Group = CommandGroup.Security,
        Arguments = "<workload.wld> <policy> [options]",
        Summary = "Make a policy of a definition of workloads: organizations, departments, run-time exclusion rules.",
        Options = [new('f', "force", "Replace a policy of that name")],
        MinimumArguments = 2,
        MaximumArguments = 2,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        string path = Path.GetFullPath(line.Arguments[0], session.Environment.WorkingDirectory);
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new CommandFailedException($"{line.Arguments[0]} is larger than {MostBytes} bytes: it is no workload definition.");
            session.Out.Write($"Policy '{line.Arguments[1]}' saved as {session.Security.SaveWorkloads(File.ReadAllText(path), line.Arguments[1], line.Has("force"))}\n");
            return 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"Cannot read file {line.Arguments[0]}: {failure.Message}", failure);
        }
    }
}
