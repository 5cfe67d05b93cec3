using System.Diagnostics;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk.Storage;
using Hospes.Storage.Qcow;
using Hospes.Storage.Qcow2;
using Hospes.Storage.Raw;
using Hospes.Storage.Vmdk;

namespace Hospes.Storage.Tests;

/// <summary>Our images against another implementation, in both directions.</summary>
public sealed class QemuTests : IDisposable
{
    private const long Length = (7L << 20) + 512;

    private readonly string _directory = Directory.CreateTempSubdirectory("qemu-").FullName;

    public static TheoryData<string, string> Made => new()
    {
        { "qcow2", "" }, { "qcow2", "512" }, { "qcow2", "2097152" }, { "qcow", "" }, { "vmdk", "" }, { "raw", "" },
    };

    public static TheoryData<string, string> Theirs => new()
    {
        { "qcow2", "" }, { "qcow2", "compat=0.10" }, { "qcow2", "cluster_size=512" }, { "qcow2", "cluster_size=2M" }, { "qcow2", "preallocation=metadata" },
        { "qcow2", "refcount_bits=1" }, { "qcow2", "refcount_bits=64" }, { "qcow", "" }, { "vmdk", "" }, { "raw", "" },
    };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(Made))]
    public void It_accepts_what_we_make_and_write(string format, string clusterSize)
    {
        IBlockDriver driver = Driver(format);
        using (BlockFile file = BlockFile.Create(At("ours")))
            ((IImageFormat)driver).Create(file, new ImageOptions(Length) { ClusterSize = clusterSize.Length == 0 ? 0 : int.Parse(clusterSize) });
        byte[] content = new byte[Length];
        using (IBlockImage image = Open(driver, "ours"))
            Scribble(image, content, 7);
        Agrees(format, "ours", content);
    }

    [SkippableTheory]
    [MemberData(nameof(Theirs))]
    public void We_read_and_write_what_it_makes(string format, string options)
    {
        byte[] content = new byte[Length];
        new Random(3).NextBytes(content.AsSpan(1 << 20, 3 << 20));
        File.WriteAllBytes(At("plain"), content);
        Qemu("convert", ["-f", "raw", "-O", format, .. Options(options), At("plain"), At("theirs")]);
        IBlockDriver driver = Driver(format);
        using (IBlockImage image = Open(driver, "theirs"))
        {
            Read(image).AsSpan(0, content.Length).SequenceEqual(content).Should().BeTrue();
            Scribble(image, content, 11);
        }

        Agrees(format, "theirs", content);
    }

    [SkippableTheory]
    [InlineData("qcow2")]
    [InlineData("qcow")]
    public void We_read_what_it_has_compressed_and_write_over_it(string format)
    {
        byte[] content = new byte[7 << 20]; // its qcow writer wants whole clusters
        for (int at = 0; at < content.Length; at++)
            content[at] = (byte)(at / 1000);
        File.WriteAllBytes(At("plain"), content);
        Qemu("convert", ["-c", "-f", "raw", "-O", format, At("plain"), At("small")]);
        using (IBlockImage image = Open(Driver(format), "small"))
        {
            Read(image).AsSpan(0, content.Length).SequenceEqual(content).Should().BeTrue();
            Scribble(image, content, 13);
        }

        Agrees(format, "small", content);
    }

    [SkippableFact]
    public void A_snapshot_inside_the_image_keeps_what_it_was()
    {
        byte[] before = new byte[Length];
        new Random(5).NextBytes(before.AsSpan(0, 2 << 20));
        File.WriteAllBytes(At("plain"), before);
        Qemu("convert", ["-f", "raw", "-O", "qcow2", At("plain"), At("image")]);
        Qemu("snapshot", ["-c", "one", At("image")]);
        byte[] content = [.. before];
        using (IBlockImage image = Open(new Qcow2Driver(), "image"))
            Scribble(image, content, 17);
        Agrees("qcow2", "image", content);
        Check("image").Should().BeEquivalentTo(ImageCheck.Clean);
        Qemu("snapshot", ["-a", "one", At("image")]);
        Agrees("qcow2", "image", before);
    }

    [SkippableTheory]
    [InlineData("qcow2", "raw", "-F raw")]
    [InlineData("qcow2", "qcow2", "-F qcow2")]
    [InlineData("qcow2", "vmdk", "-F vmdk")]
    [InlineData("qcow", "raw", "-F raw")]
    [InlineData("vmdk", "vmdk", "-F vmdk")]
    public void Clones_read_through_to_their_parent_and_never_change_it(string format, string parentFormat, string says)
    {
        byte[] content = new byte[Length / 512 * 512];
        new Random(23).NextBytes(content);
        File.WriteAllBytes(At("plain"), content);
        Qemu("convert", ["-f", "raw", "-O", parentFormat, At("plain"), At("parent")]);
        byte[] parent = File.ReadAllBytes(At("parent"));
        Qemu("create", ["-f", format, "-b", "parent", .. says.Split(' '), At("clone")]);
        using (IBlockImage image = Open(Driver(format), "clone"))
        {
            image.Length.Should().Be(content.Length);
            Read(image).AsSpan(0, content.Length).SequenceEqual(content).Should().BeTrue();
            Scribble(image, content, 29);
        }

        Agrees(format, "clone", content);
        File.ReadAllBytes(At("parent")).SequenceEqual(parent).Should().BeTrue("a parent is never written");
    }

    [SkippableFact]
    public void A_larger_image_is_larger_for_both()
    {
        Qcow2Driver driver = new();
        using (BlockFile file = BlockFile.Create(At("image")))
        {
            driver.Create(file, new ImageOptions(1 << 20) { ClusterSize = 512 });
            driver.Resize(file, 1L << 30);
        }

        using (IBlockImage image = Open(driver, "image"))
        {
            image.Length.Should().Be(1L << 30);
            image.Write((1L << 30) - 512, new byte[512]);
            image.Flush();
        }

        Qemu("check", [At("image")]).Should().Contain("No errors were found");
    }

    [SkippableFact]
    public void Discarded_ranges_are_zero_and_the_image_is_sound()
    {
        Qcow2Driver driver = new();
        using (BlockFile file = BlockFile.Create(At("image")))
            driver.Create(file, new ImageOptions(Length));
        byte[] content = new byte[Length];
        using (IBlockImage image = Open(driver, "image"))
        {
            Scribble(image, content, 31);
            ((IBlockDiscard)image).Discard(1 << 20, 2 << 20);
            content.AsSpan(1 << 20, 2 << 20).Clear();
            byte[] part = [.. Enumerable.Repeat((byte)9, 700 * 512)];
            image.Write((1 << 20) + 512, part);
            part.CopyTo(content, (1 << 20) + 512);
            image.Flush();
        }

        Agrees("qcow2", "image", content);
    }

    private static IBlockDriver Driver(string format) => format switch
    {
        "qcow2" => new Qcow2Driver(),
        "qcow" => new QcowDriver(),
        "vmdk" => new VmdkDriver(),
        _ => new FileDriver(),
    };

    private static string[] Options(string options) => options.Length == 0 ? [] : ["-o", options];

    private static byte[] Read(IBlockImage image)
    {
        byte[] content = new byte[image.Length];
        image.Read(0, content);
        return content;
    }

    private static void Scribble(IBlockImage image, byte[] content, int seed)
    {
        Random random = new(seed);
        for (int write = 0; write < 60; write++)
        {
            int sectors = random.Next(1, 300);
            long offset = random.NextInt64((image.Length / 512) - sectors) * 512;
            byte[] bytes = new byte[sectors * 512];
            random.NextBytes(bytes);
            image.Write(offset, bytes);
            bytes.CopyTo(content, offset);
            if (write % 20 == 0)
                image.Flush();
        }

        image.Flush();
    }

    private string At(string name) => Path.Combine(_directory, name);

    private IBlockImage Open(IBlockDriver driver, string name)
    {
        IReadOnlyList<BlockSource> sources = driver.Plan(At(name), isWritable: true, new Files());
        return driver.Open([.. sources.Select(BlockFile.Open)], isWritable: true);
    }

    private ImageCheck Check(string name)
    {
        using BlockFile file = BlockFile.Open(new BlockSource(At(name), IsWritable: false));
        return new Qcow2Driver().Check(file, repair: false);
    }

    private void Agrees(string format, string name, byte[] content)
    {
        if (format is not "raw" and not "qcow")
            Qemu("check", ["-f", format, At(name)]).Should().Contain("No errors were found");
        using (BlockFile file = BlockFile.Open(new BlockSource(At(name), IsWritable: false)))
            ((IImageFormat)Driver(format)).Check(file, repair: false).Errors.Should().BeEmpty();
        File.WriteAllBytes(At("expected"), content);
        Qemu("compare", ["-f", "raw", "-F", format, At("expected"), At(name)]).Should().Contain("identical");
    }

    private string Qemu(string command, string[] arguments)
    {
        Skip.IfNot(File.Exists("/usr/bin/qemu-img"), "qemu-img (package qemu-utils) is not installed");
        ProcessStartInfo start = new("/usr/bin/qemu-img", [command, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, $"qemu-img {command} {string.Join(' ', arguments)}: {output}{error}");
        return output;
    }

    private sealed class Files : IBlockFiles
    {
        public IBlockFile Open(BlockSource source) => BlockFile.Open(source);
    }
}
