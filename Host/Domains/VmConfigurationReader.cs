using System.Globalization;
using System.Text.RegularExpressions;
using Hospes.Host.Security;
using Hospes.Hypervisor.Builders;
using Hospes.Sxp;

namespace Hospes.Host.Domains;

/// <summary>
/// Reads a <c>(vm ...)</c> form and refuses what cannot become a domain, before anything is made (fact sheets "Domain configuration", section 5, and
/// "xm", section 3, for the words). What needs the machine or other domains (memory, names in use) is not looked at here.
/// </summary>
internal static partial class VmConfigurationReader
{
    /// <summary>As many vCPUs as the manual promises.</summary>
    public const int MaximumVcpus = 32;

    private const string DefaultLoader = "pygrub";

    private static readonly string[] StartWords = ["ignore", "start"];
    private static readonly string[] StopWords = ["ignore", "shutdown", "suspend"];

    /// <summary>Heads that a form may have: xm sends vm, <c>xm list --long</c> shows domain.</summary>
    private static readonly string[] Heads = ["vm", VmForm.Head];

    /// <summary>The configuration in a text.</summary>
    /// <exception cref="XendException">It is not one; the message says what is wrong with which key.</exception>
    public static VmConfiguration Read(string text, bool needsFiles = true) => Read(Parse(text), needsFiles);

    /// <summary>The form in a text.</summary>
    /// <exception cref="XendException">It is not one.</exception>
    public static SxpList Parse(string text)
    {
        try
        {
            return SxpParser.ParseForm(text);
        }
        catch (SxpSyntaxException wrong)
        {
            throw XendException.Generic($"Invalid Configuration: {wrong.Message}", wrong);
        }
    }

    /// <summary>The configuration in a form.</summary>
    /// <param name="form">The form.</param>
    /// <param name="needsFiles">Kernel and ramdisk must be there: the domain is to be made now.</param>
    /// <exception cref="XendException">It is not one.</exception>
    public static VmConfiguration Read(SxpList form, bool needsFiles = true)
    {
        if (!Heads.Contains(form.Name, StringComparer.Ordinal))
            throw Invalid($"a form (vm ...) is needed, not ({form.Name} ...)");
        IReadOnlyList<SxpList> devices = Devices(form);
        SxpList image = form.Value("image") as SxpList
            ?? (form.ValueText("bootloader") is { Length: > 0 } || devices.Any(static device => device.Name is "vbd" or "tap") ? new SxpList("linux") : throw Invalid("there is no (image ...): which kernel is to be started?"));
        RefuseImage(image, form.ValueText("type"));
        string? loader = BootLoader(form, image, devices);
        int memory = Memory(form, out int maximum);
        int vcpus = Number(form, "vcpus", 1);
        if (vcpus is < 1 or > MaximumVcpus)
            throw Invalid($"vcpus must be between 1 and {MaximumVcpus}, not {vcpus}");
        VmConfiguration configuration = new()
        {
            Name = CheckName(form.ValueText("name") ?? ""),
            Uuid = Uuid(form),
            MemoryMiB = memory,
            MaximumMemoryMiB = maximum,
            Vcpus = vcpus,
            VcpusAvailable = VcpusAvailable(form, vcpus),
            Tuning = TuningReader.Read(form, vcpus),
            Cpus = TuningReader.List(form),
            OnPoweroff = LifecycleWords.Parse(form.ValueText("on_poweroff") ?? "destroy", "shutdown"),
            OnReboot = LifecycleWords.Parse(form.ValueText("on_reboot") ?? "restart", "reboot"),
            OnCrash = LifecycleWords.Parse(form.ValueText("on_crash") ?? "restart", "crash"),
            OnXendStart = Word(form, "on_xend_start", StartWords),
            OnXendStop = Word(form, "on_xend_stop", StopWords),
            BootLoader = loader,
            BootLoaderArguments = form.ValueText("bootloader_args") ?? "",
            Kernel = loader is not null ? "" : NamedFile(image, "kernel", "Kernel image", needsFiles) ?? throw Invalid("the (image ...) has no (kernel ...)"),
            Ramdisk = loader is not null ? null : NamedFile(image, "ramdisk", "Kernel ramdisk", needsFiles),
            CommandLine = KernelCommandLine(image),
            Engine = form.ValueText("engine") ?? "auto",
            Console = form.ValueText("console"),
            Devices = devices,
            Image = image,
            Kept = [.. VmForm.KeptKeys.SelectMany(form.Children).Where(static kept => kept.Count > 1 && kept[1] is SxpList or { Text.Length: > 0 })],
        };
        _ = SecurityForm.Label(configuration); // one that cannot be read is refused now
        return configuration;
    }

    /// <summary>A name that a domain may have.</summary>
    /// <exception cref="XendException">It may not.</exception>
    public static string CheckName(string name) =>
        NamePattern().IsMatch(name) ? name : throw XendException.Generic("Invalid VM Name");

