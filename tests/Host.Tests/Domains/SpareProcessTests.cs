using System.Globalization;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;
using Hospes.Host.Verbs;

namespace Hospes.Host.Tests.Domains;

/// <summary>The process that is kept ready for the next domain: who it becomes, and that it never stays behind.</summary>
public sealed class SpareProcessTests : IAsyncLifetime
{
    private readonly Appliance _appliance = Appliance.Unstarted();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task It_becomes_the_next_domains_and_another_takes_its_place()
    {
        await _appliance.StartDaemonAsync();
        int spare = await SpareAsync();
        int domid = await CreateAsync("first");

        _appliance.ProcessOf(domid).Should().Be(spare);
        string directory = _appliance.Paths.Domain((ushort)domid);
        (await File.ReadAllTextAsync($"/proc/{spare}/cmdline")).Should().Contain($"\0domain\0--directory\0{directory}\0").And.NotContain(SpareVerb.Name);
        (await File.ReadAllTextAsync($"/proc/{spare}/comm")).Trim().Should().Be("first");
        (await File.ReadAllTextAsync(_appliance.Paths.DomainLog("first"))).Should().Contain($"begins as process {spare}");
        await _appliance.PostAsync("v1/domains/first/unpause");
        await _appliance.WaitForStateAsync("first", "-b----");
        int next = await SpareAsync();
        next.Should().NotBe(spare);
        Spares().Should().ContainSingle("one at most is kept");

        await _appliance.PostAsync("v1/domains/first/destroy");
        _appliance.ShouldHaveNothingOf(domid);
        _appliance.ProcessOf(await CreateAsync("second")).Should().Be(next);
    }

    [Theory]
    [InlineData(Libc.SignalTerminate)]
    [InlineData(Libc.SignalKill)]
    public async Task It_ends_with_its_daemon_and_what_it_became_does_not(int signal)
    {
        await _appliance.StartDaemonAsync();
        int domid = await CreateAsync("stays");
        int process = _appliance.ProcessOf(domid);
        int spare = await SpareAsync();

        await _appliance.StopDaemonAsync(signal);
        if (signal == Libc.SignalTerminate)
            Spares().Should().BeEmpty("who stops waits for it");
        await Eventually.True(() => Spares().Length == 0 && !Directory.Exists($"/proc/{spare}"), "nobody keeps a process for a daemon that is gone");

        await _appliance.StartDaemonAsync();
        await _appliance.WaitForStateAsync("stays", "--p---");
        _appliance.ProcessOf(domid).Should().Be(process);
    }

    [Fact]
    public async Task One_that_died_is_not_missed()
    {
        await _appliance.StartDaemonAsync();
        int spare = await SpareAsync();
        using (ProcessHandle process = ProcessHandle.TryOpen(spare)!)
            process.Signal(Libc.SignalKill);

        int domid = await CreateAsync("cold");
        _appliance.ProcessOf(domid).Should().NotBe(spare);
        (await _appliance.StateAsync("cold")).Should().Be("--p---");
    }

    [Fact]
    public async Task One_of_other_plugins_is_not_used()
    {
        await _appliance.StartDaemonAsync();
        int spare = await SpareAsync();
        await File.AppendAllTextAsync(_appliance.PluginsFile, "\n");

        _appliance.ProcessOf(await CreateAsync("new")).Should().NotBe(spare);
        await Eventually.True(() => !Directory.Exists($"/proc/{spare}"), "the one of before is ended");
        _appliance.ProcessOf(await CreateAfterAsync("newer", await SpareAsync())).Should().NotBe(spare);
    }

    [Fact]
    public async Task None_is_kept_where_none_is_wanted()
    {
        await File.WriteAllTextAsync(_appliance.Paths.ConfigurationFile, "(spare-domain-process no)\n");
        await _appliance.StartDaemonAsync();
        await CreateAsync("alone");
        Spares().Should().BeEmpty();
    }

    private async Task<int> CreateAfterAsync(string name, int spare)
    {
        int domid = await CreateAsync(name);
        _appliance.ProcessOf(domid).Should().Be(spare);
        return domid;
    }

    private async Task<int> CreateAsync(string name) => (int)(await _appliance.CreateAsync(Appliance.Form(name, _appliance.Kernel("k", "W"u8))))["domid"]!;

    private Task<int> SpareAsync() => Eventually.Value<int>(() => Spares() is [int spare] ? spare : null);

    private int[] Spares() =>
        [.. from directory in Directory.EnumerateDirectories("/proc")
            let name = Path.GetFileName(directory)
            where name.All(char.IsAsciiDigit)
            let words = Words(name)
            where words.Contains(SpareVerb.Name) && words.Any(word => word.StartsWith(_appliance.Paths.Domains, StringComparison.Ordinal))
            select int.Parse(name, CultureInfo.InvariantCulture)];

    private static string[] Words(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
