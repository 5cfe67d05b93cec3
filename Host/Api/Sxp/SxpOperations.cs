using System.Globalization;
using Hospes.Host.Api.Legacy;
using Hospes.Sxp;

namespace Hospes.Host.Api.Sxp;

/// <summary>The words <c>op</c> of each place (fact sheet "xend", section 3.2).</summary>
internal sealed class SxpOperations
{
    private readonly LegacyOperations _legacy;

    public SxpOperations(LegacyOperations legacy, DomainChanges changes)
    {
        _legacy = legacy;
        Domains = new Dictionary<string, SxpOperation>(StringComparer.Ordinal)
        {
            ["create"] = CreateAsync,
            ["new"] = (_, arguments) => Answer(_legacy.New(arguments.Text("config"))),
            ["list"] = (_, _) => Answer(new SxpList([.. _legacy.Forms("running", full: false)])),
            ["restore"] = static (_, _) => throw LegacyOperations.NotThere("restore"),
        };
        Domain = OfOneDomain(changes);
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

    private async Task<SxpNode?> CreateAsync(HttpContext context, SxpArguments arguments)
    {
        SxpList made = await _legacy.CreateAsync(arguments.Text("config"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/xend/domain/{Uri.EscapeDataString(made.ValueText("name")!)}";
        return made;
    }

    private Dictionary<string, SxpOperation> OfOneDomain(DomainChanges changes)
    {
        Dictionary<string, SxpOperation> known = new(StringComparer.Ordinal)
        {
            ["delete"] = (context, _) =>
            {
                _legacy.Delete(context.DomainReference());
                return Answer(null);
            },
            ["start"] = async (context, arguments) =>
            {
                await _legacy.StartAsync(context.DomainReference(), arguments.Flag("paused"), context.RequestAborted);
                return null;
            },
            ["rename"] = async (context, arguments) =>
            {
                await _legacy.RenameAsync(context.DomainReference(), arguments.Text("name"), context.RequestAborted);
                return null;
            },
            ["dump"] = async (context, arguments) => await _legacy.DumpAsync(
                context.DomainReference(), arguments.Optional("file"), arguments.Flag("live"), arguments.Flag("crash"), context.RequestAborted),
            ["vcpuinfo"] = (context, _) => Answer(_legacy.Vcpus(context.DomainReference())),
            ["cpu_sedf_get"] = (context, _) => Answer(Scheduler(context, "sedf")),
            ["domain_sched_credit_get"] = (context, _) => Answer(Scheduler(context, "credit")),
            ["devices"] = (context, arguments) => Answer(new SxpList([.. _legacy.Form(context.DomainReference()).Children("device")
                .Select(static device => device[1]).OfType<SxpList>().Where(device => device.Name == arguments.Text("type"))])),
        };
        foreach (DomainChange change in changes.All.Where(static change => change.Word is not null))
        {
            known[change.Word!] = async (context, arguments) =>
            {
                await changes.RunAsync(change, context.DomainReference(), arguments, context.RequestAborted);
                return null;
            };
        }

        foreach (string word in (string[])["configure", "save", "migrate", "vif_limit_set"])
            known[word] = (_, _) => throw LegacyOperations.NotThere(word);
        return known;
    }

    private SxpList Scheduler(HttpContext context, string name) => new(
        [new SxpAtom(name), .. _legacy.SchedulerOf(context.DomainReference(), name).Select(static parameter => new SxpList(parameter.Key, Convert.ToInt64(parameter.Value, CultureInfo.InvariantCulture)))]);

    private static Task<SxpNode?> Answer(SxpNode? answer) => Task.FromResult(answer);
}
