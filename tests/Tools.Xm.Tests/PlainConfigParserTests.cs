using Hospes.Xm.Configuration;

namespace Hospes.Xm.Tests;

public sealed class PlainConfigParserTests
{
    private static readonly Dictionary<string, string> None = [];

    [Theory]
    [InlineData("x = 'a'", "'a'")]
    [InlineData("x = \"a\" 'b' \\\n  \"c\"", "'abc'")]
    [InlineData("x='a' + 'b' # comment", "'ab'")]
    [InlineData("x = 'it\\'s \\x41\\101\\t\\q'", "'it's AA\t\\q'")]
    [InlineData("x = r'\\n' u'é'", "'\\né'")]
    [InlineData("x = '''a\n'b'\\\nc'''", "'a\n'b'c'")]
    [InlineData("x = \"\"\"a\r\nb\"\"\"\r\n", "'a\nb'")]
    [InlineData("x = 12", "12")]
    [InlineData("x = -0x1F", "-31")]
    [InlineData("x = 0755", "493")]
    [InlineData("x = 0b101", "5")]
    [InlineData("x = 12L", "12")]
    [InlineData("x = 1.5e3", "1500")]
    [InlineData("x = .5", "0.5")]
    [InlineData("x = 1 + 2 +3", "6")]
    [InlineData("x = (64)", "64")]
    [InlineData("x = True", "1")]
    [InlineData("x = []", "[]")]
    [InlineData("x = ['a', # one\n  'b',\n]", "['a', 'b']")]
    [InlineData("x = ['a'] + [ ['b', 1], ('c',) ]", "['a', ['b', 1], ['c']]")]
    [InlineData("x = 'a', 'b'", "['a', 'b']")]
    [InlineData("a = x = 'v'", "'v'")]
    [InlineData("x = 'a'; x += 'b'", "'ab'")]
    [InlineData("base = '/disks/'\nx = base + name", "'/disks/vm'")]
    [InlineData("\n  # indented comment\nx = 1", "1")]
    public void Reads_values(string source, string described) =>
        PlainConfigParser.Parse(source, new Dictionary<string, string> { ["name"] = "vm" }).Assignments["x"].Value.Describe().Should().Be(described);

    [Fact]
    public void Knows_lines_and_uses()
    {
        ConfigDocument document = PlainConfigParser.Parse("a = '''\n\n'''\nb = [\n'x']\nc = a", None);
        document.Assignments.Select(entry => (entry.Key, entry.Value.Line)).Should().Equal(("a", 1), ("b", 4), ("c", 6));
        document.UsedNames.Should().Equal("a");
    }

    [Fact]
    public void None_unsets() => PlainConfigParser.Parse("a = 1\na = None", None).Assignments.Should().BeEmpty();

    [Theory]
    [InlineData("x = 'a' % 3", 1, 9)]
    [InlineData("x = 1\nif x: y = 2", 2, 4)]
    [InlineData("x = 1\n  y = 2", 2, 3)]
    [InlineData("import os", 1, 8)]
    [InlineData("x == 3", 1, 3)]
    [InlineData("x = y", 1, 6)]
    [InlineData("x = int('3')", 1, 8)]
    [InlineData("x = 'open", 1, 10)]
    [InlineData("x = '''open", 1, 5)]
    [InlineData("x = [1, 2", 1, 10)]
    [InlineData("x = 1 2", 1, 7)]
    [InlineData("x = 'a' + 1", 1, 12)]
    [InlineData("x = 99999999999999999999", 1, 5)]
    [InlineData("x = 1\ny = 0x", 2, 5)]
    [InlineData("def = 3", 1, 5)]
    [InlineData("x = '\\N{DASH}'", 1, 6)]
    [InlineData("x =", 1, 4)]
    public void Leaves_the_rest_to_python(string source, int line, int column)
    {
        NotPlainException stop = Assert.Throws<NotPlainException>(() => PlainConfigParser.Parse(source, None));
        (stop.Line, stop.Column).Should().Be((line, column));
    }

    [Fact]
    public void Refuses_brackets_too_deep_to_be_meant() =>
        Assert.Throws<NotPlainException>(() => PlainConfigParser.Parse("x = " + new string('[', 100_000), None)).Message.Should().Contain("nest");

    [Fact]
    public void Without_python_the_place_is_told()
    {
        ConfigLoader loader = new(new PythonConfigEvaluator(null, TimeSpan.Zero), hasPython: false);
        ConfigSource source = new("test.cfg", "kernel = '/k'\nname = 'VM%d' % 3");
        Assert.Throws<ConfigException>(() => loader.Load(source, new CommandLineSettings())).Message
            .Should().Match("Errors were found at line 2 while processing test.cfg:\n\tname = 'VM%d' % 3\n\t              ^ column 15: *install the package python3)");
    }
}
