using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Hospes.Xm.Configuration;

/// <summary>Runs a configuration file that is a Python script, in a child process that may do little else (see Python/README.md).</summary>
internal sealed class PythonConfigEvaluator(string? interpreter, TimeSpan timeLimit)
{
    private const int MaximumAnswer = 4 << 20;
    private static readonly string[] UsualPlaces = ["/usr/bin/python3", "/usr/local/bin/python3"];

    /// <summary>The interpreter of the system, else the first in PATH; null if there is none.</summary>
    public static string? FindInterpreter(Func<string, string?> variable) =>
        UsualPlaces.Concat((variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(directory => Path.Combine(directory, "python3")))
            .FirstOrDefault(File.Exists);

    /// <exception cref="ConfigException">The script is wrong, fails, or tries what it must not.</exception>
    public ConfigDocument Evaluate(ConfigSource source, IReadOnlyDictionary<string, string> variables, bool helpOnly)
    {
        if (interpreter is null)
            throw new ConfigException($"{source.Path} is a Python script, and there is no python3 to run it: install the package python3");
        (byte[] answer, string complaint) = Run(source, variables, helpOnly);
        try
        {
            return PythonAnswer.Read(source, answer);
        }
        catch (JsonException failure)
        {
            throw new ConfigException($"Running {source.Path} with {interpreter} failed: {complaint.Trim().Split('\n')[^1]}", failure);
        }
    }

    private (byte[] Answer, string Complaint) Run(ConfigSource source, IReadOnlyDictionary<string, string> variables, bool helpOnly)
    {
        using Process child = Process.Start(StartInfo()) ?? throw new ConfigException($"Cannot start {interpreter}");
        using CancellationTokenSource deadline = new(timeLimit);
        try
        {
            Task<byte[]> answer = ReadBoundedAsync(child.StandardOutput.BaseStream, deadline.Token);
            Task<string> complaint = child.StandardError.ReadToEndAsync(deadline.Token);
            Task request = WriteRequestAsync(child, Request(source, variables, helpOnly), deadline.Token);
            Task.WhenAll(answer, complaint, request, child.WaitForExitAsync(deadline.Token)).GetAwaiter().GetResult();
            const int killedForCpuTime = 128 + 24; // SIGXCPU
            if (child.ExitCode == killedForCpuTime)
                throw TooLong(source);
            return (answer.Result, complaint.Result);
        }
        catch (OperationCanceledException)
        {
            throw TooLong(source);
        }
        finally
        {
            if (!child.HasExited)
            {
                child.Kill();
                child.WaitForExit();
            }
        }
    }

    private ConfigException TooLong(ConfigSource source) =>
        new($"{source.Path} ran for more than {timeLimit.TotalSeconds:0.#} seconds and was stopped: does it loop?");

    private ProcessStartInfo StartInfo()
    {
        ProcessStartInfo start = new(interpreter!, ["-I", "-S", "-B", "-c", Driver()])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["PATH"] = "/usr/bin:/bin";
        return start;
    }

    private byte[] Request(ConfigSource source, IReadOnlyDictionary<string, string> variables, bool helpOnly)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("file", source.Path);
            writer.WriteString("text", source.Text);
            writer.WriteStartObject("variables");
            foreach ((string name, string value) in variables)
                writer.WriteString(name, value);
            writer.WriteEndObject();
            writer.WriteBoolean("help", helpOnly);
            writer.WriteNumber("seconds", (int)Math.Ceiling(timeLimit.TotalSeconds));
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static async Task WriteRequestAsync(Process child, byte[] request, CancellationToken stop)
    {
        try
        {
            await child.StandardInput.BaseStream.WriteAsync(request, stop).ConfigureAwait(false);
            child.StandardInput.Close();
        }
        catch (IOException)
        {
            // The interpreter ended without reading: what it complains of says why.
        }
    }

    private static async Task<byte[]> ReadBoundedAsync(Stream stream, CancellationToken stop)
    {
        using MemoryStream whole = new();
        byte[] buffer = new byte[16384];
        for (int count; (count = await stream.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0;)
        {
            if (whole.Length + count <= MaximumAnswer)
                await whole.WriteAsync(buffer.AsMemory(0, count), stop).ConfigureAwait(false); // what is beyond is read and dropped, and the rest is no JSON then
        }

        return whole.ToArray();
    }

    private static string Driver()
    {
        using Stream resource = typeof(PythonConfigEvaluator).Assembly.GetManifestResourceStream("driver.py")!;
        using StreamReader reader = new(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
