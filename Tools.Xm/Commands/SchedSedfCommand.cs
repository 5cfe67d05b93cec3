using System.Globalization;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm sched-sedf</c>, with switches in milliseconds and in the manual page's older form in nanoseconds (fact sheet "xm", section 6.2).</summary>
internal sealed class SchedSedfCommand : XmCommand
{
    private const string Scheduler = "sedf";
    private const double NanosecondsPerMillisecond = 1e6;

    // The older form's order.
    private static readonly string[] Parameters = ["period", "slice", "latency", "extratime", "weight"];

    public override CommandDescription Description { get; } = new()
    {
        Name = "sched-sedf",
        Group = CommandGroup.Scheduler,
        Arguments = "[<Domain> [-p MS] [-s MS] [-l MS] [-e 0|1] [-w FLOAT]]",
        Summary = "Get or set the parameters of the sedf scheduler.",
        Options =
        [
            new('p', "period", "Period within which the slice is due, in ms", "MS"),
            new('s', "slice", "CPU time in each period, in ms", "MS"),
            new('l', "latency", "Scaled period, in ms", "MS"),
            new('e', "extratime", "Whether the domain may have more than its slice: 0 or 1", "FLAG"),
            new('w', "weight", "Share of the CPU, instead of period and slice", "FLOAT"),
            new('\0', "json", "Output as JSON; times in nanoseconds"),
        ],
        MaximumArguments = 6,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        Dictionary<string, long> changes = line.Arguments.Count > 1 ? Positional(line) : Switches(line);
        if (changes.Count > 0 && line.Arguments.Count == 0)
            throw new UsageException("No domain given.");
        SchedulerTable.Require(session, Scheduler);
        if (changes.Count > 0)
        {
            Change(session, line.Arguments[0], changes);
            return 0;
        }

        if (line.Has("json"))
        {
            SchedulerTable.WriteJson(session, line.Arguments);
            return 0;
        }

        session.Out.Write($"{"Name",-33} {"ID",4} {"Period(ms)",-4} {"Slice(ms)",-4} {"Lat(ms)",-7} {"Extra",-5} {"Weight",-6}\n");
        foreach (var (info, values) in SchedulerTable.Read(session, line.Arguments))
        {
            session.Out.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{info.Name,-32} {info.Domid,5} {Ms(values["period"]),9:F1} {Ms(values["slice"]),9:F1} {Ms(values["latency"]),7:F1} {values["extratime"],6} {values["weight"],6}\n"));
        }

        return 0;
    }

    private static void Change(XmSession session, string domain, Dictionary<string, long> changes)
    {
        Dictionary<string, long> values = new(session.Xend.SchedulerParameters(domain));
        foreach ((string name, long value) in changes)
            values[name] = value;
        try
        {
            session.Xend.SetSchedulerParameters(domain, Scheduler, values);
        }
        catch (XendFaultException refused) when (!refused.IsUnknownDomain)
        {
            // As Xen numbers it: -EINVAL.
            throw new CommandFailedException($"Failed to set sedf parameters (rv=-22). {refused.Message}", refused);
        }
    }

    private static Dictionary<string, long> Switches(CommandLine line)
    {
        Dictionary<string, long> changes = [];
        foreach (string name in Parameters)
        {
            if (line.ValueOf(name) is not { } text)
                continue;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number))
                throw new UsageException("Invalid argument.");
            bool isTime = name is "period" or "slice" or "latency";
            double value = Math.Round(isTime ? number * NanosecondsPerMillisecond : number);
            if (Math.Abs(value) > long.MaxValue / 2)
                throw new UsageException("Invalid argument.");
            changes[name] = (long)value;
        }

        // Either by period and slice, or by weight: what is given ends the other.
        if (changes.ContainsKey("weight"))
        {
            changes.TryAdd("period", 0);
            changes.TryAdd("slice", 0);
        }
        else if (changes.ContainsKey("period") || changes.ContainsKey("slice"))
        {
            changes["weight"] = 0;
        }

        return changes;
    }

    private static Dictionary<string, long> Positional(CommandLine line)
    {
        if (line.Arguments.Count != Parameters.Length + 1 || Parameters.Any(line.Has))
            throw new UsageException("Either switches, or all of <period> <slice> <latency> <extratime> <weight> in nanoseconds.");
        Dictionary<string, long> changes = [];
        for (int index = 0; index < Parameters.Length; index++)
        {
            changes[Parameters[index]] = long.TryParse(line.Arguments[index + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                ? value
                : throw new UsageException("Invalid argument.");
        }

        return changes;
    }

    private static double Ms(long nanoseconds) => nanoseconds / NanosecondsPerMillisecond;
}
