using Hospes.Sxp;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary>What <c>block-list</c> and its like have in common (fact sheet "xm", section 9).</summary>
internal static class DeviceListing
{
    /// <summary>Their switches.</summary>
    public static readonly IReadOnlyList<OptionSpec> Options = [new('l', "long", "Show all that the store has"), new('\0', "json", "Output as JSON")];

    /// <summary>Lists the devices of one class of the one domain that is named; nothing at all when it has none.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(CommandLine line, XmSession session, CommandDescription command, string deviceClass, string header, Func<DeviceInfo, string> row)
    {
        if (line.Arguments.Count != 1)
        {
            // These two, unlike other complaints, go to standard output.
            session.Out.Write(line.Arguments.Count == 0 ? "No domain parameter given\n" : "No multiple domain parameters allowed\n");
            HelpText.WriteCommand(session.Out, command);
            return 1;
        }

        if (line.Has("json"))
        {
            session.Out.Write(JsonPassage.Indent(session.Xend.Get($"{XendClient.PathOf(line.Arguments[0])}/devices/{deviceClass}")));
            return 0;
        }

        DeviceInfo[] devices = session.Xend.Devices(line.Arguments[0], deviceClass);
        if (line.Has("long"))
        {
            foreach (DeviceInfo device in devices)
                session.Out.Write(SxpPrinter.Pretty(new SxpList([device.Id, .. device.Front.Select(node => (SxpNode)new SxpList(node.Key, node.Value))])));
            return 0;
        }

        if (devices.Length > 0)
            session.Out.Write(header + "\n");
        foreach (DeviceInfo device in devices)
            session.Out.Write(row(device) + "\n");
        return 0;
    }
}
