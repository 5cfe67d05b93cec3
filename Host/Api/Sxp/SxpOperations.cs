using System.Globalization;
using Hospes.Host.Domains;
using Hospes.Host.Managed;
using Hospes.Sxp;

namespace Hospes.Host.Api.Sxp;

/// <summary>The words <c>op</c> of each place (fact sheet "xend", section 3.2).</summary>
internal sealed class SxpOperations
{
    private readonly LegacyOperations _legacy;
    private readonly DomainOperations _domains;
    private readonly ManagedOperations _managed;
    private readonly DomainShares _shares;
    private readonly DomainListing _listing;

    public SxpOperations(LegacyOperations legacy, DomainOperations domains, ManagedOperations managed, DomainShares shares, DomainListing listing)
    {
        (_legacy, _domains, _managed, _shares, _listing) = (legacy, domains, managed, shares, listing);
        Domains = new Dictionary<string, SxpOperation>(StringComparer.Ordinal)
        {
            ["create"] = CreateAsync,
            ["new"] = (_, arguments) => Answer(_legacy.Form(_managed.New(arguments.Text("config")).Uuid.ToString())),
            ["list"] = (_, _) => Answer(new SxpList([.. _legacy.Forms("running", full: false)])),
            ["restore"] = static (_, _) => throw LegacyOperations.NotThere("restore"),
        };
        Domain = DomainOperations();
    }

    /// <summary>Of the node. Shutting the machine down is left to the machine.</summary>
    public IReadOnlyDictionary<string, SxpOperation> Node { get; } = new Dictionary<string, SxpOperation>(StringComparer.Ordinal)
    {
        ["shutdown"] = static (_, _) => throw LegacyOperations.NotThere("shutdown of the node"),
        ["reboot"] = static (_, _) => throw LegacyOperations.NotThere("reboot of the node"),
    };

    /// <summary>Of the hypervisor's messages.</summary>
    public IReadOnlyDictionary<string, SxpOperation> Messages => new Dictionary<string, SxpOperation>(StringComparer.Ordinal)
    {
        ["clear"] = (_, _) =>
        {
            _legacy.ClearMessages();
            return Answer(null);
        },
    };

    /// <summary>Of all domains.</summary>
    public IReadOnlyDictionary<string, SxpOperation> Domains { get; }

    /// <summary>Of one domain.</summary>
    public IReadOnlyDictionary<string, SxpOperation> Domain { get; }

    /// <summary>A domain's vCPUs as a form.</summary>
    public static SxpList Vcpus(DomainListing listing, string reference)
    {
        DomainInfo domain = listing.Find(reference);
        return new SxpList(
        [
            "domain",
            new SxpList("domid", domain.Domid ?? -1),
            new SxpList("name", domain.Name),
            new SxpList("vcpu_count", domain.OnlineVcpus),
            .. listing.Vcpus(reference).Select(static vcpu => new SxpList(
                "vcpu",
                new SxpList("number", vcpu.Number),
                new SxpList("online", vcpu.Online ? 1 : 0),
                new SxpList("blocked", vcpu.Blocked ? 1 : 0),
                new SxpList("running", vcpu.Running ? 1 : 0),
                new SxpList("cpu_time", vcpu.CpuTime.ToString("F6", CultureInfo.InvariantCulture)),
                new SxpList("cpu", vcpu.Pcpu ?? -1),
                new SxpList("cpumap", new SxpList([.. vcpu.Affinity.Select(static pcpu => (SxpNode)pcpu)])))),
        ]);
    }

