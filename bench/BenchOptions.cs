using System.Globalization;

namespace Hospes.Bench;

/// <summary>What to measure, how often, and where the parts are.</summary>
internal sealed record BenchOptions
{
    public required string Measure { get; init; }

    /// <summary>How many times each side runs; medians are reported.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>The guest's memory, the same on both sides.</summary>
    public int MemoryMiB { get; init; } = 256;

    public required string Kernel { get; init; }

    public required string Initrd { get; init; }

    /// <summary>The parts of the work to measure; none means all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public required string HostProgram { get; init; }

    public required string XmProgram { get; init; }

    /// <exception cref="BenchException">An option is unknown or has no usable value, or a part is missing.</exception>
    public static BenchOptions Parse(ReadOnlySpan<string> words)
    {
        if (words.IsEmpty)
            throw new BenchException("no measure was named; known ones: acm, boot, control, cpu, sched, net, disk");
        BenchOptions options = new()
        {
            Measure = words[0],
            Kernel = Part("HOSPES_BENCH_KERNEL"),
            Initrd = Part("HOSPES_BENCH_INITRD"),
            HostProgram = Part("HOSPES_BENCH_HOST"),
            XmProgram = Part("HOSPES_BENCH_XM"),
        };
        for (int index = 1; index < words.Length; index += 2)
        {
            string? value = index + 1 < words.Length ? words[index + 1] : null;
            options = words[index] switch
            {
                "--runs" => options with { Runs = Positive(words[index], value) },
                "--memory" => options with { MemoryMiB = Positive(words[index], value) },
                "--only" => options with { Only = value?.Split(',') ?? throw new BenchException("--only takes names with commas between them") },
                _ => throw new BenchException($"option {words[index]} is not known; there are --runs N, --memory MIB and --only NAME,..."),
            };
        }

        return options;
    }

    private static int Positive(string option, string? value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new BenchException($"{option} takes a positive number, not '{value}'");

    private static string Part(string variable) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => throw new BenchException($"{variable} is not set; run './hospes bench', which sets it"),
        string path when !File.Exists(path) => throw new BenchException($"{path} ({variable}) does not exist; run './hospes bench', which makes it"),
        string path => path,
    };
}
