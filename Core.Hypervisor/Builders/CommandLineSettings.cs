namespace Hospes.Hypervisor.Builders;

/// <summary>The configuration variables that a kernel's command line is made of (fact sheet "Domain configuration", section 3). Empty means not set.</summary>
public sealed record CommandLineSettings
{
    /// <summary><c>root</c>: the root device and its options; a leading <c>root=</c> is dropped.</summary>
    public string Root { get; init; } = "";

    /// <summary><c>extra</c>: everything else, goes last.</summary>
    public string Extra { get; init; } = "";

    /// <summary><c>ip</c>: the guest's address.</summary>
    public string Ip { get; init; } = "";

    /// <summary><c>netmask</c>.</summary>
    public string Netmask { get; init; } = "";

    /// <summary><c>gateway</c>.</summary>
    public string Gateway { get; init; } = "";

    /// <summary><c>hostname</c>.</summary>
    public string Hostname { get; init; } = "";

    /// <summary><c>interface</c>: the device to configure.</summary>
    public string Interface { get; init; } = "eth0";

    /// <summary><c>dhcp</c>: <c>dhcp</c> asks a server for the address; <c>off</c> does not.</summary>
    public string Dhcp { get; init; } = "off";

    /// <summary><c>nfs_server</c>.</summary>
    public string NfsServer { get; init; } = "";

    /// <summary><c>nfs_root</c>: the directory on the server that becomes the root file system.</summary>
    public string NfsRoot { get; init; } = "";
}
