using System.Diagnostics;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>What cannot be meant is refused in words that help, and leaves nothing behind.</summary>
public sealed class BadInputTests(Appliance appliance) : IClassFixture<Appliance>
{
    [Fact]
    public async Task A_kernel_that_is_missing() =>
        await RefusedAsync(new GuestConfiguration("bad") { Kernel = "/nowhere/vmlinuz" }, "Kernel image does not exist: /nowhere/vmlinuz");

    [Fact]
    public async Task A_kernel_that_is_none() =>
        await RefusedAsync(new GuestConfiguration("bad") { Kernel = Temporary("text", "This is no kernel.\n"u8) }, "text");

    [Fact]
    public async Task A_kernel_that_is_cut_off() =>
        await RefusedAsync(new GuestConfiguration("bad") { Kernel = Temporary("half", (await File.ReadAllBytesAsync(Tree.CloudKernel)).AsSpan(0, 5_000_000)) }, "half");

    [Fact]
    public async Task A_kernel_for_another_architecture()
    {
        // An ELF header for AArch64 (machine 183, ELF specification, "Sun and HP supplement" table of e_machine), little-endian, executable, no segments.
        byte[] image = new byte[4096];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(image);
        image[16] = 2;
        image[18] = 183;
        image[20] = 1;
        image[52] = 64;
        await RefusedAsync(new GuestConfiguration("bad") { Kernel = Temporary("arm", image) }, "arm");
    }

    [Fact]
    public async Task A_ramdisk_that_is_missing() =>
        await RefusedAsync(new GuestConfiguration("bad") { Ramdisk = "/nowhere/initrd" }, "Kernel ramdisk does not exist: /nowhere/initrd");

    [Fact]
    public async Task A_ramdisk_larger_than_the_guest()
    {
        string path = Temporary("huge", []);
        await using (FileStream file = File.OpenWrite(path))
            file.SetLength(200L << 20);
        await RefusedAsync(new GuestConfiguration("bad") { Ramdisk = path, MemoryMiB = 128 }, "huge");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(100_000_000)]
    public async Task Memory_that_cannot_be(int mib) => await RefusedAsync(new GuestConfiguration("bad") { MemoryMiB = mib }, "emory");

    [Fact]
    public async Task A_variable_that_is_misspelt() => await RefusedAsync(new GuestConfiguration("bad") { More = "memmory = 5" }, "memmory", "memory");

    [Fact]
    public async Task A_file_with_a_syntax_error()
    {
        string path = Temporary("syntax.cfg", "name = \"bad\"\nmemory = = 5\n"u8);
        Answer answer = await appliance.XmAsync("create", path);
        answer.Failed("2");
        answer.Error.Should().Contain("syntax.cfg");
        await appliance.HasNoGuestAsync();
    }

    [SkippableFact]
    public async Task A_file_that_never_ends()
    {
        Skip.IfNot(Program.IsInstalled("python3"), "python3 is not installed");
        Answer answer = await appliance.XmAsync("create", Temporary("loop.cfg", "while 1:\n    pass\n"u8));
        answer.Failed("loop.cfg");
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task A_file_that_writes_files()
    {
        string target = Path.Combine(appliance.Root, "written");
        await appliance.XmAsync("create", Temporary("writer.cfg", System.Text.Encoding.UTF8.GetBytes($"f = open('{target}', 'w')\nf.write('x')\nf.close()\n")));
        File.Exists(target).Should().BeFalse("a configuration may compute, not act");
        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task A_file_that_is_missing() => (await appliance.XmAsync("create", "no-such-file")).Failed("Unable to open config file: no-such-file");

    [Fact]
    public async Task A_guest_that_does_not_exist()
    {
        foreach (string command in (string[])["destroy", "pause", "unpause", "reboot", "console", "domid"])
            (await appliance.XmAsync(command, "nobody")).Failed("Domain 'nobody' does not exist.");
    }

    [Fact]
    public async Task Domain_0_is_not_for_the_taking()
    {
        (await appliance.XmAsync("destroy", "Domain-0")).Failed("Cannot destroy privileged domain Domain-0");
        (await appliance.XmAsync("pause", "0")).Failed("Cannot pause privileged domain");
        (await appliance.XmAsync("shutdown", "0")).Failed("Domain 0 cannot be shutdown");
    }

    [Fact]
    public async Task A_second_appliance_on_the_same_root()
    {
        Answer second = await appliance.HostAsync("daemon");
        second.Status.Should().NotBe(0);
        second.Error.Should().Contain(appliance.Root);
        (await appliance.XmAsync("list")).Succeeded();
    }

    [Fact]
    public async Task Two_appliances_on_two_roots_know_nothing_of_each_other()
    {
        Appliance other = new();
        await other.InitializeAsync();
        try
        {
            (await other.XmAsync("create", "-p", other.Write(new GuestConfiguration("there")))).Succeeded();
            (await other.GuestsAsync()).Should().Equal("there");
            (await appliance.GuestsAsync()).Should().BeEmpty();
        }
        finally
        {
            await other.DisposeAsync();
        }

        await appliance.HasNoGuestAsync();
    }

    [Fact]
    public async Task Ctrl_C_in_the_middle_of_create()
    {
        ProcessStartInfo command = appliance.Command(Tree.Xm, "create", appliance.Write(new GuestConfiguration("undone")));
        using Process create = Process.Start(command)!;
        await Eventually.HoldsAsync(
            "the domain is being made", () => create.HasExited || Directory.EnumerateDirectories(appliance.Domains).Any(), TimeSpan.FromSeconds(30));
        (await Program.RunAsync(Program.Command("kill", "-INT", $"{create.Id}"))).Command.Should().NotBeEmpty();
        Answer answer = await Program.EndAsync(create);
        if (answer.Output.Contains("Started domain", StringComparison.Ordinal))
            (await appliance.XmAsync("destroy", "undone")).Succeeded(); // It was faster than the signal.
        else
            answer.Output.Should().Contain("Interrupted.");
        await appliance.HasNoGuestAsync();
    }

    private async Task RefusedAsync(GuestConfiguration configuration, params string[] words)
    {
        Answer answer = await appliance.XmAsync("create", appliance.Write(configuration));
        foreach (string word in words)
            answer.Failed(word);
        await appliance.HasNoGuestAsync();
    }

    private string Temporary(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(appliance.Root, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
