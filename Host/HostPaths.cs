namespace Hospes.Host;

/// <summary>Where the appliance keeps its files: Xen's own places under one root that can be moved (<c>--root</c>, <c>HOSPES_ROOT</c>).</summary>
internal sealed class HostPaths
{
    /// <summary>Takes a root directory, made absolute; null or empty means <c>/</c>.</summary>
    public HostPaths(string? root) => Root = Path.GetFullPath(string.IsNullOrEmpty(root) ? "/" : root);

    /// <summary>The directory under which everything lies.</summary>
    public string Root { get; }

    /// <summary>Configuration files.</summary>
    public string Configuration => Under("etc/xen");

    /// <summary>Sockets, locks and what a running appliance keeps.</summary>
    public string Run => Under("var/run/xend");

    /// <summary>The daemon's process number (fact sheet "xend", section 1).</summary>
    public string PidFile => Under("var/run/xend.pid");

    /// <summary>Held locked while an appliance runs on this root; its text is that appliance's process number.</summary>
    public string LockFile => Under("var/run/xend/lock");

    /// <summary>The socket of xend's API.</summary>
    public string ApiSocket => Under("var/run/xend/xend.sock");

    /// <summary>The socket of the legacy XML-RPC interface.</summary>
    public string XmlRpcSocket => Under("var/run/xend/xmlrpc.sock");

    /// <summary>The daemon's configuration.</summary>
    public string ConfigurationFile => Under("etc/xen/xend-config.sxp");

    /// <summary>One directory for each domain, named by its number.</summary>
    public string Domains => Under("var/run/xend/domains");

    /// <summary>Sockets of the store.</summary>
    public string XenstoreRun => Under("var/run/xenstored");

    /// <summary>What the store keeps over the life of a daemon.</summary>
    public string XenstoreState => Under("var/lib/xenstored");

    /// <summary>The store's file.</summary>
    public string XenstoreFile => Under("var/lib/xenstored/store");

    /// <summary>The hypervisor's message buffer.</summary>
    public string MessageFile => Under("var/run/xend/messages");

    /// <summary>What outlives the daemon.</summary>
    public string State => Under("var/lib/xend");

    /// <summary>Boot entries and what they load.</summary>
    public string Boot => Under("boot");

    /// <summary>What was denied, a line of JSON for each.</summary>
    public string SecurityAudit => Under("var/log/xen/acm-audit.log");

    /// <summary>Cores of guests.</summary>
    public string Dumps => Under("var/xen/dump");

    /// <summary>Log files.</summary>
    public string Logs => Under("var/log/xen");

    /// <summary>The daemon's log.</summary>
    public string XendLog => Under("var/log/xen/xend.log");

    /// <summary>What a daemon in the background writes to its standard error.</summary>
    public string XendDebugLog => Under("var/log/xen/xend-debug.log");

    /// <summary>A path of the configuration, which is below the root as all of Xen's are.</summary>
    public string Below(string configured) => Under(configured.TrimStart('/'));

    /// <summary>The directory of one domain.</summary>
    public string Domain(ushort domid) => Path.Combine(Domains, domid.ToString());

    /// <summary>Where a guest's console output is written.</summary>
    public string ConsoleLog(string domainName) => Path.Combine(Logs, "console", $"guest-{FileName(domainName)}.log");

    /// <summary>Where a domain process writes its standard output and error.</summary>
    public string DomainLog(string domainName) => Path.Combine(Logs, $"domain-{FileName(domainName)}.log");

    /// <summary>Makes the directories. Those that hold sockets are for their owner alone.</summary>
    public void Create()
    {
        const UnixFileMode everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (string directory in (string[])[Configuration, XenstoreRun, Logs, Path.Combine(Logs, "console")])
            Directory.CreateDirectory(directory, everybody);
        Directory.CreateDirectory(Path.GetDirectoryName(Run)!, everybody);
        Directory.CreateDirectory(Run, owner);
        Directory.CreateDirectory(Domains, owner);
        Directory.CreateDirectory(Path.GetDirectoryName(State)!, everybody);
        Directory.CreateDirectory(State, owner);
        Directory.CreateDirectory(XenstoreState, owner);
    }

    // Names of domains may hold slashes (fact sheet "Domain configuration", section 3: [A-Za-z0-9_\-.:/+]+); a file name may not, nor be "..".
    internal static string FileName(string domainName) => domainName.Replace("/", "%2f", StringComparison.Ordinal);

    private string Under(string relative) => Path.Combine(Root, relative);
}
