using System.Diagnostics;
using System.Text;

namespace Hospes.Bench.Guests;

/// <summary>Our side: <c>xm create</c> and the guest's console log.</summary>
internal sealed class OurGuest : IGuestRun
{
    // The log has no event to wait for that would be cheaper than a look; 2 ms is nothing against seconds.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly Appliance _appliance;
    private readonly Stopwatch _clock;
    private readonly Task _create;
    private readonly string _name;
    private readonly StringBuilder _console = new();
    private FileStream? _log;

    private OurGuest(Appliance appliance, Stopwatch clock, Task create, string name) =>
        (_appliance, _clock, _create, _name) = (appliance, clock, create, name);

    public string Console => _console.ToString();

    public static OurGuest Start(Appliance appliance, BenchOptions options, string name, string commandLine, string settings = "")
    {
        string file = Path.Combine(appliance.Root, $"{name}.cfg");
        File.WriteAllText(file, $"""
            name = "{name}"
            memory = {options.MemoryMiB}
            kernel = "{options.Kernel}"
            ramdisk = "{options.Initrd}"
            extra = "{$"console=hvc0 {commandLine}".TrimEnd()}"
            on_crash = "destroy"
            {settings}

            """);
        // An earlier guest of that name has said the same words.
        File.Delete(LogPath(appliance, name));
        Stopwatch clock = Stopwatch.StartNew();
        return new OurGuest(appliance, clock, Tool.RunAsync(appliance.Xm("create", "-q", file), CancellationToken.None), name);
    }

    public async Task<TimeSpan> WaitForAsync(string text, CancellationToken cancellation)
    {
        byte[] buffer = new byte[4096];
        while (!_console.ToString().Contains(text, StringComparison.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            if (_create.IsFaulted)
                await _create;
            _log ??= OpenLog();
            int count = _log is null ? 0 : await _log.ReadAsync(buffer, cancellation);
            if (count == 0)
                await Task.Delay(Look, cancellation);
            _console.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return _clock.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
            await _log.DisposeAsync();
        await _create;
        await Tool.RunAsync(_appliance.Xm("destroy", _name), CancellationToken.None);
    }

    private FileStream? OpenLog()
    {
        string path = LogPath(_appliance, _name);
        return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
    }

    private static string LogPath(Appliance appliance, string name) => Path.Combine(appliance.Root, "var/log/xen/console", $"guest-{name}.log");
}
