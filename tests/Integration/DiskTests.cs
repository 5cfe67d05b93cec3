using System.Globalization;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>Disks of a guest that runs: what it reads and writes, what comes and goes, what is refused.</summary>
public sealed class DiskTests(DiskGuest guest) : IClassFixture<DiskGuest>
{
    private Appliance Appliance => guest.Appliance;

    [Fact]
    public async Task What_the_guest_writes_is_in_the_image()
    {
        string sum = await guest.RunAsync("dd if=/dev/urandom of=/tmp/r bs=64k count=16 2>/dev/null; dd if=/tmp/r of=/dev/xvda bs=64k conv=fsync 2>/dev/null; md5sum /tmp/r");
        byte[] written = (await File.ReadAllBytesAsync(guest.Image))[..(1 << 20)];
        sum.Should().Contain(Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(written)) + "  /tmp/r");
    }

    [Fact]
    public async Task A_file_system_holds_files()
    {
        string said = await guest.RunAsync(
            "mke2fs -q /dev/xvda 2>/dev/null; mkdir -p /m; mount -t ext2 /dev/xvda /m 2>/dev/null || mount -t ext4 /dev/xvda /m; echo kept >/m/file; umount /m; mount -t ext4 /dev/xvda /m; cat /m/file; umount /m");
        said.Should().Contain("kept");
    }

    [Fact]
    public async Task Disks_of_every_format_come_and_go()
    {
        foreach (string format in (string[])["raw", "qcow", "qcow2", "vmdk"])
        {
            string path = Path.Combine(Appliance.Root, $"extra.{format}");
            (await Appliance.HostAsync("image", "create", "--format", format, path, "8M")).Succeeded();
            string driver = format == "raw" ? "tap:aio" : $"tap:{format}";
            (await Appliance.XmAsync("block-attach", DiskGuest.Name, $"{driver}:{path}", "xvdb", "w")).Succeeded();
            (await guest.RunAsync("while ! [ -b /dev/xvdb ]; do sleep 0.1; done; cat /etc/rc | dd of=/dev/xvdb conv=fsync 2>/dev/null; head -c $(wc -c </etc/rc) /dev/xvdb | cmp - /etc/rc && echo same"))
                .Should().Contain("same");
            (await Appliance.XmAsync("block-list", DiskGuest.Name)).Succeeded().Output.Should().Contain("51728").And.Contain("/local/domain/0/backend/tap/");
            (await Appliance.XmAsync("block-detach", DiskGuest.Name, "xvdb")).Succeeded();
            (await guest.RunAsync("while [ -b /dev/xvdb ]; do sleep 0.1; done; echo gone")).Should().Contain("gone");
            (await Appliance.HostAsync("image", "check", path)).Succeeded().Output.Should().Contain("No errors");
            File.Delete(path);
        }

        (await Appliance.XmAsync("block-list", DiskGuest.Name)).Succeeded().Lines.Should().HaveCount(2, "a header and the one disk that stays");
    }

    [Fact]
    public async Task What_cannot_be_a_disk_is_refused_by_name()
    {
        string root = Appliance.Root;
        await File.WriteAllBytesAsync(Path.Combine(root, "empty"), []);
        await File.WriteAllTextAsync(Path.Combine(root, "short"), "not a sector");
        await File.WriteAllBytesAsync(Path.Combine(root, "readonly"), new byte[4096]);
        (await Program.RunAsync(Program.Command("mkfifo", Path.Combine(root, "fifo")))).Succeeded();
        await RefusedAsync($"file:{root}/missing", "xvdc", $"Device 51744 (vbd) could not be connected. {root}/missing does not exist.");
        await RefusedAsync($"file:{root}", "xvdc", "is a directory");
        await RefusedAsync($"file:{root}/fifo", "xvdc", "is a FIFO, not a file or block device");
        await RefusedAsync($"file:{root}/empty", "xvdc", "is empty");
        await RefusedAsync($"file:{root}/short", "xvdc", "is empty");
        await RefusedAsync($"tap:qcow2:{root}/readonly", "xvdc", "is no qcow2 image");
        await RefusedAsync($"phy:{root}/readonly", "xvdc", "is a file, not a block device");
        await RefusedAsync("phy:null", "xvdc", "is a character device");
        await RefusedAsync("file:relative", "xvdc", "is not absolute");
        await RefusedAsync($"tap:nonsense:{root}/empty", "xvdc", "tap:nonsense not a valid disk type");
        await RefusedAsync($"enbd:{root}/empty", "xvdc", "Block device type \"enbd\" is invalid");
        await RefusedAsync($"file:{root}/readonly", "xvda16", "Unable to find number for device (xvda16)");
        await RefusedAsync($"file:{root}/readonly", "banana", "Unable to find number for device (banana)");
        await RefusedAsync($"file:{guest.Image}", "xvda", "is already connected");
        (await Appliance.XmAsync("block-attach", DiskGuest.Name, $"file:{root}/readonly", "xvdc", "x")).Failed("Invalid mode");
        (await Appliance.XmAsync("block-detach", DiskGuest.Name, "xvdq")).Failed("Device xvdq not connected");
        (await Appliance.XmAsync("block-configure", DiskGuest.Name, $"file:{root}/readonly", "xvda", "r")).Failed("Refusing to reconfigure device vbd:51712");
        (await guest.RunAsync("cat /sys/block/xvda/size")).Should().Contain("131072", "the guest and its disk are as they were");
    }

    [Fact]
    public async Task A_disk_that_another_domain_writes_is_not_given_away()
    {
        string path = Appliance.Write(new GuestConfiguration("second") { More = $"disk = ['file:{guest.Image},xvda,w']" });
        (await Appliance.XmAsync("create", path)).Failed($"Device 51712 (vbd) could not be connected.\nDevice {guest.Image} is mounted in a guest domain,\nand so cannot be mounted now.");
        path = Appliance.Write(new GuestConfiguration("second") { More = $"disk = ['file:{guest.Image},xvda,r']" });
        (await Appliance.XmAsync("create", path)).Failed($"Device {guest.Image} is mounted read-write in a guest domain,\nand so cannot be mounted read-only now.");
        path = Appliance.Write(new GuestConfiguration("second") { More = $"disk = ['file:{guest.Image},xvda,w!']" });
        (await Appliance.XmAsync("create", "-p", path)).Succeeded();
        (await Appliance.XmAsync("destroy", "second")).Succeeded();
    }

    [Fact]
    public async Task Top_counts_what_goes_to_and_from_disks()
    {
        string[] before = await TopRowAsync();
        (await guest.RunAsync("echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/xvda of=/dev/null bs=4k count=64 2>/dev/null; echo read")).Should().Contain("read");
        string[] after = await TopRowAsync();
        int disks = Array.IndexOf((await TopAsync())[0], "VBDS");
        after[disks].Should().Be("1");
        int reads = Array.IndexOf((await TopAsync())[0], "VBD_RD");
        (int.Parse(after[reads], CultureInfo.InvariantCulture) - int.Parse(before[reads], CultureInfo.InvariantCulture)).Should().BePositive();
    }

    [Fact]
    public async Task A_medium_changes_in_its_drive()
    {
        string root = Appliance.Root;
        await File.WriteAllBytesAsync(Path.Combine(root, "one.iso"), [.. Enumerable.Repeat((byte)'1', 4096)]);
        await File.WriteAllBytesAsync(Path.Combine(root, "two.iso"), [.. Enumerable.Repeat((byte)'2', 4096)]);
        (await Appliance.XmAsync("block-attach", DiskGuest.Name, $"file:{root}/one.iso", "xvdd:cdrom", "r")).Succeeded();
        (await guest.RunAsync("while ! [ -b /dev/xvdd ]; do sleep 0.1; done; dd if=/dev/xvdd bs=512 count=1 2>/dev/null | head -c 4; echo; echo x >/dev/xvdd || echo refused")).Should().Contain("1111").And.Contain("refused");
        (await Appliance.XmAsync("block-configure", DiskGuest.Name, $"file:{root}/two.iso", "xvdd:cdrom", "r")).Succeeded();
        (await guest.RunAsync("echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/xvdd bs=512 count=1 2>/dev/null | head -c 4; echo")).Should().Contain("2222");
        (await Appliance.XmAsync("block-detach", DiskGuest.Name, "xvdd")).Succeeded();
    }

    [SkippableFact]
    public async Task A_script_of_ones_own_makes_disks_as_Xens_did()
    {
        Skip.IfNot(Program.IsInstalled("xenstore-read"), "xenstore-read (package xenstore-utils) is not installed");
        string root = Appliance.Root;
        string image = Path.Combine(root, "scripted.img");
        await File.WriteAllBytesAsync(image, [.. Enumerable.Repeat((byte)'s', 1 << 20)]);
        Script("block-mine", $"""
            echo "$1 $XENBUS_TYPE $(xenstore-read -s $XENBUS_PATH/params)" >>{root}/said
            [ $1 = remove ] || xenstore-write -s $XENBUS_PATH/physical-device-path {image}
            """);
        Script("block-bad", "echo 'no such portal' >&2; exit 1");
        Script("block-busy", "xenstore-write -s $XENBUS_PATH/hotplug-status busy $XENBUS_PATH/hotplug-error 'somebody has it'");
        Script("block-idle", "true");
        (await Appliance.XmAsync("block-attach", DiskGuest.Name, "mine:portal 20004", "xvde", "r")).Succeeded();
        (await guest.RunAsync("while ! [ -b /dev/xvde ]; do sleep 0.1; done; head -c 3 /dev/xvde; echo; cat /sys/block/xvde/size")).Should().Contain("sss").And.Contain("2048");
        (await Appliance.XmAsync("block-detach", DiskGuest.Name, "xvde")).Succeeded();
        (await File.ReadAllLinesAsync(Path.Combine(root, "said"))).Should().Equal("add vbd portal 20004", "remove vbd portal 20004");
        await RefusedAsync("bad:x", "xvdf", "no such portal");
        await RefusedAsync("busy:x", "xvdf", "somebody has it");
        await RefusedAsync("idle:x", "xvdf", "has written neither physical-device nor node");
        (await Appliance.XmAsync("block-attach", DiskGuest.Name, $"phy:{image}", "xvdf", "r", "script=block-mine")).Succeeded();
        (await Appliance.XmAsync("block-detach", DiskGuest.Name, "xvdf")).Succeeded();
        (await Appliance.XmAsync("block-attach", DiskGuest.Name, $"phy:{image}", "xvdf", "r", "script=../../bin/sh")).Failed("only scripts there are run");
        (await Appliance.XmAsync("block-list", DiskGuest.Name)).Succeeded().Lines.Should().HaveCount(2, "what was refused has left nothing");
    }

    [Fact]
    public async Task Sixty_four_disks_of_one_guest_work()
    {
        const int count = 64;
        List<string> disks = [];
        for (int number = 0; number < count; number++)
        {
            string path = Path.Combine(Appliance.Root, $"many-{number}.img");
            await File.WriteAllBytesAsync(path, [.. Enumerable.Repeat((byte)(number + 1), 64 << 10)]);
            string letters = number < 26 ? $"{(char)('a' + number)}" : $"{(char)('a' + (number / 26) - 1)}{(char)('a' + (number % 26))}";
            disks.Add($"'file:{path},xvd{letters},w'");
        }

        await Appliance.BootAsync(new GuestConfiguration("many") { MemoryMiB = 192, More = $"disk = [{string.Join(", ", disks)}]" });
        using (ConsoleWatcher console = new(Appliance, await Appliance.DomidAsync("many")))
        {
            await console.TypeAsync("until [ $(ls -d /dev/xvd* | wc -l) = 64 ]; do sleep 0.1; done; for d in /dev/xvd*; do head -c 1 $d; done | md5sum; echo all''read\n");
            string expected = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(ByName(count)));
            (await console.UntilAsync("allread")).Should().Contain(expected, "each disk has what its own image has");
        }

        (await Appliance.XmAsync("block-list", "many")).Succeeded().Lines.Should().HaveCount(count + 1);
        (await Appliance.XmAsync("destroy", "many")).Succeeded();
    }

    // In the order of a shell's pattern: xvda, xvdaa, xvdab, ..., xvdb, ...
    private static byte[] ByName(int count) =>
    [
        .. Enumerable.Range(0, count)
            .Select(static number => (Name: number < 26 ? $"{(char)('a' + number)}" : $"{(char)('a' + (number / 26) - 1)}{(char)('a' + (number % 26))}", Value: (byte)(number + 1)))
            .OrderBy(static disk => disk.Name, StringComparer.Ordinal).Select(static disk => disk.Value),
    ];

    private void Script(string name, string text)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(Appliance.Root, "etc/xen/scripts")).FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<string[][]> TopAsync() =>
        [.. (await Appliance.XmAsync("top", "-b", "-i", "1")).Succeeded().Lines.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private async Task<string[]> TopRowAsync() => (await TopAsync()).Single(static row => row[0] == DiskGuest.Name);

    private async Task RefusedAsync(string uname, string device, string message) =>
        (await Appliance.XmAsync("block-attach", DiskGuest.Name, uname, device, "w")).Failed(message);
}
