using System.Diagnostics;
using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>The completion script, run by a real bash.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [SkippableTheory]
    [InlineData("un", "unpause", "xm", "un")]
    [InlineData("--st", "--state=", "xm", "list", "--st")]
    [InlineData("vcpu-l", "vcpu-list", "xm", "help", "vcpu-l")]
    [InlineData("b", "bash", "xl", "completion", "b")]
    [InlineData("de", "demo", "xm", "console", "de")]
    [InlineData("conf", "config1", "xm", "create", "conf")]
    public void Completes(string word, string expected, params string[] words)
    {
        Skip.IfNot(File.Exists("/bin/bash"), "there is no bash here");
        string script = _xm.Write("completion", _xm.Run("completion", "bash").Out);
        _xm.Write("config1", "");
        string commands = $"""
            cd {_xm.Directory}; source {script}
            xm() {"{ echo Name; echo 'demo 3'; echo 'other 4'; }"}
            COMP_WORDS=({string.Join(' ', words)}); COMP_CWORD={words.Length - 1}
            _xm; echo "$(complete -p {words[0]})"; printf '%s\n' "{"${COMPREPLY[@]}"}"
            """;
        using Process bash = Process.Start(new ProcessStartInfo("/bin/bash", ["--norc", "-c", commands]) { RedirectStandardOutput = true })!;
        string[] lines = bash.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bash.WaitForExit();
        lines.Should().Equal($"complete -F _xm {words[0]}", expected);
        expected.Should().StartWith(word);
    }

    [Fact]
    public void Other_shells_are_refused() =>
        _xm.Run("completion", "fish").Error.Should().Be("Error: There is no completion for 'fish', only for bash.\n");
}
