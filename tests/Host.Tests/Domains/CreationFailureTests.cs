using System.Text.Json.Nodes;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Domains;

/// <summary>Creations that fail: clear words, and nothing left of them.</summary>
public sealed class CreationFailureTests : IAsyncLifetime
{
    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Theory]
    [InlineData("this is text and no kernel")]
    [InlineData("")]
    [InlineData("\u007fELF")]
    public async Task A_file_that_is_no_kernel_is_named_and_leaves_nothing(string content)
    {
        string path = _appliance.Temporary("no-kernel");
        await File.WriteAllTextAsync(path, content);
        (await RefusedAsync(Appliance.Form("bad", path))).Message.Should().Contain(path);
        ShouldHaveNothing();
    }

    [Fact]
    public async Task A_kernel_that_needs_more_memory_than_there_is_is_refused()
    {
        string kernel = _appliance.Temporary("large");
        await File.WriteAllBytesAsync(kernel, TestGuests.TinyKernel.FromCode("W"u8, new TestGuests.TinyKernelOptions { ZeroedBytes = 64 << 20 }));
        (await RefusedAsync(Appliance.Form("large", kernel))).Message.Should().Contain(kernel);
        ShouldHaveNothing();
    }

    [Fact]
    public async Task A_ramdisk_larger_than_memory_is_refused()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        string ramdisk = _appliance.Temporary("initrd");
        await using (FileStream file = File.Create(ramdisk))
            file.SetLength(64 << 20);
        FaultException fault = await RefusedAsync($"(vm (name r) (memory 16) (engine scripted) (image (linux (kernel '{kernel}') (ramdisk '{ramdisk}'))))");
        fault.Message.Should().Contain(ramdisk);
        ShouldHaveNothing();
    }

    [Fact]
    public async Task More_memory_than_the_host_has_is_refused_in_xends_words()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        FaultException fault = await RefusedAsync($"(vm (name big) (memory 100000000) (engine scripted) (image (linux (kernel '{kernel}'))))");
        fault.Message.Should().MatchRegex(@"I need \d+ KiB but only have \d+\. \(Needs 100000000 MiB: .* guests hold 0 of \d+ MiB\.\)$");
        ShouldHaveNothing();
    }

    [Fact]
    public async Task An_unknown_engine_is_refused_with_those_there_are()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        FaultException fault = await RefusedAsync($"(vm (name e) (memory 16) (engine warp) (image (linux (kernel '{kernel}'))))");
        fault.Message.Should().Contain("'warp'").And.Contain("scripted");
        ShouldHaveNothing();
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_its_holder_unharmed()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        JsonNode holder = await _appliance.CreateAsync(Appliance.Form("twice", kernel));
        (await RefusedAsync(Appliance.Form("twice", kernel))).Message.Should().Be($"VM name 'twice' already exists as domain {holder["domid"]}");
        (await _appliance.StateAsync("twice")).Should().Be("--p---");
    }

    [Fact]
    public async Task A_client_that_goes_away_takes_its_half_made_domain_with_it()
    {
        using CancellationTokenSource interrupt = new();
        Task<JsonNode> creation = _appliance.CreateAsync(StuckForm("slow"), interrupt.Token);
        await Eventually.True(
            () => creation.IsCompleted || _appliance.Processes().Any(line => line.Contains("--name\0slow", StringComparison.Ordinal)), "the domain's process runs");
        if (creation.IsCompleted)
            (await creation).Should().BeNull("its engine never gets ready"); // throws what refused it
        await interrupt.CancelAsync();
        await FluentActions.Awaiting(() => creation).Should().ThrowAsync<OperationCanceledException>();
        await Eventually.True(() => !Directory.EnumerateDirectories(_appliance.Paths.Domains).Any(), "the directory is gone");
        await Eventually.True(() => File.ReadAllText(_appliance.Paths.XendLog).Contains("domain slow (1) was not created", StringComparison.Ordinal), "the log says so");
        ShouldHaveNothing();
        (await _appliance.CreateAsync(Appliance.Form("slow", _appliance.Kernel("k", "W"u8))))["domid"]!.GetValue<int>().Should().Be(2);
    }

    [Fact]
    public async Task A_process_that_dies_while_building_is_told_with_its_log()
    {
        Task<JsonNode> creation = _appliance.CreateAsync(StuckForm("dying"));
        await Eventually.True(() => File.Exists(Path.Combine(_appliance.Paths.Domain(1), "pid")), "the domain's process runs");
        using (Host.Native.ProcessHandle process = Host.Native.ProcessHandle.TryOpen(_appliance.ProcessOf(1))!)
            process.Signal(Host.Native.Libc.SignalKill);
        (await FluentActions.Awaiting(() => creation).Should().ThrowAsync<FaultException>()).WithMessage("*was ended by signal 9*domain-dying.log*");
        ShouldHaveNothing();
    }

    [SkippableFact]
    public async Task A_full_disk_is_named_and_leaves_nothing()
    {
        Skip.If(Host.Native.Libc.EffectiveUser() != 0, "a small file system can be mounted by root only");
        string directory = _appliance.Paths.Domains;
        using (System.Diagnostics.Process mount = System.Diagnostics.Process.Start("mount", ["-t", "tmpfs", "-o", "size=4096,nr_inodes=3", "none", directory]))
        {
            await mount.WaitForExitAsync();
            Skip.If(mount.ExitCode != 0, "this machine lets nobody mount a file system");
        }

        try
        {
            string kernel = _appliance.Kernel("k", "W"u8);
            (await RefusedAsync(Appliance.Form("full", kernel))).Message.Should().Contain("No space left on device");
            ShouldHaveNothing();
        }
        finally
        {
            using System.Diagnostics.Process unmount = System.Diagnostics.Process.Start("umount", [directory]);
            await unmount.WaitForExitAsync();
        }
    }

    private async Task<FaultException> RefusedAsync(string form)
    {
        FaultException fault = (await FluentActions.Awaiting(() => _appliance.CreateAsync(form)).Should().ThrowAsync<FaultException>()).Which;
        fault.Code.Should().Be(2);
        return fault;
    }

    private void ShouldHaveNothing()
    {
        Directory.EnumerateFileSystemEntries(_appliance.Paths.Domains).Should().BeEmpty();
        _appliance.Store.List("/local/domain").Should().Equal("0");
        _appliance.Store.List("/vm").Should().ContainSingle();
        _appliance.Processes().Should().NotContain(line => line.Contains("\0domain\0", StringComparison.Ordinal));
    }

    // Its process waits until it is ended.
    private string StuckForm(string name) => $"(vm (name {name}) (memory 16) (engine stuck) (image (linux (kernel '{_appliance.Kernel("k", "W"u8)}'))))";
}
