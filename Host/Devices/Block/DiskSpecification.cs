using Hospes.Host.Networks;
using Hospes.Sxp;

namespace Hospes.Host.Devices.Block;

/// <summary>A disk's form, read: <c>(vbd (uname file:/images/a) (dev xvda) (mode w))</c>.</summary>
internal sealed record DiskSpecification
{
    /// <summary>vbd or tap.</summary>
    public required string Class { get; init; }

    /// <summary>What is before the path: <c>phy</c>, <c>tap:qcow2</c>; empty: no medium.</summary>
    public required string Driver { get; init; }

    /// <summary>The rest of the uname.</summary>
    public required string Parameters { get; init; }

    /// <summary>The guest's name for it, without /dev/ and type.</summary>
    public required string Name { get; init; }

    /// <summary>The guest's number for it.</summary>
    public required int Number { get; init; }

    /// <summary>It is a CD-ROM drive.</summary>
    public required bool IsCdrom { get; init; }

    /// <summary>How it is shared.</summary>
    public required DiskMode Mode { get; init; }

    /// <summary>As it was written: r, w, w!.</summary>
    public required string ModeText { get; init; }

    /// <summary>The script that makes its device, or null.</summary>
    public ScriptLine? Script { get; init; }

    /// <summary>The type in the store: phy, file, tap.</summary>
    public string StoreType => Class == "tap" ? "tap" : Driver;

    /// <summary>The parameters in the store: for tap with the driver in front.</summary>
    public string StoreParameters => Class == "tap" && Driver.Length > 0 ? $"{Driver["tap:".Length..]}:{Parameters}" : Parameters;

    /// <summary>The guest may write.</summary>
    public bool IsWritable => Mode != DiskMode.Read;

    /// <summary>Reads a form.</summary>
    /// <exception cref="XendException">It is no disk's.</exception>
    public static DiskSpecification Read(SxpList form)
    {
        string uname = form.ValueText("uname") ?? "";
        string device = form.ValueText("dev") ?? throw XendException.Generic("Invalid disk: it has no device name (dev ...)");
        if (form.ValueText("backend") is { } backend && backend is not ("0" or "Domain-0" or ""))
            throw XendException.Generic($"Disks are served by Domain-0 in this version, not by domain '{backend}'");
        device = Without(Without(device, "ioemu:"), "/dev/");
        bool isCdrom = device.EndsWith(":cdrom", StringComparison.Ordinal);
        if (isCdrom || device.EndsWith(":disk", StringComparison.Ordinal))
            device = device[..device.LastIndexOf(':')];
        else if (device.Contains(':', StringComparison.Ordinal))
            throw XendException.Generic($"Invalid disk: '{device}' has a type other than disk and cdrom");
        (string driver, string parameters) = Split(uname);
        if (driver.Length == 0 && !isCdrom)
            throw XendException.Generic($"Invalid disk: {device} has no image; only a CD-ROM drive (dev {device}:cdrom) may be empty");
        string mode = form.ValueText("mode") ?? "r";
        return new DiskSpecification
        {
            Class = driver.StartsWith("tap:", StringComparison.Ordinal) ? "tap" : "vbd",
            Driver = driver,
            Parameters = parameters,
            Name = device,
            Number = DiskNumber.Parse(device),
            IsCdrom = isCdrom,
            ModeText = mode,
            Script = form.ValueText("script") is { Length: > 0 } script ? ScriptLine.Parse(script) : null,
            Mode = mode switch
            {
                "r" or "ro" => DiskMode.Read,
                "w" or "rw" => isCdrom ? DiskMode.Read : DiskMode.Write,
                "w!" or "rw!" or "!" => DiskMode.Force,
                _ => throw XendException.Generic($"Invalid mode: {mode}"),
            },
        };
    }

    private static (string Driver, string Parameters) Split(string uname)
    {
        if (uname.Length == 0)
            return ("", "");
        int colon = uname.StartsWith("tap:", StringComparison.Ordinal) ? uname.IndexOf(':', "tap:".Length) : uname.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? (uname[..colon], uname[(colon + 1)..])
            : throw XendException.Generic($"Invalid disk: '{uname}' does not begin with a driver, such as phy:, file: or tap:aio:");
    }

    private static string Without(string text, string beginning) =>
        text.StartsWith(beginning, StringComparison.Ordinal) ? text[beginning.Length..] : text;
}
