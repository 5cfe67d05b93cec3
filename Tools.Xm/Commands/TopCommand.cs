using System.Globalization;
using Hospes.Xm.Cli;
using Hospes.Xm.Terminal;
using Hospes.Xm.Top;

namespace Hospes.Xm.Commands;

/// <summary><c>xm top</c>: xentop, in a terminal or in batch (fact sheet "xm", section 8).</summary>
internal sealed class TopCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "top",
        Group = CommandGroup.Domain,
        Arguments = "[-b] [-d SECONDS] [-i N] [-n] [-r] [-v] [-x]",
        Summary = "Watch what the domains use.",
        IsCommon = true,
        Options =
        [
            new('d', "delay", "Seconds between updates; 3 if not given", "SECONDS"),
            new('n', "networks", "Show network interfaces"),
            new('x', "vbds", "Show disks"),
            new('v', "vcpus", "Show VCPUs"),
            new('r', "repeat-header", "Repeat the header before each domain"),
            new('b', "batch", "Write lines instead of drawing a screen"),
            new('i', "iterations", "End after this many updates", "N"),
            new('V', "version", "Show the version"),
        ],
        MaximumArguments = 0,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Has("version"))
        {
            session.Out.Write("xentop 1.0\n");
            return 0;
        }

        TopOptions options = new()
        {
            Delay = TimeSpan.FromSeconds(Seconds(line.ValueOf("delay"))),
            ShowsNetworks = line.Has("networks"),
            ShowsDisks = line.Has("vbds"),
            ShowsVcpus = line.Has("vcpus"),
            RepeatsHeader = line.Has("repeat-header"),
        };
        int iterations = Iterations(line.ValueOf("iterations"));
        if (line.Has("batch"))
            WriteBatches(session, options, iterations);
        else if (Libc.IsTerminal(session.Environment.OutputFd) != 0 && Libc.IsTerminal(session.Environment.InputFd) != 0)
            new TopScreen(session, options).Run(iterations);
        else
            throw new CommandFailedException("xm top draws on a terminal, and this is none. 'xm top --batch' writes lines.");
        return 0;
    }

    private static void WriteBatches(XmSession session, TopOptions options, int iterations)
    {
        TopSample? sample = null;
        for (int shown = 0; iterations == 0 || shown < iterations; shown++)
        {
            if (shown > 0)
                session.Environment.Wait(options.Delay);
            sample = TopSample.Take(session, sample, options.ShowsVcpus);
            foreach (string row in TopTable.Lines(sample, options))
                session.Out.Write(row + "\n");
            session.Out.Flush();
        }
    }

    private static double Seconds(string? text)
    {
        if (text is null)
            return new TopOptions().Delay.TotalSeconds;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 100_000
            ? seconds
            : throw new UsageException("Invalid argument.");
    }

    private static int Iterations(string? text)
    {
        if (text is null)
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : throw new UsageException("Invalid argument.");
    }
}
