using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm network-list</c> (fact sheet "xm", section 9).</summary>
internal sealed class NetworkListCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "network-list",
        Group = CommandGroup.Device,
        Arguments = "<Domain> [-l]",
        Summary = "List a domain's network interfaces.",
        Options = DeviceListing.Options,
        ArgumentKind = ArgumentKind.Domain,
        DeprecatedNames = ["vif-list"],
    };

    public override int Run(CommandLine line, XmSession session) =>
        DeviceListing.Run(line, session, Description, "vif", "Idx BE     MAC Addr.     handle state evt-ch tx-/rx-ring-ref BE-path", Row);

    private static string Row(DeviceInfo device) =>
        $"{device.Id,-3} {device.BackendId,-3}{device.Text("mac"),-17}    {device.Handle,-3}   {device.State,-3}    {Channel(device),-3}   "
        + $"{device.Number("tx-ring-ref"),-5}/{device.Number("rx-ring-ref"),-5}   {device.BackendPath,-30}  ";

    // A front-end that has two channels shows that for what it sends.
    private static int Channel(DeviceInfo device) => device.Number("event-channel") is >= 0 and int one ? one : device.Number("event-channel-tx");
}
