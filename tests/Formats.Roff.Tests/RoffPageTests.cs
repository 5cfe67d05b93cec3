namespace Hospes.Roff.Tests;

public sealed class RoffPageTests
{
    [Fact]
    public void A_page_has_its_head_and_its_parts_in_order() =>
        new RoffPage("xm", 1, "a tool").Section("COMMANDS").Part("of one kind").Item("list", "Shows domains.").Text("And so on.").Example("xm list\nxm info").ToString().Should().Be(
            ".TH \"XM\" 1 \"\" Hospes Hospes\n.SH \"NAME\"\nxm \\- a tool\n.SH \"COMMANDS\"\n.SS \"of one kind\"\n.TP\n.B \"list\"\nShows domains.\n.PP\nAnd so on.\n.PP\n.nf\nxm list\nxm info\n.fi\n");

    [Theory]
    [InlineData("--all", "\\-\\-all")]
    [InlineData("a\\b", "a\\eb")]
    [InlineData("it's", "it\\(aqs")]
    [InlineData(".TH x", "\\&.TH x")]
    [InlineData("'so", "\\&\\(aqso")]
    [InlineData("a ^b ~c", "a \\(hab \\(tic")]
    public void Text_comes_out_as_it_was_written(string text, string written) =>
        new RoffPage("x", 1, "y").Text(text).ToString().Should().EndWith($".PP\n{written}\n");

    [Fact]
    public void A_quote_does_not_end_a_title() => new RoffPage("x", 1, "y").Section("a \"b\"").ToString().Should().EndWith(".SH \"a \\(dqb\\(dq\"\n");
}
