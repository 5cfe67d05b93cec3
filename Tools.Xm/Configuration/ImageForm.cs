using Hospes.Sxp;

namespace Hospes.Xm.Configuration;

/// <summary>
/// The image within the form: <c>(linux (kernel K) (ramdisk R) (ip ...) (root '/dev/sda1 ro') (args '4'))</c>. xend puts the
/// kernel's command line together from these.
/// </summary>
internal sealed class ImageForm(ConfigSettings settings, string workingDirectory, List<string> warnings)
{
    private const string HvmLoader = "/usr/lib/xen/boot/hvmloader";

    /// <summary>HVM variables in the order of the form, each with the value it has if nobody sets it.</summary>
    private static readonly (string Name, string? Default)[] HvmVariables =
    [
        ("device_model", null), ("pae", "1"), ("vcpus", "1"), ("boot", "c"), ("fda", null), ("fdb", null), ("localtime", "0"), ("serial", null),
        ("stdvga", "0"), ("isa", "0"), ("nographic", "0"), ("soundhw", null), ("vnc", null), ("vncdisplay", null), ("vncunused", "1"),
        ("vncconsole", null), ("vnclisten", null), ("sdl", null), ("display", null), ("xauthority", null), ("rtc_timeoffset", "0"), ("monitor", "0"),
        ("acpi", "1"), ("apic", "1"), ("usb", "0"), ("usbdevice", null), ("keymap", null), ("vncpasswd", null),
    ];

    /// <summary>Null if there is no kernel: a boot loader has to find one.</summary>
    public SxpList? Build()
    {
        List<SxpNode> image = [new SxpAtom(Builder())];
        bool isHvm = image[0].Text == "hvm";
        string? kernel = settings.Text("kernel") ?? (isHvm ? HvmLoader : null);
        if (kernel is null)
            return null;
        AddText(image, "kernel", Path.GetFullPath(kernel, workingDirectory));
        AddText(image, "ramdisk", settings.Text("ramdisk") is { } ramdisk ? Path.GetFullPath(ramdisk, workingDirectory) : null);
        if (settings.Text("type") is "pv" or "pvh")
            AddText(image, "type", settings.Text("type"));
        AddCommandLine(image);
        if (isHvm)
        {
            foreach ((string name, string? orElse) in HvmVariables)
                AddText(image, name, settings.Text(name) ?? settings.Number(name)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? orElse);
        }

        return new SxpList([.. image]);
    }

    private static void AddText(List<SxpNode> image, string name, string? value)
    {
        if (value is not null)
            image.Add(new SxpList(name, value));
    }

    /// <summary>The word that heads the image. <c>vmx</c> is what hvm was called first, <c>generic</c> is xl's.</summary>
    private string Builder()
    {
        string builder = settings.Text("builder") switch
        {
            null or "linux" or "generic" => "linux",
            "hvm" or "vmx" => "hvm",
            string other => throw new ConfigException($"builder is '{other}', but it has to be linux or hvm."),
        };
        return settings.Text("type") switch
        {
            null => builder,
            "pv" or "pvh" => "linux",
            "hvm" => "hvm",
            string other => throw new ConfigException($"type is '{other}', but it has to be pv, pvh or hvm."),
        };
    }

    private void AddCommandLine(List<SxpNode> image)
    {
        AddText(image, "ip", IpParameter());
        string? args = settings.Text("extra");
        string? root = settings.Text("root");
        if (settings.Text("nfs_root") is { } nfsRoot)
        {
            string server = settings.Text("nfs_server") ?? throw new ConfigException("Must set nfs root and nfs server");
            args = $"nfsroot={server}:{nfsRoot} {args}".TrimEnd();
        }

        if (settings.Text("cmdline") is { } whole)
        {
            if (args is not null || root is not null)
                warnings.Add("cmdline is given, so root, extra and nfs_root are ignored.");
            (args, root) = (whole, null);
        }

        if (root?.StartsWith("root=", StringComparison.Ordinal) == true)
            root = root["root=".Length..];
        AddText(image, "root", root);
        AddText(image, "args", args);
        const int longest = 1024;
        if ($"root={root} ip={IpParameter()} {args}".Length > longest)
            warnings.Add($"The kernel's command line is longer than {longest} bytes; the kernel may cut it off.");
    }

    /// <summary><c>IP:SERVER:GATEWAY:NETMASK:HOSTNAME:INTERFACE:DHCP</c>; null if the kernel is not to set up a network.</summary>
    private string? IpParameter()
    {
        string? ip = settings.Text("ip");
        string dhcp = settings.Text("dhcp") ?? "off";
        if (ip is null && dhcp == "off")
            return null;
        return string.Join(
            ':',
            ip,
            settings.Text("nfs_server") ?? "1.2.3.4",
            settings.Text("gateway"),
            settings.Text("netmask"),
            settings.Text("hostname"),
            settings.Text("interface") ?? "eth0",
            dhcp);
    }
}
