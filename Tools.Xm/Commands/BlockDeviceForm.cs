using Hospes.Sxp;
using Hospes.Xm.Cli;
using Hospes.Xm.Configuration.Devices;

namespace Hospes.Xm.Commands;

/// <summary>A disk named by arguments: <c>&lt;BackDev&gt; &lt;FrontDev&gt; &lt;Mode&gt; [BackDomain]</c>; <c>script=NAME</c> in the last one's place names a script.</summary>
internal static class BlockDeviceForm
{
    public static SxpList Make(CommandLine line) => DiskSpecifier.Form(line.Arguments[1], line.Arguments[2], line.Arguments[3], line.Arguments.Skip(4));
}
