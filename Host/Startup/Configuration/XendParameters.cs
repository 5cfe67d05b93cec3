namespace Hospes.Host.Startup.Configuration;

/// <summary>The parameters of <c>xend-config.sxp</c> (fact sheet "xend", section 2), in the order of the example file; the last ones are ours.</summary>
internal static class XendParameters
{
    public static readonly XendParameter LogFile = new("logfile", XendParameterKind.Text, "/var/log/xen/xend.log", "The daemon's log. It is set aside at 1 MiB; five older ones are kept.");

    public static readonly XendParameter LogLevel = new("loglevel", XendParameterKind.Text, "DEBUG", "The least important entries to write: TRACE, DEBUG, INFO, WARNING, ERROR or CRITICAL.");

    public static readonly XendParameter HttpServer = new("xend-http-server", XendParameterKind.Boolean, "no", "Offer the HTTP and SXP interface on TCP. It knows no passwords: whoever reaches the port owns the appliance.");

    public static readonly XendParameter UnixServer = new("xend-unix-server", XendParameterKind.Boolean, "no", "Offer the HTTP and SXP interface on a Unix socket.");

    public static readonly XendParameter TcpXmlRpcServer = new("xend-tcp-xmlrpc-server", XendParameterKind.Boolean, "no", "Offer the legacy XML-RPC interface on TCP. It knows no passwords.");

    public static readonly XendParameter UnixXmlRpcServer = new("xend-unix-xmlrpc-server", XendParameterKind.Boolean, "yes", "Offer the legacy XML-RPC interface on the Unix socket /var/run/xend/xmlrpc.sock.");

    public static readonly XendParameter UnixPath = new("xend-unix-path", XendParameterKind.Text, "/var/lib/xend/xend-socket", "Where the socket of xend-unix-server is.");

    public static readonly XendParameter TcpXmlRpcAddress = new("xend-tcp-xmlrpc-server-address", XendParameterKind.Address, "localhost", "The address of xend-tcp-xmlrpc-server.");

    public static readonly XendParameter TcpXmlRpcPort = new("xend-tcp-xmlrpc-server-port", XendParameterKind.Port, "8006", "The port of xend-tcp-xmlrpc-server.");

    public static readonly XendParameter HttpPort = new("xend-port", XendParameterKind.Port, "8000", "The port of xend-http-server.");

    public static readonly XendParameter HttpAddress = new("xend-address", XendParameterKind.Address, "localhost", "The address of xend-http-server; '' is every address of the machine.");

    public static readonly XendParameter ConsoleLimit = new("console-limit", XendParameterKind.Number, "1024", "How much of its output a domain's console keeps, KiB.");

    public static readonly XendParameter Dom0MinMem = new("dom0-min-mem", XendParameterKind.Number, "0", "Memory that the machine itself keeps whatever guests ask for, MiB. Guests get what is free beyond it; 0: all that is free.");

    public static readonly XendParameter EnableDump = new("enable-dump", XendParameterKind.Boolean, "no", "Write a core of every guest that crashes, whatever its on_crash says.");

    public static readonly XendParameter Dom0Cpus = new("dom0-cpus", XendParameterKind.Number, "0", "How many CPUs xend and the programs that it starts use, and Domain-0 is listed with; guests may have all. 0: all.");

    public static readonly XendParameter NetworkScript = new("network-script", XendParameterKind.Text, null, "What sets the network up, with key=value words if it takes any; '': nothing does. Without it address translation, with the first guest that needs it.") { Example = "network-bridge" };

    public static readonly XendParameter VifScript = new("vif-script", XendParameterKind.Text, null, "What connects guests' interfaces that name no script of their own. Without it the one that goes with network-script.") { Example = "vif-bridge" };

    public static readonly XendParameter TcpXmlRpcKey = new("xend-tcp-xmlrpc-server-ssl-key-file", XendParameterKind.Text, null, "The key, PEM, by which xend-tcp-xmlrpc-server is encrypted; with the certificate, or not at all.") { Example = "/etc/xen/xmlrpc.key" };

    public static readonly XendParameter TcpXmlRpcCertificate = new("xend-tcp-xmlrpc-server-ssl-cert-file", XendParameterKind.Text, null, "The certificate for that key, PEM, with those that it depends on after it.") { Example = "/etc/xen/xmlrpc.crt" };

