using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json;
using Hospes.Sdk;
using Hospes.Sdk.Consoles;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Plugins;

/// <summary>The appliance's own plugins and a stranger's, as the build made them.</summary>
public sealed class PluginLoaderTests : IDisposable
{
    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Our_plugins_and_a_third_partys_work_together()
    {
        _folder.Options = _folder.Options with { Contracts = [typeof(IScheduler), typeof(IConsoleBackend)] };
        _folder.List(PluginFolder.Built("Hospes.Plugins.Schedulers"), """{ "round-robin": { "slice-ms": 7 } }""");
        _folder.List(PluginFolder.Built("Hospes.Plugins.Consoles"));
        _folder.List(PluginFolder.Built("ThirdPartyPlugin"));
        using PluginCatalog catalog = _folder.Load(scheduler: "round-robin", console: "socket");
        catalog.ThrowIfUnusable();
        catalog.Faults.Should().BeEmpty();
        catalog.Names<IScheduler>().Should().BeEquivalentTo("credit", "null", "round-robin", "sedf", "latest-first");
        foreach (string name in (string[])["round-robin", "latest-first"])
            RunsSomebody(catalog.Create<IScheduler>(name)).Slice.Should().Be(Nanoseconds.FromMilliseconds(name == "round-robin" ? 7 : 10));

        using IConsole console = catalog.Get<IConsoleBackend>("socket").Open(new ConsoleSettings("demo", Path.Combine(_folder.Root, "c.sock"), null, 10));
        console.Write("hello"u8);
        File.Exists(Path.Combine(_folder.Root, "c.sock")).Should().BeTrue();
    }

    [Fact]
    public void A_setting_out_of_bounds_refuses_the_scheduler_at_its_place()
    {
        _folder.Options = _folder.Options with { Contracts = [typeof(IScheduler)] };
        _folder.List(PluginFolder.Built("Hospes.Plugins.Schedulers"), """{ "round-robin": { "slice-ms": 0 } }""");
        using PluginCatalog catalog = _folder.Load(scheduler: "round-robin");
        catalog.IsUsable.Should().BeFalse();
        catalog.Faults[0].ToString().Should().Match($"{_folder.File}:2:*slice-ms is 0*1 to 1000*");
    }

    [Fact]
    public void A_plugins_folder_holds_no_copy_of_the_contracts()
    {
        foreach (string plugin in new[] { "Hospes.Plugins.Schedulers", "Hospes.Plugins.Consoles", "ThirdPartyPlugin" })
        {
            Directory.GetFiles(Path.GetDirectoryName(PluginFolder.Built(plugin))!, "*.dll").Select(Path.GetFileName)
                .Should().Equal($"{plugin}.dll");
        }
    }

    [Fact]
    public void A_plugin_lives_in_a_context_of_its_own_and_shares_the_contracts()
    {
        using PluginLoader loader = PluginLoader.CreateFromAssemblyFile(PluginFolder.Built("ThirdPartyPlugin"), SharedAssemblies.Types);
        Assembly plugin = loader.LoadDefaultAssembly();
        AssemblyLoadContext.GetLoadContext(plugin).Should().NotBe(AssemblyLoadContext.Default);
        AssemblyLoadContext.GetLoadContext(plugin)!.IsCollectible.Should().BeTrue();
        loader.LoadAssembly(new AssemblyName("Hospes.Plugins.Sdk")).Should().BeSameAs(typeof(IScheduler).Assembly);
        loader.LoadAssembly(new AssemblyName("System.Runtime")).Should().NotBeNull();
        loader.Invoking(l => l.LoadAssembly(new AssemblyName("Hospes.Core.Hypervisor"))).Should().Throw<FileNotFoundException>("it is the host's own");
    }

    [Fact]
    public void A_catalog_that_has_ended_is_unloaded()
    {
        WeakReference context = LoadAndDrop();
        for (int attempt = 0; attempt < 20 && context.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        context.IsAlive.Should().BeFalse();
    }

    [Fact]
    public void The_file_that_is_shipped_is_in_order()
    {
        string file = Path.Combine(SourceRoot(), "plugins.json");
        List<PluginFault> faults = [];
        PluginsFile shipped = PluginsFileReader.Read(file, faults);
        faults.Should().BeEmpty();
        shipped.Plugins.Should().NotBeEmpty();
        JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateObject().Should().HaveCount(5, "it shows every key");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference LoadAndDrop()
    {
        _folder.Options = _folder.Options with { Contracts = [typeof(IScheduler)] };
        _folder.List(PluginFolder.Built("ThirdPartyPlugin"));
        using PluginCatalog catalog = _folder.Load(scheduler: "latest-first");
        catalog.ThrowIfUnusable();
        return new WeakReference(AssemblyLoadContext.GetLoadContext(catalog.Get<IScheduler>("latest-first").GetType().Assembly));
    }

    private static SchedulingDecision RunsSomebody(IScheduler scheduler)
    {
        var vcpu = new VcpuKey(new DomainId(1), new VcpuId(0));
        scheduler.Start(1, default);
        scheduler.Add(vcpu, default);
        scheduler.Wake(vcpu, default);
        SchedulingDecision decision = scheduler.Next(new PcpuId(0), default);
        decision.Vcpu.Should().Be(vcpu);
        return decision;
    }

    private static string SourceRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Directory.Packages.props")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("the tests do not run in the source tree");
        return folder;
    }
}
