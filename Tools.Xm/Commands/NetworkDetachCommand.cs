using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm network-detach</c>.</summary>
internal sealed class NetworkDetachCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "network-detach",
        Group = CommandGroup.Device,
        Arguments = "<Domain> <DevId> [-f|--force]",
        Summary = "Take a network interface from a domain, which lets go of it first unless forced.",
        Options = [new('f', "force", "Do not ask the domain")],
        MinimumArguments = 2,
        MaximumArguments = 3,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Arguments.Count > 2)
            session.Out.Write($"Ignoring option {line.Arguments[2]}\n");
        session.Xend.Post(
            line.Arguments[0], "device-detach", ("class", "vif"), ("device", line.Arguments[1]), ("force", line.Has("force") ? 1 : 0));
        return 0;
    }
}
