using System.Globalization;
using Hospes.Sxp;
using Hospes.Xm.Configuration.Devices;

namespace Hospes.Xm.Configuration;

/// <summary>Builds the <c>(vm ...)</c> form that xend takes (fact sheet "Domain configuration", section 5).</summary>
/// <param name="settings">The domain's variables.</param>
/// <param name="workingDirectory">What relative paths are relative to.</param>
/// <param name="environment">Reads an environment variable of the caller.</param>
internal sealed class DomainForm(ConfigSettings settings, string workingDirectory, Func<string, string?> environment)
{
    private readonly List<SxpNode> _form = [new SxpAtom("vm")];
    private readonly List<string> _warnings = [];

    /// <summary>What the person should know although the domain can be made.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <param name="attachesConsole">Somebody will be there to see a boot loader's menu.</param>
    /// <exception cref="ConfigException">The variables do not describe a domain.</exception>
    public SxpList Build(bool attachesConsole)
    {
        AddIdentity();
        AddCpus();
        foreach (string backend in (string[])["blkif", "netif", "tpmif"])
        {
            if (settings.Flag(backend))
                _form.Add(new SxpList("backend", new SxpList(backend)));
        }

        if (settings.Flag("localtime"))
            Add("localtime", 1);
        AddBootLoader(attachesConsole);
        if (new ImageForm(settings, workingDirectory, _warnings).Build() is { } image)
            _form.Add(new SxpList("image", image));
        AddDevices();
        AddSecurity();
        AddWarnings();
        return new SxpList([.. _form]);
    }

    private void AddWarnings()
    {
        foreach (string name in (string[])["firmware", "vncviewer", "vncconsole"])
        {
            if (settings.IsSet(name))
                _warnings.Add($"{name} is ignored.");
        }

        // They stay in the form, for whoever reads it.
        foreach (string name in ((string[])["blkif", "netif", "tpmif"]).Where(settings.Flag))
            _warnings.Add($"{name} has no effect: Domain-0 serves all devices.");
        if (settings.Text("features") is not null)
            _warnings.Add("features has no effect: it is for kernels without a PVH entry.");
        if (settings.Number("shadow_memory") is > 0)
            _warnings.Add("shadow_memory has no effect: no shadow page tables are kept.");
    }

    private void Add(string name, SxpNode value) => _form.Add(new SxpList(name, value));

    private void AddIdentity()
    {
        AddText("name");
        AddNumber("memory", orElse: 128);
        AddNumber("maxmem");
        AddNumber("shadow_memory");
        foreach ((string variable, string? action) in LifecycleActions())
        {
            if (action is not null)
                Add(variable, action);
        }

        long vcpus = settings.Number("vcpus") ?? 1;
        long maximum = settings.Number("maxvcpus") ?? vcpus;
        if (maximum < vcpus)
            throw new ConfigException($"maxvcpus is {maximum}, but it has to be at least vcpus, which is {vcpus}.");
        Add("vcpus", maximum);
        if (settings.Number("vcpu_avail") is > 0 and { } mask)
            Add("vcpu_avail", mask);
        else if (maximum > vcpus && vcpus < 63)
            Add("vcpu_avail", (1L << (int)vcpus) - 1);
        AddText("features");
        AddText("on_xend_start");
        AddText("on_xend_stop");
        AddText("uuid");
    }

    /// <summary>The old variable <c>restart</c> is the three newer ones in one word.</summary>
    private IEnumerable<(string Variable, string? Action)> LifecycleActions()
    {
        (string? poweroff, string? reboot, string? crash) = settings.Text("restart") switch
        {
            null => ((string?)null, (string?)null, (string?)null),
            "onreboot" => ("destroy", "restart", "destroy"),
            "always" => ("restart", "restart", "restart"),
            "never" => ("destroy", "destroy", "destroy"),
            string other => throw new ConfigException($"restart is '{other}', but it has to be onreboot, always or never."),
        };
        yield return ("on_poweroff", settings.Text("on_poweroff") ?? poweroff);
        yield return ("on_reboot", settings.Text("on_reboot") ?? reboot);
        yield return ("on_crash", settings.Text("on_crash") ?? crash);
    }

