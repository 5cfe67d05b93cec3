namespace Hospes.Host.Api;

/// <summary>Every route of the JSON API with its description, by method and pattern. A test holds that the two are the same.</summary>
internal static class ApiOperations
{
    private const string Sxp = "application/sxp";
    private const string Plain = "text/plain";

    public static readonly IReadOnlyDictionary<string, ApiOperation> All = new Dictionary<string, ApiOperation>(StringComparer.Ordinal)
    {
        ["GET /v1/openapi.json"] = new("This description.") { AnswerMedia = "application/json" },
        ["GET /v1/status"] = new("How the daemon is: its process, time up, engine, scheduler, memory, domains and plugins.", Answer: ApiJson.Default.Status),
        ["GET /v1/plugins"] = new("Every plugin with what it exports, and why what was refused was.") { AnswerMedia = "application/json" },
        ["GET /v1/events"] = new("A line of JSON for whatever happens to domains, until the client goes.", Answer: ApiJson.Default.DomainEvent) { AnswerMedia = "application/x-ndjson" },
        ["POST /v1/stop"] = new("Stop the daemon; domains run on unless they are to be destroyed.", ApiJson.Default.Stop),
        ["GET /v1/host"] = new("Facts about the host, as xm info shows them.", Answer: ApiJson.Default.DictionaryStringString),
        ["GET /v1/host/configuration"] = new("The parameters of xend-config.sxp that the daemon works with; passwords are masked.", Answer: ApiJson.Default.DictionaryStringString),
        ["GET /v1/host/memory"] = new("Who holds the host's memory.", Answer: ApiJson.Default.MemoryInfo),
        ["GET /v1/host/dmesg"] = new("The hypervisor's messages.") { AnswerMedia = Plain },
        ["POST /v1/host/dmesg/clear"] = new("Forget the hypervisor's messages."),
        ["POST /v1/host/debug-keys"] = new("Have the hypervisor print what its debug keys stand for.", ApiJson.Default.DebugKeys),
        ["GET /v1/host/log"] = new("The daemon's log.") { AnswerMedia = Plain },
        ["GET /v1/host/scheduler"] = new("The scheduler in charge, and those that there are.", Answer: ApiJson.Default.Schedulers),
        ["POST /v1/host/scheduler"] = new("Put another scheduler in charge.", ApiJson.Default.Scheduler),
        ["GET /v1/security"] = new("The security policy in force, with counters of decisions and denials.", Answer: ApiJson.Default.State),
        ["GET /v1/security/labels"] = new("Names of a policy's labels.", Answer: ApiJson.Default.IReadOnlyListString)
        {
            Query = [("policy", "the policy; the one in force if none is given"), ("type", "dom, res or any; dom if none is given")],
        },
        ["GET /v1/security/dump"] = new("The policy in force, as xm dumppolicy shows it.") { AnswerMedia = Plain },
        ["GET /v1/security/source"] = new("The source of a policy in XML.") { AnswerMedia = Plain, Query = [("policy", "the policy; the one in force if none is given")] },
        ["GET /v1/security/resources"] = new("Labelled resources.", Answer: ApiJson.Default.IReadOnlyListLabelled),
        ["GET /v1/security/resource"] = new("A resource's label.", Answer: ApiJson.Default.Labelled) { Query = [("name", "the resource, such as file:/images/a")] },
        ["POST /v1/security/make"] = new("Compile a policy.", ApiJson.Default.Policy),
        ["POST /v1/security/load"] = new("Put a compiled policy in force, if all that runs conforms to it.", ApiJson.Default.Policy),
        ["POST /v1/security/reset"] = new("Put no policy in force; only while no domain runs."),
        ["POST /v1/security/boot"] = new("Have the next boot load a policy, or none.", ApiJson.Default.Boot, ApiJson.Default.Entry),
        ["POST /v1/security/install"] = new("Install a policy and compile it; put it in force and have the next boot load it, if wanted.", ApiJson.Default.Install),
        ["POST /v1/security/activate"] = new("Put the installed policy in force or none, and have the next boot load it or none.", ApiJson.Default.Activate),
        ["POST /v1/security/workloads"] = new("Translate a definition of workloads into a policy, and save it if wanted.", ApiJson.Default.Workloads, ApiJson.Default.Translated),
        ["POST /v1/security/resource-label"] = new("Give a resource a label.", ApiJson.Default.Label, ApiJson.Default.Made),
        ["POST /v1/security/resource-unlabel"] = new("Take a resource's label away.", ApiJson.Default.Resource),
        ["POST /v1/security/check"] = new("Say of a form (vm ...) what the policy allows.", Answer: ApiJson.Default.CheckedDomain) { BodyMedia = Sxp },
        ["GET /v1/managed-domains"] = new("Managed domains, running or not.", Answer: ApiJson.Default.IReadOnlyListDomainInfo),
        ["POST /v1/managed-domains"] = new("Make a managed domain known, from a form (vm ...).", Answer: ApiJson.Default.DomainInfo) { BodyMedia = Sxp },
        ["GET /v1/domains"] = new("Domains that run, dom0 first; or those in a state.", Answer: ApiJson.Default.IReadOnlyListDomainInfo)
        {
            Query = [("state", "all, running, paused, halted or suspended")],
        },
        ["POST /v1/domains"] = new("Create a domain, paused, from a form (vm ...).", Answer: ApiJson.Default.DomainInfo) { BodyMedia = Sxp },
        ["GET /v1/domains/sxp"] = new("All domains as forms.") { AnswerMedia = Sxp },
        ["GET /v1/domains/{ref}"] = new("A domain.", Answer: ApiJson.Default.DomainInfo),
        ["GET /v1/domains/{ref}/sxp"] = new("A domain as a form.") { AnswerMedia = Sxp },
        ["GET /v1/domains/{ref}/vcpus"] = new("Its vCPUs.", Answer: ApiJson.Default.IReadOnlyListVcpuInfo),
        ["GET /v1/domains/{ref}/engine"] = new("What the engine that runs it has counted.", Answer: ApiJson.Default.EngineCounters),
        ["GET /v1/domains/{ref}/console"] = new("Where its console is.", Answer: ApiJson.Default.Console),
        ["GET /v1/domains/{ref}/scheduler"] = new("Its share of the CPUs.", Answer: ApiJson.Default.Scheduler),
        ["POST /v1/domains/{ref}/scheduler"] = new("Set its share of the CPUs.", ApiJson.Default.Scheduler),
        ["POST /v1/domains/{ref}/vcpu-pin"] = new("Keep a vCPU, or all, to some CPUs.", ApiJson.Default.Pin),
        ["GET /v1/domains/{ref}/devices/{class}"] = new("Its devices of a class.", Answer: ApiJson.Default.IReadOnlyListDeviceInfo),
        ["POST /v1/domains/{ref}/device-attach"] = new("Give it a device, from a form (vbd ...).", Answer: ApiJson.Default.DeviceInfo) { BodyMedia = Sxp },
        ["POST /v1/domains/{ref}/device-configure"] = new("Change a device, from a form.") { BodyMedia = Sxp },
        ["POST /v1/domains/{ref}/device-detach"] = new("Take a device away.", ApiJson.Default.DeviceDetach),
        ["POST /v1/domains/{ref}/start"] = new("Start a managed domain, paused.", Answer: ApiJson.Default.DomainInfo),
        ["POST /v1/domains/{ref}/security-label"] = new("Give a managed domain that does not run, or its network interface of a number, a label, or none.", ApiJson.Default.DomainLabel),
        ["POST /v1/domains/{ref}/delete"] = new("Forget a managed domain."),
        ["POST /v1/domains/{ref}/unpause"] = new("Let it run."),
        ["POST /v1/domains/{ref}/pause"] = new("Keep it from running."),
        ["POST /v1/domains/{ref}/destroy"] = new("End it at once."),
        ["POST /v1/domains/{ref}/wait-for-devices"] = new("Answer once its devices are there."),
        ["POST /v1/domains/{ref}/shutdown"] = new("Ask it to shut down.", ApiJson.Default.Shutdown),
        ["POST /v1/domains/{ref}/rename"] = new("Give it another name.", ApiJson.Default.Rename),
        ["POST /v1/domains/{ref}/sysrq"] = new("Send its kernel a magic letter.", ApiJson.Default.Sysrq),
        ["POST /v1/domains/{ref}/trigger"] = new("Send a vCPU a non-maskable interrupt.", ApiJson.Default.Trigger),
        ["POST /v1/domains/{ref}/dump"] = new("Write its memory and vCPUs to a core file.", ApiJson.Default.Dump, ApiJson.Default.File),
        ["POST /v1/domains/{ref}/vcpu-count"] = new("Have it use so many vCPUs.", ApiJson.Default.VcpuCount),
        ["POST /v1/domains/{ref}/memory-target"] = new("Have it use so much memory.", ApiJson.Default.Memory),
        ["POST /v1/domains/{ref}/memory-maximum"] = new("Let it have so much memory at most.", ApiJson.Default.Memory),
    };
}
