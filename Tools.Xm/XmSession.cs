using Hospes.Xm.Api;
using Hospes.Xm.Api.Servers;
using Hospes.Xm.Cli;

namespace Hospes.Xm;

/// <summary>What a running command works with.</summary>
internal sealed class XmSession(XmEnvironment environment, CommandTable table, string root)
{
    private XendServer? _server;
    private XendClient? _xend;

    public XmEnvironment Environment { get; } = environment;

    public CommandTable Table { get; } = table;

    /// <summary>The directory under which Xen's paths lie: <c>/</c> unless moved.</summary>
    public string Root { get; } = root;

    public TextWriter Out => Environment.Out;

    public TextWriter Error => Environment.Error;

    /// <summary>Where xend is.</summary>
    public XendServer Server => _server ??= ServerConfiguration.Find(Environment, Root);

    public XendClient Xend => _xend ??= new XendClient(Server);

    public SecurityClient Security => new(Xend);
}
