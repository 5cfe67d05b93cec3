using System.Diagnostics;

namespace Hospes.Security.Tests.Support;

/// <summary>A loop device on a file, until it is disposed of.</summary>
internal sealed class LoopDevice : IDisposable
{
    private LoopDevice(string path) => Path = path;

    public string Path { get; }

    /// <summary>Makes one; skips the test where that cannot be.</summary>
    /// <param name="file">The file behind it.</param>
    /// <param name="words">More for losetup.</param>
    public static LoopDevice On(string file, params string[] words)
    {
        Skip.IfNot(Environment.UserName == "root" && File.Exists("/dev/loop-control") && File.Exists("/usr/sbin/losetup"), "a loop device takes root and /dev/loop-control");
        (int status, string device) = Run([.. words, "--find", "--show", file]);
        status.Should().Be(0, "losetup finds a device");
        return new LoopDevice(device);
    }

    /// <summary>Makes the device of a name; null: somebody else on this machine has it by now.</summary>
    public static LoopDevice? TryOn(string file, string device) => Run(device, file).Status == 0 ? new LoopDevice(device) : null;

    public void Dispose() => Run("--detach", Path).Status.Should().Be(0);

    private static (int Status, string Answer) Run(params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/sbin/losetup", words) { RedirectStandardOutput = true })!;
        string answer = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return (process.ExitCode, answer);
    }
}
