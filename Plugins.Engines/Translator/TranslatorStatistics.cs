using Hospes.Engines.Translator.Native;
using Iced.Intel;

namespace Hospes.Engines.Translator;

/// <summary>
/// A machine's counters under the names that people see. The CPUs' threads count in plain memory and nobody stops them for this, so the numbers may be
/// a little behind, and of slightly different moments.
/// </summary>
internal static unsafe class TranslatorStatistics
{
    private static readonly string[] ExitNames = [.. Enum.GetNames<ExitKind>().Select(static kind => $"exit/{kind.ToLowerInvariant()}")];

    /// <summary>The counters of a machine and of CPUs that nobody disposes of meanwhile.</summary>
    internal static Dictionary<string, long> Of(TranslatorMachine machine, IReadOnlyList<TranslatorCpu> cpus)
    {
        Dictionary<string, long> all = new(StringComparer.Ordinal)
        {
            ["blocks-decoded"] = cpus.Sum(static cpu => (long)cpu.Blocks.Decoded),
            ["blocks-flushes"] = cpus.Sum(static cpu => (long)cpu.Blocks.Flushes),
            ["page-walks"] = cpus.Sum(static cpu => (long)cpu.Memory.Walks),
        };
        if (!machine.Options.CountInstructions)
            all["instructions-interpreted"] = cpus.Sum(static cpu => (long)cpu.InstructionsExecuted);
        if (machine.Code is { } code)
            AddEmitted(all, code, cpus, machine.Options.CountLookUps);
        return all;
    }

    private static void AddEmitted(Dictionary<string, long> all, NativeCode code, IReadOnlyList<TranslatorCpu> cpus, bool countsLookUps)
    {
        all["blocks-compiled"] = code.Compiled;
        all["code-flushes"] = code.Flushes;
        all["code-reserved"] = code.Reserved;
        all["code-used"] = code.Used;
        all["tlb-fills"] = cpus.Sum(static cpu => cpu.Fills);
        foreach (ExitKind kind in Enum.GetValues<ExitKind>())
            all[ExitNames[(int)kind]] = cpus.Sum(cpu => cpu.Exits[(int)kind]);
        if (countsLookUps)
            AddLookUps(all, cpus);
        foreach (TranslatorCpu cpu in cpus)
        {
            foreach ((int form, long count) in cpu.HandlerExits.Index())
            {
                if (count == 0)
                    continue;
                string name = $"handler/{(Code)form}";
                all[name] = all.GetValueOrDefault(name) + count;
            }
        }
    }

    // What was asked, and how much of it was answered. What the first level misses is asked again once it has the page.
    private static void AddLookUps(Dictionary<string, long> all, IReadOnlyList<TranslatorCpu> cpus)
    {
        long recentMissed = Sum(LookUpCounter.RecentMissed), firstMissed = Sum(LookUpCounter.FirstMissed);
        Add("recent-page", Sum(LookUpCounter.Recent), recentMissed);
        Add("tlb", Math.Max(Sum(LookUpCounter.Direct) + recentMissed - firstMissed, 0), firstMissed);
        Add("second-level-tlb", firstMissed, Sum(LookUpCounter.SecondMissed));

        long Sum(LookUpCounter counter) => cpus.Sum(cpu => (long)cpu.C->LookUps[(int)counter]);

        // The counters move meanwhile.
        void Add(string name, long asked, long missed) => (all[$"{name}-lookups"], all[$"{name}-hits"]) = (asked, Math.Max(asked - missed, 0));
    }
}
