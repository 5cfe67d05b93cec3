using System.Globalization;
using Hospes.Host.Api;
using Hospes.Host.Domains.Adoption;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Scheduling;
using Hospes.Host.Startup;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Domains;

/// <summary>
/// What people can ask about domains' shares of the CPUs: parameters, pinning, the scheduler itself. What is set stays with the domain over reboots and
/// changes of schedulers. Wordings of refusals: fact sheet "xm", sections 5 and 6.
/// </summary>
internal sealed class DomainShares(
    DomainTable table, DomainOperations operations, SchedulerService scheduler, AppliancePlugins plugins, DomainRecords records, ApplianceMemory memory, ILogger<DomainShares> log)
{
    private const string NotForDomain0 = "Domain-0 is the host itself: its share of the CPUs is for the host's own kernel to decide";

    /// <summary>The scheduler in charge and a domain's parameters under it.</summary>
    /// <exception cref="XendException">There is no such domain.</exception>
    public Bodies.Scheduler Read(string reference)
    {
        try
        {
            (string name, IReadOnlyDictionary<string, long> values) = scheduler.ReadParameters(table.Find(reference).Id);
            return new Bodies.Scheduler(name, new Dictionary<string, long>(values, StringComparer.Ordinal));
        }
        catch (XendException) when (DomainTable.IsDomain0(reference))
        {
            return new Bodies.Scheduler(
                scheduler.SchedulerName, scheduler.Parameters.ToDictionary(static parameter => parameter.Name, static parameter => parameter.Default, StringComparer.Ordinal));
        }
        catch (KeyNotFoundException)
        {
            throw XendException.Generic($"Domain '{reference}' is not started");
        }
    }

    /// <summary>Sets parameters of a domain.</summary>
    /// <exception cref="XendException">Another scheduler is in charge, or a value is refused.</exception>
    public Task WriteAsync(string reference, Bodies.Scheduler body, CancellationToken cancellation) =>
        operations.OnLiveAsync(reference, NotForDomain0, domain =>
        {
            if (!string.Equals(body.Name, scheduler.SchedulerName, StringComparison.Ordinal))
                throw XendException.Generic($"Xen is running with the {scheduler.SchedulerName} scheduler");
            try
            {
                DomainTuning tuning = scheduler.WriteParameters(domain.Id, body.Parameters ?? []);
                domain.Configuration = domain.Configuration with { Tuning = tuning };
                records.Note(domain);
            }
            catch (SchedulerParameterException refused)
            {
                throw XendException.Generic(refused.Message, refused);
            }

            log.Info($"domain {domain}: {body.Name} {string.Join(' ', (body.Parameters ?? []).Select(static set => $"{set.Key}={set.Value}"))}");
            return Task.CompletedTask;
        }, cancellation);

    /// <summary>Keeps one vCPU, or all, to some pCPUs.</summary>
    /// <exception cref="XendException">There is no such vCPU or pCPU, or the scheduler does not pin.</exception>
    public Task PinAsync(string reference, string vcpu, string cpus, CancellationToken cancellation) =>
        operations.OnLiveAsync(reference, NotForDomain0, domain =>
        {
            int count = domain.Configuration.Vcpus;
            bool all = string.Equals(vcpu, "all", StringComparison.Ordinal);
            int number = -1;
            if (!all && (!int.TryParse(vcpu, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number >= count))
                throw CannotPin($"domain '{domain.Name}' has VCPUs 0 to {count - 1}");
            try
            {
                PcpuSet allowed = PcpuList.Parse(cpus, scheduler.Pcpus);
                foreach (int each in all ? Enumerable.Range(0, count) : [number])
                    domain.Configuration = domain.Configuration with { Tuning = scheduler.SetAffinity(domain.Id, new VcpuId(each), allowed) };
                records.Note(domain);
            }
            catch (Exception refused) when (refused is FormatException or SchedulerParameterException)
            {
                throw CannotPin(refused.Message);
            }

            return Task.CompletedTask;

            XendException CannotPin(string reason) => XendException.Generic($"Cannot pin vcpu: {vcpu} to cpu: [{cpus}] - {reason}");
        }, cancellation);

    /// <summary>The scheduler in charge, and the names of those that there are.</summary>
    public Bodies.Schedulers Schedulers() => new(scheduler.SchedulerName, [.. plugins.SchedulerNames]);

    /// <summary>Puts another scheduler in charge of the guests that run.</summary>
    /// <exception cref="XendException">There is none of that name, or it failed at once.</exception>
    public void Choose(string name)
    {
        IScheduler chosen = plugins.CreateScheduler(name);
        log.Info($"scheduler {scheduler.SchedulerName} is replaced by {name}");
        bool isInCharge = scheduler.Replace(chosen, name);
        memory.Scheduler = scheduler.SchedulerName;
        if (!isInCharge)
            throw XendException.Generic($"The scheduler '{name}' failed as it began; a plain round robin is in charge. xend.log has the cause.");
    }
}
