using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm block-attach</c>.</summary>
internal sealed class BlockAttachCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "block-attach",
        Group = CommandGroup.Device,
        Arguments = "<Domain> <BackDev> <FrontDev> <Mode> [BackDomain]",
        Summary = "Give a domain a further block device.",
        MinimumArguments = 4,
        MaximumArguments = 5,
        ArgumentKind = ArgumentKind.Domain,
        DeprecatedNames = ["vbd-create"],
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.PostForm(line.Arguments[0], "device-attach", BlockDeviceForm.Make(line));
        return 0;
    }
}
