using System.Diagnostics;
using System.Text;

namespace Hospes.Bench.Guests;

/// <summary>The peer: QEMU with its own translator (TCG), the same kernel, initrd and memory, its console on a serial line.</summary>
internal sealed class PeerGuest : IGuestRun
{
    private const string Program = "qemu-system-x86_64";

    private readonly Stopwatch _clock;
    private readonly Process _process;
    private readonly StringBuilder _console = new();

    private PeerGuest(Stopwatch clock, Process process) => (_clock, _process) = (clock, process);

    public string Console => _console.ToString();

    public int ProcessId => _process.Id;

    /// <summary>Boots it, anywhere or on one CPU of the host only.</summary>
    public static PeerGuest Start(BenchOptions options, string commandLine, int? hostCpu = null, params string[] devices)
    {
        string[] pinned = hostCpu is { } cpu ? ["-c", $"{cpu}", Program] : [];
        ProcessStartInfo command = Tool.Command(
            hostCpu is null ? Program : "taskset", [.. pinned, "-accel", "tcg,thread=multi", "-m", $"{options.MemoryMiB}", "-kernel", options.Kernel, "-initrd", options.Initrd,
            "-append", $"console=ttyS0 {commandLine}".TrimEnd(), "-nographic", "-no-reboot", .. devices]);
        Stopwatch clock = Stopwatch.StartNew();
        return new PeerGuest(clock, Tool.Start(command));
    }

    public async Task<TimeSpan> WaitForAsync(string text, CancellationToken cancellation)
    {
        char[] buffer = new char[4096];
        while (!_console.ToString().Contains(text, StringComparison.Ordinal))
        {
            // A pipe's read does not always heed its token.
            int count = await _process.StandardOutput.ReadAsync(buffer, cancellation).AsTask().WaitAsync(cancellation);
            if (count == 0)
                throw new BenchException($"{Program} ended before its guest said '{text}': {await _process.StandardError.ReadToEndAsync(cancellation)}");
            _console.Append(buffer, 0, count);
        }

        return _clock.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
