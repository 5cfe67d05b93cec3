using System.Globalization;
using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>The file by which Linux's perf names emitted code (tools/perf/Documentation/jit-interface.txt).</summary>
public sealed class PerfMapTests : IDisposable
{
    private static readonly string[] Trampolines = ["hospes:enter-with-vector", "hospes:enter", "hospes:exit"];

    private readonly string _directory = Directory.CreateTempSubdirectory("hospes-map-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Map => Path.Combine(_directory, "perf.map");

    private LongModeGuest Guest(string? path = null) => new(new TranslatorOptions { CompileAfter = 0, PerfMap = path ?? Map });

    [Fact]
    public void Every_piece_of_code_is_named_where_it_can_be_executed_and_none_overlaps()
    {
        using LongModeGuest guest = Guest();
        guest.Run(Loop);
        guest.RunUser(Loop);
        List<(long Start, long Size, string Name)> pieces = Read();
        pieces.Select(static piece => piece.Name).Should().StartWith(Trampolines)
            .And.Contain($"guest:{LongModeGuest.CodeAt >> 12:x}+0 kernel").And.Contain($"guest:{LongModeGuest.UserCodeAt >> 12:x}+0 user");
        pieces.Should().HaveCount(Trampolines.Length + (int)guest.Machine.Machine.Statistics["blocks-compiled"]);
        (long first, long last) = Mapping((long)guest.Machine.Machine.Code!.Start);
        long end = first;
        foreach ((long start, long size, _) in pieces.OrderBy(static piece => piece.Start))
        {
            start.Should().BeGreaterThanOrEqualTo(end);
            size.Should().BePositive();
            end = start + size;
        }

        end.Should().BeLessThanOrEqualTo(last);
    }

    [Fact]
    public void Code_that_was_thrown_away_is_named_no_more()
    {
        using LongModeGuest guest = Guest();
        guest.Run(Loop);
        Read().Should().HaveCountGreaterThan(Trampolines.Length);
        guest.Machine.Machine.Code!.Empty();
        Read().Select(static piece => piece.Name).Should().Equal(Trampolines);
    }

    [Fact]
    public void A_link_that_somebody_has_put_there_is_not_followed()
    {
        string victim = Path.Combine(_directory, "victim");
        File.WriteAllText(victim, "precious");
        File.CreateSymbolicLink(Map, victim);
        using (LongModeGuest guest = Guest())
            guest.Run(Loop);
        File.ReadAllText(victim).Should().Be("precious");
        File.ResolveLinkTarget(Map, returnFinalTarget: false).Should().BeNull();
        File.GetUnixFileMode(Map).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Theory]
    [InlineData("/no-such-directory/perf.map")]
    [InlineData("/proc/self/perf.map")]
    [InlineData("/dev")]
    public void A_map_that_cannot_be_written_costs_the_guest_nothing(string path)
    {
        using LongModeGuest guest = Guest(path);
        guest.Run(Loop);
        guest.State.Registers[1].Should().Be(0);
        guest.Machine.Machine.Code!.Compiled.Should().BePositive();
    }

    private static void Loop(Assembler a)
    {
        a.mov(ecx, 20);
        Label again = a.CreateLabel();
        a.Label(ref again);
        a.mov(rax, __[rsp - 64]);
        a.dec(ecx);
        a.jnz(again);
        a.@out(0xf4, al);
    }

    private List<(long Start, long Size, string Name)> Read() =>
        [.. File.ReadLines(Map).Select(static line => line.Split(' ', 3)).Select(static words => (Hexadecimal(words[0]), Hexadecimal(words[1]), words[2]))];

    private static long Hexadecimal(string text) => long.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    // The line of /proc/self/maps that has an address. perf asks the map only about memory that it takes for anonymous: that of /dev/zero, too.
    private static (long First, long End) Mapping(long address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            long[] ends = [.. words[0].Split('-').Select(Hexadecimal)];
            if (address < ends[0] || address >= ends[1])
                continue;
            words[1].Should().StartWith("r-x");
            words[5].Should().Be("/dev/zero");
            return (ends[0], ends[1]);
        }

        throw new InvalidOperationException($"nothing is mapped at {address:x}");
    }
}
