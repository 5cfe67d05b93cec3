using System.Globalization;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm vcpu-set</c> (fact sheet "xm", section 5).</summary>
internal sealed class VcpuSetCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "vcpu-set",
        Group = CommandGroup.Domain,
        Arguments = "<Domain> <vCPUs>",
        Summary = "Set the number of VCPUs that a domain uses, up to the number that it was created with.",
        IsCommon = true,
        MinimumArguments = 2,
        MaximumArguments = 2,
        ArgumentKind = ArgumentKind.Domain,
        DeprecatedNames = ["set-vcpus"],
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (!int.TryParse(line.Arguments[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count))
            throw new UsageException("Invalid argument.");
        session.Xend.Post(line.Arguments[0], "vcpu-count", ("vcpus", count));
        return 0;
    }
}
