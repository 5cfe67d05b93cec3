using System.Text;

namespace Hospes.Hypervisor.Builders;

/// <summary>
/// A kernel's command line (fact sheet "Domain configuration", section 3, "Kernel command line assembly"):
/// <c>root=R ip=ADDRESS:SERVER:GATEWAY:NETMASK:HOSTNAME:INTERFACE:DHCP nfsroot=SERVER:PATH EXTRA</c>.
/// </summary>
public static class CommandLine
{
    /// <summary>The most bytes that Linux on x86 takes.</summary>
    public const int MaximumLength = 2047;

    // What stands for the server when no NFS server is set: the kernel's parser wants an address there.
    private const string NoServer = "1.2.3.4";

    /// <summary>The whole line from configuration variables.</summary>
    /// <exception cref="DomainBuildException">It is too long, or <c>nfs_root</c> is set without <c>nfs_server</c>.</exception>
    public static string Assemble(CommandLineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Assemble(settings.Root, IpParameter(settings), Arguments(settings));
    }

    /// <summary>The whole line from the parts of an image form: <c>(image (linux (ip I) (root R) (args A)))</c>.</summary>
    /// <param name="root">Goes in front as <c>root=</c>, unless the arguments have one.</param>
    /// <param name="ip">Goes before the arguments as <c>ip=</c>, unless they have one.</param>
    /// <param name="arguments">Everything else.</param>
    /// <exception cref="DomainBuildException">It is too long.</exception>
    public static string Assemble(string? root, string? ip, string? arguments)
    {
        string line = (arguments ?? "").Trim();
        string address = WithoutKey((ip ?? "").Trim(), "ip=");
        string device = WithoutKey((root ?? "").Trim(), "root=");
        if (address.Length != 0 && !Has(line, "ip="))
            line = $"ip={address} {line}";
        if (device.Length != 0 && !Has(line, "root="))
            line = $"root={device} {line}";
        line = line.TrimEnd();
        Encode(line);
        return line;
    }

    /// <summary>The value of <c>ip=</c>, or nothing when neither an address nor DHCP is asked for.</summary>
    public static string IpParameter(CommandLineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string dhcp = settings.Dhcp.Length == 0 ? "off" : settings.Dhcp;
        if (settings.Ip.Length == 0 && dhcp == "off")
            return "";
        string server = settings.NfsServer.Length == 0 ? NoServer : settings.NfsServer;
        return $"{settings.Ip}:{server}:{settings.Gateway}:{settings.Netmask}:{settings.Hostname}:{settings.Interface}:{dhcp}";
    }

    /// <summary>The arguments: <c>extra</c>, with <c>nfsroot=</c> before it when set.</summary>
    /// <exception cref="DomainBuildException"><c>nfs_root</c> is set without <c>nfs_server</c>.</exception>
    public static string Arguments(CommandLineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.NfsRoot.Length == 0)
            return settings.Extra;
        if (settings.NfsServer.Length == 0)
            throw new DomainBuildException($"nfs_root is set to {settings.NfsRoot}, but nfs_server is not set");
        return $"nfsroot={settings.NfsServer}:{settings.NfsRoot} {settings.Extra}".TrimEnd();
    }

    /// <summary>The line as the guest gets it, without terminator.</summary>
    /// <exception cref="DomainBuildException">It is too long, or has a character that would end it.</exception>
    internal static byte[] Encode(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        if (bytes.Length > MaximumLength)
            throw new DomainBuildException($"Kernel command line is {bytes.Length} characters long, and {MaximumLength} are possible: shorten extra");
        int bad = bytes.AsSpan().IndexOfAny((byte)0, (byte)'\n', (byte)'\r');
        if (bad >= 0)
            throw new DomainBuildException($"Kernel command line has a character that cannot stand in it (code {bytes[bad]}) at position {bad}");
        return bytes;
    }

    // A word of the line, not a part of one: nfsroot= is not root=.
    private static bool Has(string line, string key) =>
        line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Any(word => word.StartsWith(key, StringComparison.Ordinal));

    private static string WithoutKey(string value, string key) => value.StartsWith(key, StringComparison.Ordinal) ? value[key.Length..] : value;
}
