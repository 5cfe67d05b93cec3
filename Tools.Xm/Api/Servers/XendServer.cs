namespace Hospes.Xm.Api.Servers;

/// <summary>Where xend is, and how to get there.</summary>
internal abstract class XendServer
{
    private const string UnixScheme = "httpu://";
    private const string SecureShellScheme = "ssh://";

    /// <summary>It is on this machine, and so its sockets and consoles can be opened here.</summary>
    public virtual bool IsLocal => false;

    /// <summary>How to have a person at a domain's console, when that cannot be opened from here.</summary>
    public virtual string ConsoleHint(string domain) => $"run 'xm console {domain}' on the machine where it is";

    /// <summary>Connects.</summary>
    /// <exception cref="XendUnreachableException">Nobody is there.</exception>
    public abstract ServerConnection Connect();

    /// <summary>The server of an address (fact sheet "xm", section 1, "URI schemes").</summary>
    /// <param name="address"><c>httpu:///path/of/socket</c>, <c>http://host:port/</c>, <c>https://host:port/</c> or <c>ssh://[user@]host/</c>.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <returns>Null: it is none of these.</returns>
    public static XendServer? Parse(string address, Func<string, string?> variable)
    {
        if (address.StartsWith(UnixScheme + "/", StringComparison.Ordinal))
            return new UnixServer(address[UnixScheme.Length..]);
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0 || uri.AbsolutePath != "/")
            return null;
        return uri.Scheme switch
        {
            "http" => new TcpServer(uri.DnsSafeHost, uri.Port, isEncrypted: false),
            "https" => new TcpServer(uri.DnsSafeHost, uri.Port, isEncrypted: true),
            _ when address.StartsWith(SecureShellScheme, StringComparison.Ordinal) => SecureShellServer.Parse(uri, variable),
            _ => null,
        };
    }
}
