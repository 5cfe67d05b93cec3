using Hospes.Sxp;

namespace Hospes.Formats.Sxp.Tests;

public sealed class SxpParserTests
{
    [Fact]
    public void Reads_a_form_as_xend_writes_it()
    {
        SxpList form = SxpParser.ParseForm("""
            # a comment
            (vm (name demo) (memory 64) # another
                (device (vif (mac 00:16:3e:00:00:11))) (device (vbd (mode 'w!'))))
            """);

        form.Name.Should().Be("vm");
        form.ValueText("memory").Should().Be("64");
        form.Children("device").Select(device => device[1].ToString())
            .Should().Equal("(vif (mac 00:16:3e:00:00:11))", "(vbd (mode 'w!'))");
        form.Child("absent").Should().BeNull();
        form.ValueText("absent").Should().BeNull();
    }

    [Theory]
    [InlineData(@"'a\tb'", "a\tb")]
    [InlineData(@"'\a\b\t\n\v\f\r\\\'\""'", "\a\b\t\n\v\f\r\\'\"")]
    [InlineData(@"""it's""", "it's")]
    [InlineData(@"'\x41\102\7'", "AB\a")]
    [InlineData(@"'\xc3\xa9'", "é")]
    [InlineData(@"'\xe9'", "é")]
    [InlineData(@"'\q\xzz'", @"\q\xzz")]
    [InlineData("''", "")]
    [InlineData("'a # b'", "a # b")]
    [InlineData("a=b,c%d", "a=b,c%d")]
    public void Reads_strings_and_their_escapes(string source, string value) =>
        SxpParser.ParseAll(source).Should().ContainSingle().Which.Text.Should().Be(value);

    [Fact]
    public void Words_end_at_quotes_brackets_and_comments() =>
        SxpParser.ParseAll("ab'cd'(e)f#g").Select(node => node.ToString()).Should().Equal("ab", "cd", "(e)", "f");

    [Fact]
    public void Stops_at_control_d() => SxpParser.ParseAll("(a)\x04)))").Should().ContainSingle();

    [Fact]
    public void Finds_the_attribute_list()
    {
        SxpList form = SxpParser.ParseForm("(node (@ (id 3)) (value 1))");
        form.Attributes!.ValueText("id").Should().Be("3");
        SxpParser.ParseForm("(node (value 1))").Attributes.Should().BeNull();
    }

    [Theory]
    [InlineData("(a\n  (b c)", 1, 1)]
    [InlineData("(a)\n )", 2, 2)]
    [InlineData("(a\n 'open", 2, 2)]
    [InlineData("(a [b])", 1, 4)]
    [InlineData("(a\n<b)", 2, 1)]
    [InlineData("('x\ny' !)", 2, 4)]
    [InlineData(@"(a 'x\", 1, 4)]
    public void Says_where_text_stops_being_an_expression(string source, int line, int column)
    {
        SxpSyntaxException error = Assert.Throws<SxpSyntaxException>(() => SxpParser.ParseAll(source));
        (error.Line, error.Column).Should().Be((line, column));
        error.Message.Should().StartWith($"line {line}, column {column}: ");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" # nothing")]
    [InlineData("word")]
    public void A_file_has_to_hold_a_form(string source) => Assert.Throws<SxpSyntaxException>(() => SxpParser.ParseForm(source));

    [Fact]
    public void Refuses_lists_too_deep_to_be_meant()
    {
        string deepest = new string('(', SxpParser.MaximumDepth) + new string(')', SxpParser.MaximumDepth);
        SxpParser.ParseAll(deepest).Should().ContainSingle();
        Assert.Throws<SxpSyntaxException>(() => SxpParser.ParseAll(new string('(', 1_000_000))).Column.Should().Be(SxpParser.MaximumDepth + 1);
    }
}
