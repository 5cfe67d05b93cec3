using Hospes.Xm;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Fakes;

/// <summary>Runs xm inside the test, against a fake xend, in a directory of its own.</summary>
internal sealed class XmFixture : IDisposable
{
    private FakeXend? _xend;

    public XmFixture()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("xm-").FullName;
        Environment = new XmEnvironment
        {
            Out = TextWriter.Null,
            Error = TextWriter.Null,
            Variable = name => name == "HOSPES_ROOT" ? Directory : Variables.GetValueOrDefault(name),
            WorkingDirectory = Directory,
            IsRoot = true,
            Wait = _ => { },
            HostUptime = () => new TimeSpan(1, 2, 3, 4),
        };
    }

    public string Directory { get; }

    public Dictionary<string, string> Variables { get; } = new() { ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "" };

    public XmEnvironment Environment { get; set; }

    public Interrupts Interrupts => Environment.Interrupts;

    /// <summary>The fake xend, started when first asked for.</summary>
    public FakeXend Xend => _xend ??= new FakeXend(Path.Combine(Directory, "var/run/xend/xend.sock"));

    public XmRun Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = XmApplication.Run(Environment with { Out = output, Error = error }, arguments);
        return new XmRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Writes a file into the working directory.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
        return path;
    }

    public void Dispose()
    {
        _xend?.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
