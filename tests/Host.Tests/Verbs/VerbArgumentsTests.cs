using Hospes.Host.Verbs;

namespace Hospes.Host.Tests.Verbs;

public sealed class VerbArgumentsTests
{
    [Fact]
    public void Options_flags_and_words_may_be_mixed()
    {
        VerbArguments arguments = new(["start", "--root", "/a", "--json", "--plugins=/b=c"], ["--root", "--plugins"], ["--json"]);
        arguments.Plain.Should().Equal("start");
        arguments.Value("--root").Should().Be("/a");
        arguments.Value("--plugins").Should().Be("/b=c");
        arguments.Has("--json").Should().BeTrue();
        arguments.Has("--other").Should().BeFalse();
    }

    [Theory]
    [InlineData("--wrong", "option --wrong not recognized")]
    [InlineData("--json=yes", "option --json not recognized")]
    [InlineData("--root", "option --root requires a value")]
    [InlineData("-x", "option -x not recognized")]
    public void What_cannot_be_meant_is_refused(string word, string message) =>
        FluentActions.Invoking(() => new VerbArguments([word], ["--root"], ["--json"])).Should().Throw<UsageException>().WithMessage(message);
}
