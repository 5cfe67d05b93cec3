using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm block-configure</c>.</summary>
internal sealed class BlockConfigureCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "block-configure",
        Group = CommandGroup.Device,
        Arguments = "<Domain> <BackDev> <FrontDev> <Mode> [BackDomain]",
        Summary = "Change the medium in a domain's CD-ROM drive.",
        MinimumArguments = 4,
        MaximumArguments = 5,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.PostForm(line.Arguments[0], "device-configure", BlockDeviceForm.Make(line));
        return 0;
    }
}
