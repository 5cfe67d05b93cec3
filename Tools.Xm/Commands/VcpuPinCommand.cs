using System.Globalization;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm vcpu-pin</c> (fact sheet "xm", section 5).</summary>
internal sealed class VcpuPinCommand : XmCommand
{
    private const string All = "all";

    public override CommandDescription Description { get; } = new()
    {
        Name = "vcpu-pin",
        Group = CommandGroup.Domain,
        Arguments = "<Domain> <VCPU|all> <CPUs|all>",
        Summary = "Keep a VCPU to some CPUs: lists like 0-3,5,^1.",
        MinimumArguments = 3,
        MaximumArguments = 3,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        (string vcpu, string cpus) = (line.Arguments[1], line.Arguments[2]);
        if (vcpu != All && !int.TryParse(vcpu, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new UsageException("Invalid argument.");
        session.Xend.Post(line.Arguments[0], "vcpu-pin", ("vcpu", vcpu), ("cpus", cpus));
        return 0;
    }
}