    private void AddCpus()
    {
        if (settings.Number("cpu") is >= 0 and { } cpu)
            Add("cpu", cpu);
        AddText("cpus");
        if (settings.Number("cpu_cap") is { } cap)
            Add("cpu_cap", cap);
        if (settings.Number("cpu_weight") is { } weight)
            Add("cpu_weight", weight);
    }

    private void AddBootLoader(bool attachesConsole)
    {
        if (settings.Text("bootloader") is not { } loader)
            return;
        Add("bootloader", loader == "pygrub" ? "/usr/bin/pygrub" : loader);
        string? entry = settings.Text("bootentry") is { } chosen ? $"--entry={chosen}" : null;
        if (entry is not null)
            _warnings.Add("bootentry is deprecated: write bootargs = '--entry=...'.");
        if (settings.Text("bootargs") is { } arguments)
            Add("bootloader_args", entry is null ? arguments : $"{entry} {arguments}");
        else if (entry is not null)
            Add("bootloader_args", entry);
        else if (!attachesConsole)
            Add("bootloader_args", "-q");
    }

    private void AddDevices()
    {
        AddDevices(settings.List("disk").Select(DiskSpecifier.Form));
        if (settings.List("pci") is { Count: > 0 } pci)
            AddDevices([PciSpecifier.Form(pci)]);
        AddDevices(settings.List("ioports").Select(IoportSpecifier.Form));
        AddDevices(settings.List("irq").Select(Irq));
        AddDevices(Vifs().Select(VifSpecifier.Form));
        AddDevices(settings.List("usbport").Select(path => new SxpList("usbport", new SxpList("path", path))));
        AddDevices(settings.List("vtpm").Take(1).Select(VtpmSpecifier.Form));
        foreach (string vfb in settings.List("vfb"))
            AddDevices([new SxpList("vkbd"), VfbSpecifier.Form(vfb, settings.Text("keymap"), environment)]);
    }

    private void AddDevices(IEnumerable<SxpList> devices) => _form.AddRange(devices.Select(device => new SxpList("device", device)));

    private IEnumerable<string> Vifs()
    {
        IReadOnlyList<string> vifs = settings.List("vif");
        long nics = settings.Number("nics") ?? -1;
        if (nics < 0)
            return vifs;
        _warnings.Add("nics is deprecated: write one vif entry for each interface.");
        const int most = 64; // far beyond what a machine has
        return nics <= most ? vifs.Concat(Enumerable.Repeat("", Math.Max(0, (int)nics - vifs.Count))) : throw new ConfigException($"nics is {nics}, but at most {most} interfaces can be had.");
    }

    private static SxpList Irq(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int irq)
        ? new SxpList("irq", new SxpList("irq", irq))
        : throw new ConfigException($"Invalid irq: {text}");

    private void AddSecurity()
    {
        IReadOnlyList<string> labels = settings.List("access_control");
        if (labels.Count == 0)
            return;
        if (labels.Count > 1)
            throw new ConfigException("Multiple access_control definitions.");
        IReadOnlyList<(string Key, string Value)> pairs =
            KeyValueList.Parse(labels[0], ["policy", "label"], part => $"Invalid access_control option: {part}");
        SxpList control = new([new SxpAtom("access_control"), .. pairs.Select(pair => new SxpList(pair.Key, pair.Value))]);
        _form.Add(new SxpList("security", new SxpList(control)));
    }

    private void AddText(string name)
    {
        if (settings.Text(name) is { } value)
            Add(name, value);
    }

    /// <summary>As in Xen, zero leaves the choice to xend.</summary>
    private void AddNumber(string name, long orElse = 0)
    {
        long value = settings.Number(name) ?? orElse;
        if (value != 0)
            Add(name, value);
    }
}
