using Hospes.Host.Logging;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Logging;

public sealed class RotatingFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_full_file_is_set_aside_and_the_oldest_goes()
    {
        string path = _directory.File("xend.log");
        using (RotatingFile file = new(path, limit: 16, backups: 2))
        {
            foreach (string line in (string[])["first", "second", "third", "fourth", "fifth", "sixth", "seventh"])
                file.WriteLine(line);
        }

        File.ReadAllText(path).Should().Be("seventh\n");
        File.ReadAllText(path + ".1").Should().Be("fifth\nsixth\n");
        File.ReadAllText(path + ".2").Should().Be("third\nfourth\n");
        File.Exists(path + ".3").Should().BeFalse();
    }

    [Fact]
    public void An_existing_file_is_continued()
    {
        string path = _directory.File("xend.log");
        File.WriteAllText(path, "before\n");
        using (RotatingFile file = new(path))
            file.WriteLine("after");
        File.ReadAllText(path).Should().Be("before\nafter\n");
    }

    [Fact]
    public void Lines_that_cannot_be_written_are_counted_and_told_later()
    {
        string path = _directory.File("xend.log");
        using RotatingFile file = new(path, limit: 8, backups: 1);
        file.WriteLine("12345678");
        Directory.CreateDirectory(path + ".1/in-the-way"); // the file cannot be moved aside
        file.WriteLine("lost");
        Directory.Delete(path + ".1", recursive: true);
        file.WriteLine("kept");
        File.ReadAllText(path).Should().Contain("1 lines could not be written").And.Contain("kept").And.NotContain("lost");
    }

    [Fact]
    public void The_line_format_is_xends()
    {
        string path = _directory.File("xend.log");
        using (XendLoggerProvider provider = new(new RotatingFile(path), TimeProvider.System, null))
            provider.CreateLogger("Hospes.Host.Domains.DomainCreator").Info("creating domain", line: 17);
        File.ReadAllText(path).Should().MatchRegex(
            $@"^\[\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d {Environment.ProcessId}\] INFO \(DomainCreator:17\) creating domain\n$");
    }
}
