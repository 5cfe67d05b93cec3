using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Security;

namespace Hospes.Host.Domains.Adoption;

/// <summary>
/// What becomes, at the start of a Host, of what an earlier one has left: domains that run on are taken over, those that were half made or half taken
/// away are taken away, and nothing that belongs to neither stays.
/// </summary>
internal sealed class DomainAdoption(
    HostPaths paths, DomainTable table, DomainRecords records, DomainAdopter adopter, StoreSweep sweep, ApplianceMemory memory, SecurityService security, ILogger<DomainAdoption> log)
{
    // A process that does not answer must not keep the others' commands waiting.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

    /// <summary>Looks and acts. Returns when all that answers is taken over; what does not is waited for by itself.</summary>
    public async Task RunAsync()
    {
        long begun = TimeProvider.System.GetTimestamp();
        (int Number, string Directory)[] left = [.. LeftDomain.Find(paths).OrderBy(static domain => domain.Number)];
        IReadOnlyDictionary<string, int> processes = LeftDomain.FindProcesses([.. left.Select(static domain => domain.Directory)]);
        List<int> strangers = [];
        List<Task> adoptions = [];
        List<Task> removals = [];
        foreach ((int number, string directory) in left)
        {
            table.SkipNumbersUpTo(number);
            int? process = processes.TryGetValue(directory, out int pid) ? pid : null;
            if (Read(number, directory, process) is not { } record)
            {
                if (Directory.Exists(directory))
                    strangers.Add(number);
                continue;
            }

            ManagedDomain domain = new(record);
            table.Restore(domain);
            security.Recall(domain);
            if (domain.Phase is DomainPhase.Creating or DomainPhase.Dying || (process is null && record.Boot != records.Boot))
                removals.Add(adopter.RemoveAsync(domain, record, process));
            else
                adoptions.Add(adopter.AdoptAsync(domain, record, process));
        }

        table.SkipNumbersUpTo(memory.LastNumber);
        await Task.WhenAll(removals);
        sweep.Run(strangers);
        await Task.WhenAny(Task.WhenAll(adoptions), Task.Delay(Patience));
        if (adoptions.Count != 0)
            log.Info($"{adoptions.Count(static adoption => adoption.IsCompleted)} of {adoptions.Count} domains of an earlier xend taken over in {TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds:0} ms");
    }

    /// <summary>The record; null: the domain is no business of this Host, or there is none.</summary>
    private DomainRecord? Read(int number, string directory, int? process)
    {
        string refusal = "it has no record that can be read";
        try
        {
            if (records.Read(directory) is { } record)
                return record;
        }
        catch (XendException newer)
        {
            log.Error($"domain {number} is left alone: {newer.Message}");
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            refusal = failure.Message;
        }

        // A record comes before the process: without both, the creation had hardly begun.
        if (process is null)
            records.Clear(directory, keepRecord: false);
        else
            log.Warning($"domain {number} of an earlier xend runs on as process {process}, without this one: {refusal}. 'kill {process}' or 'xend stop --destroy-domains' ends it");
        return null;
    }
}
