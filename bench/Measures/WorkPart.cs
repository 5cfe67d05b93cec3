namespace Hospes.Bench.Measures;

/// <summary>A part of the guest's work (a function of <c>scripts/guest/work</c>).</summary>
/// <param name="Name">As the script has it.</param>
/// <param name="Asked">How many times faster than the peer it is meant to be.</param>
/// <param name="IsRate">Whether the guest says how much it did in a second; otherwise the time that it took counts.</param>
internal sealed record WorkPart(string Name, double Asked, bool IsRate = false)
{
    public static readonly IReadOnlyList<WorkPart> All =
    [
        new("shell", 2.5), new("gzip", 2.5), new("sha256", 2.5), new("sort", 2.5), new("awk", 2.5), new("perl", 2.5),
        new("openssl_sha256", 5, IsRate: true), new("openssl_aes", 5, IsRate: true), new("openssl_rsa", 5, IsRate: true), new("fft", 5), new("x87", 5),
        new("matrix", 5),
        new("memcpy", 5), new("memset", 5), new("dd_zero", 5),
        new("fork_exec", 1.5), new("pipe", 1.5), new("getppid", 1.5), new("faults", 1.5), new("signals", 1.5),
    ];
}
