using System.Diagnostics;
using System.Text;
using Hospes.Host.BootLoader;
using Hospes.Host.Tests.Support;
using Hospes.Sdk.Storage;

namespace Hospes.Host.Tests.BootLoader;

/// <summary>Kernels out of real file systems, and what damaged ones do.</summary>
public sealed class DiskBootLoaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("ext2", "-b 1024")]
    [InlineData("ext3", "-b 4096")]
    [InlineData("ext4", "-b 4096")]
    [InlineData("ext4", "-b 1024 -O ^64bit,^metadata_csum")]
    public void The_default_entry_of_a_grub_menu_is_found(string type, string options)
    {
        byte[] kernel = Bytes(3_000_001), ramdisk = Bytes(70_000);
        IBlockImage disk = FileSystem(type, options, new()
        {
            ["boot/vmlinuz-6.1"] = kernel,
            ["boot/initrd.img-6.1"] = ramdisk,
            ["boot/vmlinuz-5.0"] = [1],
            ["boot/grub/grub.cfg"] = Encoding.UTF8.GetBytes("""
                set version=6.1
                set default="1"
                menuentry 'Old' { # a comment
                    linux /boot/vmlinuz-5.0 root=/dev/old
                }
                submenu 'More' {
                menuentry "New, and ${version}" --class os {
                    insmod ext2
                    linux   /boot/vmlinuz-${version} root=/dev/xvda  ro "quiet"
                    initrd  /boot/initrd.img-$version
                }
                }
                """),
        });
        BootFiles found = DiskBootLoader.Load(disk, null);
        found.Kernel.Should().Equal(kernel);
        found.Ramdisk.Should().Equal(ramdisk);
        found.Arguments.Should().Be("root=/dev/xvda ro quiet");
        DiskBootLoader.Load(disk, "Old").Kernel.Should().Equal(1);
    }

    [SkippableFact]
    public void The_older_menu_and_links_are_understood()
    {
        IBlockImage disk = FileSystem("ext3", "", new()
        {
            ["boot/real"] = [5, 6],
            ["boot/grub/menu.lst"] = "default 0\ntimeout 5\ntitle One\nroot (hd0,0)\nkernel (hd0,0)/vmlinuz root=/dev/sda1\n"u8.ToArray(),
        }, ("vmlinuz", "boot/./real"));
        DiskBootLoader.Load(disk, null).Should().BeEquivalentTo(new BootFiles([5, 6], null, "root=/dev/sda1", "One"));
    }

    [SkippableFact]
    public void A_link_to_itself_is_told()
    {
        IBlockImage disk = FileSystem("ext4", "", [], ("vmlinuz", "vmlinuz"));
        FluentActions.Invoking(() => DiskBootLoader.Load(disk, null)).Should().Throw<IOException>().WithMessage("*more than 20 links*");
    }

    [Fact]
    public void A_disk_without_anything_says_what_was_looked_at() =>
        FluentActions.Invoking(() => DiskBootLoader.Load(new Disk(new byte[1 << 20]), null)).Should().Throw<IOException>()
            .WithMessage("Boot loader didn't return any data! It looked at the whole disk: no ext2, ext3 or ext4.");

    [SkippableFact]
    public void Damage_anywhere_is_an_error_and_never_worse()
    {
        Disk disk = (Disk)FileSystem("ext4", "", new() { ["vmlinuz"] = Bytes(50_000), ["boot/grub/grub.cfg"] = Bytes(2000) });
        byte[] whole = [.. disk.Bytes];
        Random random = new(4);
        int survived = 0;
        for (int round = 0; round < 300; round++)
        {
            whole.CopyTo(disk.Bytes, 0);
            for (int hit = 0; hit < 40; hit++)
                random.NextBytes(disk.Bytes.AsSpan(1024 + (random.Next(200) * 512) + random.Next(500), 8));
            try
            {
                DiskBootLoader.Load(disk, null);
                survived++;
            }
            catch (IOException)
            {
                // The only answer there may be.
            }
        }

        survived.Should().BeLessThan(300);
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private IBlockImage FileSystem(string type, string options, Dictionary<string, byte[]> files, params (string Name, string Target)[] links)
    {
        const string program = "/usr/sbin/mkfs.ext4";
        Skip.IfNot(File.Exists(program), "mkfs.ext4 (package e2fsprogs) is not installed");
        string tree = _directory.File($"tree-{Guid.NewGuid():N}");
        Directory.CreateDirectory(tree);
        foreach ((string name, byte[] content) in files)
        {
            string path = Path.Combine(tree, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }

        foreach ((string name, string target) in links)
            File.CreateSymbolicLink(Path.Combine(tree, name), target);
        string image = _directory.File($"image-{Guid.NewGuid():N}");
        using Process process = Process.Start(new ProcessStartInfo(
            program, ["-q", "-t", type, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-d", tree, image, "16M"]))!;
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
        return new Disk(File.ReadAllBytes(image));
    }

    private sealed class Disk(byte[] bytes) : IBlockImage
    {
        public byte[] Bytes => bytes;

        public long Length => bytes.Length;

        public bool IsWritable => false;

        public void Read(long offset, Span<byte> into) => bytes.AsSpan((int)offset, into.Length).CopyTo(into);

        public void Write(long offset, ReadOnlySpan<byte> from) => throw new NotSupportedException();

        public void Flush()
        {
            // Nothing is written.
        }

        public void Dispose()
        {
            // Nothing is open.
        }
    }
}
