using System.Buffers.Binary;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk.Storage;
using Hospes.Storage.Qcow;
using Hospes.Storage.Qcow2;
using Hospes.Storage.Vmdk;
using Hospes.TestKit.Storage;

namespace Hospes.Storage.Tests;

/// <summary>Images that are broken, or made to do harm: an error, or some content, and never anything worse.</summary>
public sealed class DamagedImageTests : IDisposable
{
    private const int Trials = 400;
    private const long Length = 1 << 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("hospes-damage-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("qcow")]
    [InlineData("qcow2")]
    [InlineData("vmdk")]
    public void Damage_in_headers_and_tables_is_an_error_or_wrong_content_and_nothing_else(string format)
    {
        MemoryFile sound = Filled(format);
        int told = 0;
        for (int seed = 0; seed < Trials; seed++)
        {
            Random random = new(seed);
            MemoryFile file = sound.Copy();

            // Half of them in the header, where the most harm is, half anywhere.
            for (int hit = random.Next(1, 5); hit > 0; hit--)
            {
                long at = random.NextInt64(random.Next(2) == 0 ? 512 : file.Length - 8);
                byte[] bytes = new byte[random.Next(1, 9)];
                random.NextBytes(bytes);
                file.Write(at, random.Next(3) switch { 0 => bytes, 1 => [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], _ => [0x7f, 0xff, 0xff, 0xff] });
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            told += Try(() => Use(format, file)) ? 0 : 1;
            Try(() => ((IImageFormat)Driver(format)).Check(file.Copy(), repair: false));
            Try(() => ((IImageFormat)Driver(format)).Describe(file.Copy()));
            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(512L << 20, $"no size in an image is believed (seed {seed})");
        }

        told.Should().BePositive("some of the damage is seen");
    }

    [Theory]
    [InlineData("qcow", 24)]
    [InlineData("qcow2", 24)]
    [InlineData("vmdk", 12)]
    public void A_size_that_no_disk_has_is_refused(string format, int at)
    {
        foreach (ulong size in (ulong[])[ulong.MaxValue, (ulong)long.MaxValue, 1ul << 63, (ulong)long.MaxValue - 511])
        {
            MemoryFile file = Filled(format).Copy();
            byte[] bytes = new byte[8];
            if (format == "vmdk")
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, size);
            else
                BinaryPrimitives.WriteUInt64BigEndian(bytes, size);
            file.Write(at, bytes);
            FluentActions.Invoking(() => Driver(format).Open([file], isWritable: true)).Should().Throw<IOException>().WithMessage($"*{file.Path}*");
            file.Disposals.Should().Be(1);
        }
    }

    [Theory]
    [InlineData("qcow")]
    [InlineData("qcow2")]
    [InlineData("vmdk")]
    public void An_image_that_was_cut_off_is_an_error_or_ends_there(string format)
    {
        MemoryFile sound = Filled(format);
        for (long length = 0; length < sound.Length; length += 1009)
        {
            MemoryFile file = sound.Copy();
            file.SetLength(length);
            Try(() => Use(format, file));
        }
    }

    [Fact]
    public void A_chain_that_is_a_loop_is_told_with_its_names()
    {
        Make("a", "b");
        Make("b", "c");
        Make("c", "a");
        FluentActions.Invoking(() => Plan("a")).Should().Throw<IOException>().WithMessage("*c has *a for its parent*loop*");
        Make("self", "self");
        FluentActions.Invoking(() => Plan("self")).Should().Throw<IOException>().WithMessage("*loop*");
        File.CreateSymbolicLink(At("link"), At("other"));
        Make("other", "link");
        FluentActions.Invoking(() => Plan("other")).Should().Throw<IOException>().WithMessage("*loop*", "a link hides nothing");
    }

    [Fact]
    public void A_chain_that_is_too_long_is_told()
    {
        for (int number = 0; number < 40; number++)
            Make($"image{number}", $"image{number + 1}");
        FluentActions.Invoking(() => Plan("image0")).Should().Throw<IOException>().WithMessage("*more than*images*");
    }

    [Fact]
    public void A_parent_that_is_missing_or_no_image_is_told_with_its_child()
    {
        Make("child", "nowhere");
        FluentActions.Invoking(() => Plan("child")).Should().Throw<IOException>().WithMessage("*child*nowhere*");
        Directory.CreateDirectory(At("nowhere"));
        FluentActions.Invoking(() => Plan("child")).Should().Throw<IOException>().WithMessage("*child*nowhere*directory*");
    }

    [Fact]
    public void A_parent_that_changes_between_the_check_and_the_use_is_noticed()
    {
        Make("base", null);
        Make("child", "base");
        IReadOnlyList<BlockSource> sources = Plan("child");
        File.Delete(At("base"));
        Make("base", "child");
        FluentActions.Invoking(() => new Qcow2Driver().Open([.. sources.Select(BlockFile.Open)], isWritable: true)).Should().Throw<IOException>().WithMessage("*has changed*");
    }

    private static IBlockDriver Driver(string format) => format switch { "qcow" => new QcowDriver(), "qcow2" => new Qcow2Driver(), _ => new VmdkDriver() };

    private static MemoryFile Filled(string format)
    {
        MemoryFile file = new();
        IBlockDriver driver = Driver(format);
        ((IImageFormat)driver).Create(file, new ImageOptions(Length));
        using (IBlockImage image = driver.Open([file.Copy()], isWritable: true))
            image.Length.Should().Be(Length);
        MemoryFile kept = file.Copy();
        using IBlockImage target = driver.Open([kept], isWritable: true);
        byte[] block = new byte[64 << 10];
        for (int at = 0; at < 8; at++)
        {
            new Random(at).NextBytes(block);
            target.Write(at * 2 * block.Length, block);
        }

        target.Flush();
        return kept.Copy();
    }

    private static void Use(string format, MemoryFile file)
    {
        using IBlockImage image = Driver(format).Open([file], isWritable: true);
        byte[] block = new byte[4096];
        long end = Math.Min(image.Length, Length) - block.Length;
        for (long at = 0; at <= end; at += 61 * 512)
            Try(() => image.Read(at, block));
        for (long at = 512; at <= end; at += 97 * 512)
            Try(() => image.Write(at, block));
        Try(image.Flush);
    }

    // Everything but an error in its own words is a fault of ours and ends the test.
    private static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string At(string name) => Path.Combine(_directory, name);

    private void Make(string name, string? parent)
    {
        using BlockFile file = BlockFile.Create(At(name));
        new Qcow2Driver().Create(file, new ImageOptions(1 << 20) { Backing = parent, BackingFormat = parent is null ? null : "qcow2" });
    }

    private IReadOnlyList<BlockSource> Plan(string name) => new Qcow2Driver().Plan(At(name), isWritable: true, new Files());

    private sealed class Files : IBlockFiles
    {
        public IBlockFile Open(BlockSource source) => BlockFile.Open(source);
    }
}
