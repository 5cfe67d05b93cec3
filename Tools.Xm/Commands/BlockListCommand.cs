using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm block-list</c> (fact sheet "xm", section 9).</summary>
internal sealed class BlockListCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "block-list",
        Group = CommandGroup.Device,
        Arguments = "<Domain> [-l]",
        Summary = "List a domain's block devices.",
        Options = DeviceListing.Options,
        ArgumentKind = ArgumentKind.Domain,
        DeprecatedNames = ["vbd-list"],
    };

    public override int Run(CommandLine line, XmSession session) =>
        DeviceListing.Run(line, session, Description, "vbd", "Vdev  BE handle state evt-ch ring-ref BE-path", Row);

    private static string Row(DeviceInfo device) =>
        $"{device.Id,-3}    {device.BackendId,-3}  {device.Handle,-3}   {device.State,-3}    {device.Number("event-channel"),-3}    "
        + $"{device.Number("ring-ref"),-5} {device.BackendPath,-30}  ";
}
