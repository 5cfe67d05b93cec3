using Hospes.Sxp;

namespace Hospes.Formats.Sxp.Tests;

public sealed class SxpPrinterTests
{
    [Theory]
    [InlineData("demo", "demo")]
    [InlineData("@", "@")]
    [InlineData("00:16:3e:00:00:11", "00:16:3e:00:00:11")]
    [InlineData("/boot/vmlinuz-2.6~x_y", "/boot/vmlinuz-2.6~x_y")]
    [InlineData("", "''")]
    [InlineData("a b", "'a b'")]
    [InlineData("w!", "'w!'")]
    [InlineData("a@b", "'a@b'")]
    [InlineData("it's", "\"it's\"")]
    [InlineData("it's \"x\"", "'it\\'s \"x\"'")]
    [InlineData("a\n\x01\\", "'a\\n\\x01\\\\'")]
    [InlineData("é", "'é'")]
    public void Quotes_what_a_bare_word_cannot_carry(string text, string printed)
    {
        new SxpAtom(text).ToString().Should().Be(printed);
        SxpParser.ParseAll(printed).Should().Equal(new SxpAtom(text));
    }

    [Fact]
    public void Breaks_lists_that_do_not_fit()
    {
        SxpList form = SxpParser.ParseForm(
            "(vm (name demo) (image (linux (kernel /boot/vmlinuz) (args 'console=hvc0 quiet'))) (device (vif)))");

        SxpPrinter.Pretty(form, 40).Should().Be("""
            (vm
                (name demo)
                (image
                    (linux
                        (kernel /boot/vmlinuz)
                        (args 'console=hvc0 quiet')
                    )
                )
                (device (vif))
            )

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Keeps_on_one_line_what_fits_to_the_last_column()
    {
        SxpList form = new("a", new string('b', 6));
        SxpPrinter.Pretty(form, 10).Should().Be("(a bbbbbb)\n");
        SxpPrinter.Pretty(form, 9).Should().Be("(a\n    bbbbbb\n)\n");
    }

    [Fact]
    public void Breaks_a_list_whose_head_is_a_list() =>
        SxpPrinter.Pretty(SxpParser.ParseForm("((access_control (policy p)) (ssidref 131074))"), 20)
            .Should().Be("((access_control\n     (policy p)\n )\n    (ssidref 131074)\n)\n");

    [Fact]
    public void Pretty_text_reads_back_as_the_same_value()
    {
        SxpList form = new("vm", new SxpList("name", "a b"), new SxpList("memory", 64), new SxpList(), new SxpList(new SxpList("x", "'\"\n")));
        for (int width = 1; width < 60; width++)
            SxpParser.ParseAll(SxpPrinter.Pretty(form, width)).Should().Equal(form);
    }

    [Fact]
    public void A_list_given_alone_becomes_the_only_element()
    {
        new SxpList(new SxpList("a", "b")).ToString().Should().Be("((a b))");
        new SxpList("x").With(new SxpList("a", "b")).ToString().Should().Be("(x (a b))");
    }
}
