using System.Xml;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Api.Servers;

/// <summary>
/// Which xend is meant: that of <c>XM_SERVER</c>, else that of <c>xm-config.xml</c>, else the one of this root (fact sheet "xm", section 1).
/// </summary>
/// <example>
/// <code>
/// &lt;xm&gt;&lt;server type='LegacyXMLRPC' uri='ssh://root@other/'/&gt;&lt;/xm&gt;
/// </code>
/// </example>
internal static class ServerConfiguration
{
    private const string LegacyType = "LegacyXMLRPC";
    private const string XenApiType = "Xen-API";
    private const string Forms = "It can be httpu:///path/of/socket, http://host:port/, https://host:port/ or ssh://[user@]host/.";

    /// <summary>Finds it.</summary>
    /// <param name="environment">Where warnings go, and what the person has set.</param>
    /// <param name="root">The directory below which Xen's places are.</param>
    /// <exception cref="CommandFailedException">An address is not one.</exception>
    public static XendServer Find(XmEnvironment environment, string root)
    {
        if (environment.Variable("XM_SERVER") is { Length: > 0 } named)
            return XendServer.Parse(named, environment.Variable) ?? throw new CommandFailedException($"XM_SERVER is '{named}'. {Forms}");
        string file = environment.Variable("XM_CONFIG_FILE") is { Length: > 0 } chosen ? chosen : Path.Combine(root, "etc/xen/xm-config.xml");
        if (File.Exists(file) && Read(file, environment.Error) is { Length: > 0 } address)
            return XendServer.Parse(address, environment.Variable) ?? throw new CommandFailedException($"{file} names the server '{address}'. {Forms}");
        return new UnixServer(Path.Combine(root, "var/run/xend/xend.sock"));
    }

    // The first server's address; null: nothing is said, or nothing that can be read.
    private static string? Read(string file, TextWriter warnings)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            string? uri = null;
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element || reader.Name != "server" || uri is not null)
                    continue;
                string type = reader.GetAttribute("type") ?? LegacyType;
                if (type == XenApiType)
                    throw new CommandFailedException($"{file} asks for the {XenApiType}, which xend does not speak here: write type='{LegacyType}'.");
                if (type != LegacyType)
                    warnings.Write($"Invalid server type {type}; using {LegacyType}.\n");
                uri = reader.GetAttribute("uri") ?? "";
            }

            return uri;
        }
        catch (Exception unreadable) when (unreadable is XmlException or IOException or UnauthorizedAccessException)
        {
            warnings.Write($"Ignoring invalid configuration file {file}.\n");
            return null;
        }
    }
}
