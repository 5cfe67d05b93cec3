using System.Globalization;

namespace Hospes.Xm.Top;

/// <summary>A column of <c>xm top</c>: header, width, text, and what it is sorted by (fact sheet "xm", section 8).</summary>
/// <param name="Header">Its name.</param>
/// <param name="Width">Its width; all are justified to the right.</param>
/// <param name="Text">A domain's text in it.</param>
/// <param name="Rank">Domains with more of this go first; null: by the text.</param>
internal sealed record TopColumn(string Header, int Width, Func<TopDomain, string> Text, Func<TopDomain, double>? Rank)
{
    private const int KiB = 1024;

    public static IReadOnlyList<TopColumn> All { get; } =
    [
        new("NAME", 10, domain => domain.Info.Name, null),
        new("STATE", 6, domain => domain.State, null),
        Number("CPU(sec)", 10, domain => Math.Floor(domain.Info.CpuTime)),
        Fraction("CPU(%)", 6, domain => domain.CpuPercent),
        Number("MEM(k)", 10, domain => domain.Info.MemoryMiB * KiB),
        Fraction("MEM(%)", 6, domain => Percent(domain.Info.MemoryMiB, domain.TotalMiB)),
        new("MAXMEM(k)", 10, domain => domain.Info.Domid == 0 ? "no limit" : Whole(domain.Info.MaximumMemoryMiB * KiB), domain => domain.Info.MaximumMemoryMiB),
        new("MAXMEM(%)", 9, domain => domain.Info.Domid == 0 ? "n/a" : Tenths(Percent(domain.Info.MaximumMemoryMiB, domain.TotalMiB)), domain => domain.Info.MaximumMemoryMiB),
        Number("VCPUS", 5, domain => domain.Info.Vcpus),
        Number("NETS", 4, domain => domain.Info.Nets),
        Number("NETTX(k)", 8, domain => domain.Info.NetSentBytes / KiB),
        Number("NETRX(k)", 8, domain => domain.Info.NetReceivedBytes / KiB),
        Number("VBDS", 4, domain => domain.Info.Vbds),
        Number("VBD_OO", 8, domain => domain.Info.VbdOutOfRequests),
        Number("VBD_RD", 8, domain => domain.Info.VbdReads),
        Number("VBD_WR", 8, domain => domain.Info.VbdWrites),
        Number("SSID", 4, _ => 0),
    ];

    private static TopColumn Number(string header, int width, Func<TopDomain, double> value) => new(header, width, domain => Whole(value(domain)), value);

    private static TopColumn Fraction(string header, int width, Func<TopDomain, double> value) => new(header, width, domain => Tenths(value(domain)), value);

    private static double Percent(double part, double whole) => whole > 0 ? part * 100 / whole : 0;

    private static string Whole(double value) => value.ToString("F0", CultureInfo.InvariantCulture);

    private static string Tenths(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
