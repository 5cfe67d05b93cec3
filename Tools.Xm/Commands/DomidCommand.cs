using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm domid</c>.</summary>
internal sealed class DomidCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "domid",
        Group = CommandGroup.Domain,
        Arguments = "<DomainName>",
        Summary = "Show the id of the domain with this name.",
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        Api.DomainInfo domain = session.Xend.Domain(line.Arguments[0]);
        session.Out.Write(domain.IsRunning ? $"{domain.Domid}\n" : throw new CommandFailedException($"Domain '{domain.Name}' is not started"));
        return 0;
    }
}
