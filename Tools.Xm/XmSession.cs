using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm;

/// <summary>What a running command works with.</summary>
internal sealed class XmSession(XmEnvironment environment, CommandTable table, string root)
{
    private XendClient? _xend;

    public XmEnvironment Environment { get; } = environment;

    public CommandTable Table { get; } = table;

    /// <summary>The directory under which Xen's paths lie: <c>/</c> unless moved.</summary>
    public string Root { get; } = root;

    public TextWriter Out => Environment.Out;

    public TextWriter Error => Environment.Error;

    public XendClient Xend => _xend ??= new XendClient(SocketPath());

    public SecurityClient Security => new(Xend);

    private string SocketPath()
    {
        const string scheme = "httpu://";
        string? server = Environment.Variable("XM_SERVER");
        if (string.IsNullOrEmpty(server))
            return Path.Combine(Root, "var/run/xend/xend.sock");
        return server.StartsWith(scheme + "/", StringComparison.Ordinal)
            ? server[scheme.Length..]
            : throw new CommandFailedException($"XM_SERVER is '{server}', but only a Unix socket can be used, written as httpu:///path/of/socket.");
    }
}
