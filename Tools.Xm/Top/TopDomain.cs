using Hospes.Xm.Api;

namespace Hospes.Xm.Top;

/// <summary>One domain at one moment.</summary>
/// <param name="Info">What xend says of it.</param>
/// <param name="CpuPercent">CPU time since the moment before, in percent of one CPU.</param>
/// <param name="TotalMiB">The host's memory.</param>
/// <param name="Vcpus">Its vCPUs, if asked for.</param>
internal sealed record TopDomain(DomainInfo Info, double CpuPercent, long TotalMiB, IReadOnlyList<VcpuInfo> Vcpus)
{
    private const string Letters = "dsbcpr";
    private const string Positions = "rbpscd";

    /// <summary>The letters of <c>xm list</c> in xentop's own order (fact sheet "xm", section 8).</summary>
    public string State => string.Concat(Letters.Select(letter => StateAt(letter) == letter ? letter : '-'));

    private char StateAt(char letter)
    {
        int position = Positions.IndexOf(letter, StringComparison.Ordinal);
        return position < Info.State.Length ? Info.State[position] : '-';
    }
}
