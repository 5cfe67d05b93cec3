using Hospes.Sxp;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary>A disk named by arguments: <c>&lt;BackDev&gt; &lt;FrontDev&gt; &lt;Mode&gt; [BackDomain]</c>.</summary>
internal static class BlockDeviceForm
{
    public static SxpList Make(CommandLine line)
    {
        string uname = line.Arguments[1];
        SxpList form = new(
            uname.StartsWith("tap:", StringComparison.Ordinal) ? "tap" : "vbd",
            new SxpList("uname", uname),
            new SxpList("dev", line.Arguments[2]),
            new SxpList("mode", line.Arguments[3]));
        return line.Arguments.Count > 4 ? form.With(new SxpList("backend", line.Arguments[4])) : form;
    }
}
