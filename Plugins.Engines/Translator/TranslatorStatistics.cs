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
            AddEmitted(all, code, cpus);
        return all;
    }

    private static void AddEmitted(Dictionary<string, long> all, NativeCode code, IReadOnlyList<TranslatorCpu> cpus)
    {
        all["blocks-compiled"] = code.Compiled;
        all["code-flushes"] = code.Flushes;
        all["code-reserved"] = code.Reserved;
        all["code-used"] = code.Used;
        all["tlb-fills"] = cpus.Sum(static cpu => cpu.Fills);
        foreach (ExitKind kind in Enum.GetValues<ExitKind>())
            all[ExitNames[(int)kind]] = cpus.Sum(cpu => cpu.Exits[(int)kind]);
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
}
