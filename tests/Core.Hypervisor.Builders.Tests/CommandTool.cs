using System.Diagnostics;

namespace Hospes.Hypervisor.Tests.Builders;

/// <summary>Runs a command-line tool as a filter.</summary>
internal static class CommandTool
{
    public static bool IsInstalled(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':')
        .Any(directory => File.Exists(Path.Combine(directory, tool)));

    /// <summary>What the tool writes when it is given <paramref name="input"/>. Fails the test when the tool does.</summary>
    public static byte[] Filter(byte[] input, string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Task writing = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        writing.GetAwaiter().GetResult();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, $"{tool} has to work");
        return output.ToArray();
    }
}
