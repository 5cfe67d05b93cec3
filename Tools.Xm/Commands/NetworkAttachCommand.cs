using Hospes.Sxp;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm network-attach</c> (fact sheet "xm", section 9).</summary>
internal sealed class NetworkAttachCommand : XmCommand
{
    private static readonly string[] Keys = ["type", "mac", "bridge", "ip", "script", "backend", "vifname", "rate", "model", "accel"];

    public override CommandDescription Description { get; } = new()
    {
        Name = "network-attach",
        Group = CommandGroup.Device,
        Arguments = "<Domain> " + string.Join(' ', Keys.Select(static key => $"[{key}=<{key}>]")),
        Summary = "Give a domain a further network interface.",
        MinimumArguments = 1,
        MaximumArguments = 1 + Keys.Length,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        List<SxpNode> form = ["vif"];
        foreach (string word in line.Arguments.Skip(1))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !Keys.Contains(word[..equals], StringComparer.Ordinal))
                throw new UsageException($"Invalid argument: {word}");
            form.Add(new SxpList(word[..equals], word[(equals + 1)..]));
        }

        session.Xend.PostForm(line.Arguments[0], "device-attach", new SxpList([.. form]));
        return 0;
    }
}