    public static readonly XendParameter DeviceCreateTimeout = new("device-create-timeout", XendParameterKind.Seconds, "100", "How long the script of a device may take, seconds.");

    public static readonly XendParameter DeviceDestroyTimeout = new("device-destroy-timeout", XendParameterKind.Seconds, "100", "How long a guest may take to let go of a device, seconds.");

    public static readonly XendParameter PersistentGrants = new("blkif-persistent-grants", XendParameterKind.Boolean, "no", "Offer guests to keep the pages of their disk requests granted.");

    public static readonly XendParameter DomainsPath = new("xend-domains-path", XendParameterKind.Text, "/var/lib/xend/domains", "Where managed domains are kept.");

    public static readonly XendParameter ApiGroup = new("xend-api-group", XendParameterKind.Text, null, "Members of this group may use xend's sockets below /var/run/xend, and so own the appliance; without it their owner alone may.") { Example = "xen" };

    public static readonly XendParameter ApiMode = new("xend-api-mode", XendParameterKind.Mode, "0660", "The mode of those sockets when there is xend-api-group.");

    public static readonly XendParameter SpareProcess = new("spare-domain-process", XendParameterKind.Boolean, "yes", "Keep one process started for the next domain, so that creating it takes half the time. It holds some 60 MiB.");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<XendParameter> All =
    [
        LogFile,
        LogLevel,
        new("xen-api-server", XendParameterKind.Form, "((unix))", "Servers of the Xen-API, which this version does not speak.", IsStored: true),
        HttpServer,
        UnixServer,
        TcpXmlRpcServer,
        UnixXmlRpcServer,
        new("xend-relocation-server", XendParameterKind.Boolean, "no", "Take domains that other machines send.", IsStored: true),
        UnixPath,
        TcpXmlRpcAddress,
        TcpXmlRpcPort,
        TcpXmlRpcKey,
        TcpXmlRpcCertificate,
        HttpPort,
        new("xend-relocation-port", XendParameterKind.Port, "8002", "The port of xend-relocation-server.", IsStored: true),
        HttpAddress,
        new("xend-relocation-address", XendParameterKind.Address, "", "The address of xend-relocation-server; '' is every address of the machine.", IsStored: true),
        new("xend-relocation-hosts-allow", XendParameterKind.Expressions, "", "Machines that may send domains: names or addresses as regular expressions, with spaces between; '' is every machine.", IsStored: true)
        {
            Example = @"^localhost$ ^localhost\.localdomain$",
        },
        ConsoleLimit,
        NetworkScript,
        VifScript,
        Dom0MinMem,
        Dom0Cpus,
        EnableDump,
        new("external-migration-tool", XendParameterKind.Text, "", "What moves devices as a domain goes to another machine.", IsStored: true),
        new("vnc-listen", XendParameterKind.Address, "127.0.0.1", "Where guests' screens are offered.", IsStored: true),
        new("vncpasswd", XendParameterKind.Text, null, "The password of guests' screens; '' is none.", IsStored: true) { Example = "", IsSecret = true },
        new("vnc-tls", XendParameterKind.Boolean, "no", "Encrypt guests' screens.", IsStored: true),
        new("vnc-x509-cert-dir", XendParameterKind.Text, null, "Where the certificates for that are.", IsStored: true) { Example = "/etc/xen/vnc" },
        new("vnc-x509-verify", XendParameterKind.Boolean, "no", "Have viewers show a certificate, too.", IsStored: true),
        new("keymap", XendParameterKind.Text, null, "The keyboard of guests' screens.", IsStored: true) { Example = "en-us" },
        DomainsPath,
        new("xend-state-path", XendParameterKind.Text, "/var/lib/xend/state", "Where the daemon keeps what it must find again.", IsStored: true),
        new("xend-storage-path", XendParameterKind.Text, "/var/lib/xend/storage", "Where storage repositories would be kept.", IsStored: true),
        new("resource-label-change-script", XendParameterKind.Text, null, "What is called when the label of a resource changes.", IsStored: true) { Example = "" },
        DeviceCreateTimeout,
        DeviceDestroyTimeout,
        PersistentGrants,
        SpareProcess,
        ApiGroup,
        ApiMode,
    ];

    /// <summary>The parameter of a name, or null.</summary>
    public static XendParameter? Find(string name) => All.FirstOrDefault(parameter => string.Equals(parameter.Name, name, StringComparison.Ordinal));
}