    private async Task<SxpNode?> CreateAsync(HttpContext context, SxpArguments arguments)
    {
        ManagedDomain domain = await _domains.CreateAsync(arguments.Text("config"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/xend/domain/{Uri.EscapeDataString(domain.Name)}";
        return _legacy.Form(domain.Uuid.ToString());
    }

    private Dictionary<string, SxpOperation> DomainOperations()
    {
        Dictionary<string, SxpOperation> known = new(StringComparer.Ordinal)
        {
            ["delete"] = (context, _) =>
            {
                _managed.Delete(context.DomainReference());
                return Answer(null);
            },
            ["start"] = async (context, arguments) =>
            {
                ManagedDomain started = await _managed.StartAsync(context.DomainReference(), context.RequestAborted);
                if (!arguments.Flag("paused"))
                    await _domains.UnpauseAsync(started.Uuid.ToString(), context.RequestAborted);
                return null;
            },
            ["dump"] = async (context, arguments) => await _legacy.DumpAsync(
                context.DomainReference(), arguments.Optional("file"), arguments.Flag("live"), arguments.Flag("crash"), context.RequestAborted),
            ["vcpuinfo"] = (context, _) => Answer(Vcpus(_listing, context.DomainReference())),
            ["cpu_sedf_get"] = (context, _) => Answer(Scheduler(context, "sedf")),
            ["domain_sched_credit_get"] = (context, _) => Answer(Scheduler(context, "credit")),
            ["devices"] = (context, arguments) => Answer(new SxpList([.. _legacy.Form(context.DomainReference()).Children("device")
                .Select(static device => device[1]).OfType<SxpList>().Where(device => device.Name == arguments.Text("type"))])),
        };
        Change("pause", (reference, _, cancellation) => _domains.PauseAsync(reference, cancellation));
        Change("unpause", (reference, _, cancellation) => _domains.UnpauseAsync(reference, cancellation));
        Change("destroy", (reference, _, _) => _domains.DestroyAsync(reference, CancellationToken.None));
        Change("shutdown", (reference, arguments, cancellation) => _domains.ShutdownAsync(reference, arguments.Optional("reason") ?? "poweroff", cancellation));
        Change("rename", (reference, arguments, cancellation) => _domains.RenameAsync(reference, arguments.Text("name"), cancellation));
        Change("sysrq", (reference, arguments, cancellation) => _domains.SysrqAsync(reference, arguments.Text("key"), cancellation));
        Change("wait_for_devices", (reference, _, cancellation) => _domains.WaitForDevicesAsync(reference, cancellation));
        Change("set_vcpus", (reference, arguments, cancellation) => _domains.SetVcpuCountAsync(reference, (int)Math.Clamp(arguments.Number("vcpus"), -1, int.MaxValue), cancellation));
        Change("mem_target_set", (reference, arguments, cancellation) => _domains.SetMemoryTargetAsync(reference, arguments.Number("target"), cancellation));
        Change("maxmem_set", (reference, arguments, cancellation) => _domains.SetMemoryMaximumAsync(reference, arguments.Number("memory"), cancellation));
        Change("pincpu", (reference, arguments, cancellation) => _shares.PinAsync(reference, arguments.Text("vcpu"), arguments.Text("cpumap"), cancellation));
        Change("cpu_sedf_set", (reference, arguments, cancellation) => WriteScheduler(reference, arguments, "sedf", ["period", "slice", "latency", "extratime", "weight"], cancellation));
        Change("domain_sched_credit_set", (reference, arguments, cancellation) => WriteScheduler(reference, arguments, "credit", ["weight", "cap"], cancellation));
        Change("device_create", (reference, arguments, cancellation) => _domains.AttachDeviceAsync(reference, arguments.Text("config"), cancellation));
        Change("device_configure", (reference, arguments, cancellation) => _domains.ConfigureDeviceAsync(reference, arguments.Text("config"), cancellation));
        Change("device_destroy", (reference, arguments, cancellation) =>
            _domains.DetachDeviceAsync(reference, arguments.Text("type"), arguments.Text("dev"), arguments.Flag("force"), cancellation));
        foreach (string word in (string[])["configure", "save", "migrate", "vif_limit_set"])
            known[word] = (_, _) => throw LegacyOperations.NotThere(word);
        return known;

        void Change(string word, Func<string, SxpArguments, CancellationToken, Task> work) => known[word] = async (context, arguments) =>
        {
            string reference = context.DomainReference();
            await _managed.ChangeAsync(reference, () => work(reference, arguments, context.RequestAborted));
            return null;
        };
    }

    private Task WriteScheduler(string reference, SxpArguments arguments, string scheduler, string[] names, CancellationToken cancellation) => _shares.WriteAsync(
        reference,
        new Bodies.Scheduler(scheduler, names.Where(name => arguments.Optional(name) is { Length: > 0 }).ToDictionary(static name => name, arguments.Number, StringComparer.Ordinal)),
        cancellation);

    private SxpList Scheduler(HttpContext context, string name) => new(
        [new SxpAtom(name), .. _legacy.SchedulerOf(context.DomainReference(), name).Select(static parameter => new SxpList(parameter.Key, Convert.ToInt64(parameter.Value, CultureInfo.InvariantCulture)))]);

    private static Task<SxpNode?> Answer(SxpNode? answer) => Task.FromResult(answer);
}