    // A boot loader goes before a kernel that is named too; it is also there when disks are and no kernel is (fact sheet, section 8).
    private static string? BootLoader(SxpList form, SxpList image, IReadOnlyList<SxpList> devices)
    {
        string? loader = form.ValueText("bootloader");
        if (loader is null or "")
            return image.ValueText("kernel") is null or "" && devices.Any(static device => device.Name is "vbd" or "tap") ? DefaultLoader : null;
        return Path.GetFileName(loader) == DefaultLoader
            ? DefaultLoader
            : throw XendException.Generic($"Boot loader '{loader}' is not available; '{DefaultLoader}' is, and is built in");
    }

    private static int Memory(SxpList form, out int maximum)
    {
        int memory = Number(form, "memory", 128);
        maximum = Number(form, "maxmem", memory);
        if (maximum == 0)
            maximum = memory;
        if (memory <= 0)
            throw Invalid($"memory_dynamic_max must be greater than zero, and memory is {memory}");
        if (memory > maximum)
            throw Invalid("memory_dynamic_max must be less than or equal to memory_static_max");
        return memory;
    }

    private static Guid Uuid(SxpList form) => form.ValueText("uuid") switch
    {
        null or "" => Guid.NewGuid(),
        string text when Guid.TryParse(text, out Guid uuid) && uuid != Guid.Empty => uuid,
        string text => throw Invalid($"uuid '{text}' is not a UUID"),
    };

    private static ulong VcpusAvailable(SxpList form, int vcpus)
    {
        ulong all = (1UL << vcpus) - 1;
        string? text = form.ValueText("vcpu_avail");
        if (text is null or "")
            return all;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong mask))
            throw Invalid($"vcpu_avail must be a whole number, not '{text}'");
        return (mask & all) != 0 ? mask & all : throw Invalid("vcpu_avail leaves no vcpu online");
    }

    internal static int Number(SxpList form, string key, int missing)
    {
        string? text = form.ValueText(key);
        if (text is null or "")
            return missing;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw Invalid($"{key} must be a whole number, not '{text}'");
    }

    private static string Word(SxpList form, string key, string[] words)
    {
        string word = form.ValueText(key) ?? words[0];
        return words.Contains(word, StringComparer.Ordinal)
            ? word
            : throw Invalid($"{key} must be one of {string.Join(", ", words)}, not '{word}'");
    }

    private static string? NamedFile(SxpList image, string key, string what, bool mustExist)
    {
        string? path = image.ValueText(key);
        if (path is null or "")
            return null;
        if (!Path.IsPathFullyQualified(path))
            throw Invalid($"{key} must be an absolute path, not '{path}'");
        return !mustExist || File.Exists(path) ? path : throw XendException.Generic($"{what} does not exist: {path}");
    }

    private static string KernelCommandLine(SxpList image)
    {
        try
        {
            return CommandLine.Assemble(image.ValueText("root"), image.ValueText("ip"), image.ValueText("args"));
        }
        catch (DomainBuildException wrong)
        {
            throw Invalid(wrong.Message);
        }
    }

    private static void RefuseImage(SxpList image, string? type)
    {
        if (string.Equals(image.Name, "hvm", StringComparison.Ordinal) || string.Equals(type, "hvm", StringComparison.Ordinal))
        {
            throw XendException.Generic(
                "HVM guest support is unavailable: this version has no emulated PC yet. Start a kernel directly instead (builder 'linux').");
        }

        if (!string.Equals(image.Name, "linux", StringComparison.Ordinal))
            throw Invalid($"unknown image type '{image.Name}'; 'linux' is available");
    }

    private static List<SxpList> Devices(SxpList form)
    {
        List<SxpList> devices = [];
        foreach (SxpList device in form.Children("device"))
        {
            SxpList? inner = device.Count > 1 ? device[1] as SxpList : null;
            string kind = inner?.Name ?? (device.Count > 1 ? device[1].Text : "");
            switch (kind)
            {
                case "console":
                    break;
                case "vbd" or "tap" or "vif" when inner is not null:
                    devices.Add(inner);
                    break;
                case "vbd" or "tap" or "vif" or "vfb" or "vkbd" or "vtpm" or "pci" or "ioports" or "irq" or "usb" or "usbport":
                    throw XendException.Generic(
                        $"Devices of class '{kind}' are not available in this version yet. Take the entry for it out of the configuration ({Variable(kind)}).");
                default:
                    throw Invalid($"unknown device class '{kind}'");
            }
        }

        return devices;
    }

    private static string Variable(string deviceClass) => deviceClass switch
    {
        "vbd" or "tap" => "disk = [...]",
        "vif" => "vif = [...]",
        "vfb" or "vkbd" => "vfb = [...]",
        "usb" or "usbport" => "usbport = [...]",
        _ => $"{deviceClass} = [...]",
    };

    internal static XendException Invalid(string what) => XendException.Generic($"Invalid Configuration: {what}");

    // The fact sheet's own expression, section 3 (name).
    [GeneratedRegex(@"^[A-Za-z0-9_\-.:/+]+\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}
