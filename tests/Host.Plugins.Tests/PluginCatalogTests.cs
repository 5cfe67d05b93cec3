using System.Reflection;
using System.Text.Json;
using Hospes.Sdk.Consoles;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Plugins;

public sealed class PluginCatalogTests : IDisposable
{
    private readonly PluginFolder _folder = new PluginFolder().WithGood();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Good_plugins_load_and_answer()
    {
        using PluginCatalog catalog = _folder.Load();
        catalog.Faults.Should().BeEmpty();
        catalog.IsUsable.Should().BeTrue();
        catalog.Names<IScheduler>().Should().Equal("good-scheduler");
        catalog.Get<IScheduler>("good-scheduler").Should().BeSameAs(catalog.Get<IScheduler>("good-scheduler"));
        catalog.Create<IScheduler>("good-scheduler").Should().NotBeSameAs(catalog.Create<IScheduler>("good-scheduler"));
        PluginReport report = catalog.Reports.Single();
        report.State.Should().Be(PluginState.Loaded);
        report.Version.Should().Be("1.2.3");
        report.Exports.Select(export => $"{export.Contract} {export.Name} {export.State}").Should().Equal(
            "execution-engine good-engine Loaded", "scheduler good-scheduler Loaded", "console-backend good-console Loaded");
        JsonSerializer.Serialize(report).Should().Contain("\"Loaded\"");
    }

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_the_nearest()
    {
        using PluginCatalog catalog = _folder.Load();
        catalog.Invoking(c => c.Get<IScheduler>("god-scheduler")).Should().Throw<KeyNotFoundException>().WithMessage("*scheduler*'god-scheduler'*'good-scheduler'*");
    }

    [Theory]
    [InlineData("text.dll", "not a .NET assembly")]
    [InlineData("native.dll", "not a .NET assembly")]
    [InlineData("empty.dll", "not a .NET assembly")]
    [InlineData("absent.dll", "no file")]
    [InlineData("folder.dll", "is a folder")]
    public void A_file_that_is_no_assembly_is_refused_and_the_rest_works(string file, string why)
    {
        string path = Path.Combine(_folder.Root, file);
        switch (file)
        {
            case "text.dll":
                File.WriteAllText(path, "hello");
                break;
            case "native.dll":
                File.WriteAllBytes(path, File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libcoreclr.so"))[..4096]);
                break;
            case "empty.dll":
                File.WriteAllText(path, "");
                break;
            case "folder.dll":
                Directory.CreateDirectory(path);
                break;
        }
        _folder.List(file);
        AssertRefused(_folder.Load(), file, why);
    }

    [Fact]
    public void An_assembly_without_a_contract_is_no_plugin() =>
        AssertRefused(Load(new EmittedPlugin("NoContract", contract: null).Export<SchedulerAttribute>("x")), "NoContract", "[assembly: PluginContract");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Another_contract_version_is_refused(int version) =>
        AssertRefused(Load(new EmittedPlugin("Other", version).Export<SchedulerAttribute>("x")), "Other", $"contract version {version}, and this host has version 1");

    [Fact]
    public void A_plugin_that_exports_nothing_is_told_how() => AssertRefused(Load(new EmittedPlugin("Nothing")), "Nothing", "exports nothing");

    [Theory]
    [InlineData("")]
    [InlineData("Credit")]
    [InlineData("two words")]
    public void A_name_that_nobody_could_write_is_refused(string name) =>
        AssertRefused(Load(new EmittedPlugin("Misnamed").Export<SchedulerAttribute>(name)), "Misnamed", $"name '{name}'");

    [Theory]
    [InlineData(Fault.NotImplementing, "does not implement IScheduler")]
    [InlineData(Fault.Abstract, "cannot be made")]
    [InlineData(Fault.ConstructorThrows, "no luck today*InvalidOperationException")]
    [InlineData(Fault.ConstructorHangs, "longer than 2 s")]
    [InlineData(Fault.ImportsTooMuch, "IDisposable*CompositionFailedException")]
    public void An_export_that_cannot_be_made_is_refused_and_its_neighbours_work(Fault fault, string why)
    {
        if (fault == Fault.ConstructorHangs)
            _folder.Options = _folder.Options with { Guard = new PluginGuardOptions { Timeout = TimeSpan.FromSeconds(2) } };
        _folder.Add(new EmittedPlugin("Half").Export<SchedulerAttribute>("bad", fault).Export<SchedulerAttribute>("fine"));
        using PluginCatalog catalog = _folder.Load();
        catalog.IsUsable.Should().BeTrue();
        catalog.Names<IScheduler>().Should().Equal("good-scheduler", "fine");
        catalog.Faults.Should().ContainSingle().Which.Message.Should().Match($"*scheduler 'bad'*{why}*");
        PluginReport report = catalog.Reports[1];
        report.State.Should().Be(PluginState.Loaded);
        report.Exports.Select(export => export.State).Should().Equal(PluginState.Refused, PluginState.Loaded);
        report.Exports[0].Reasons.Should().ContainSingle();
    }

    [Fact]
    public void A_missing_dependency_is_named_with_who_needs_it() =>
        AssertRefused(
            Load(new EmittedPlugin("Needy").Export<SchedulerAttribute>("x", needs: typeof(FluentAssertions.Primitives.StringAssertions))),
            "Needy", "Needy needs FluentAssertions 6.*");

    [Fact]
    public void A_dependency_of_a_dependency_is_missed_too()
    {
        var plugin = new EmittedPlugin("Deep").Export<SchedulerAttribute>("x", needs: typeof(FluentAssertions.Primitives.StringAssertions));
        string path = _folder.Add(plugin);
        string library = typeof(FluentAssertions.Primitives.StringAssertions).Assembly.Location;
        File.Copy(library, Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(library)));
        AssertRefused(_folder.Load(), "Deep", "FluentAssertions needs System.Configuration.ConfigurationManager*");
    }

    [Fact]
    public void The_hosts_own_libraries_are_not_there_for_plugins() =>
        AssertRefused(Load(new EmittedPlugin("Nosy").Export<SchedulerAttribute>("x", needs: typeof(Polly.ResiliencePipeline))), "Nosy", "needs Polly.Core*");

    [Fact]
    public void A_plugin_brings_its_own_copy_of_a_library_that_the_host_has_too()
    {
        Type library = typeof(Polly.ResiliencePipeline);
        string path = _folder.Add(new EmittedPlugin("Owner").Export<SchedulerAttribute>("x", needs: library));
        File.Copy(library.Assembly.Location, Path.Combine(Path.GetDirectoryName(path)!, "Polly.Core.dll"));
        using PluginCatalog catalog = _folder.Load();
        catalog.Faults.Should().BeEmpty();
        Type theirs = catalog.Get<IScheduler>("x").GetType().GetField("needed", BindingFlags.NonPublic | BindingFlags.Instance)!.FieldType;
        theirs.FullName.Should().Be(library.FullName);
        theirs.Should().NotBe(library);
    }

    [Fact]
    public void The_same_assembly_twice_is_loaded_once()
    {
        _folder.List($"plugins/../plugins/{_folder.Prefix}.Good.dll");
        using PluginCatalog catalog = _folder.Load();
        catalog.IsUsable.Should().BeTrue();
        catalog.Faults.Should().ContainSingle().Which.Message.Should().Match("*listed already at *plugins.json:2:*");
        catalog.Reports.Select(report => report.State).Should().Equal(PluginState.Loaded, PluginState.Refused);
    }

    [Fact]
    public void Two_assemblies_of_one_name_are_not_both_loaded()
    {
        _folder.Add(new EmittedPlugin("Twin").Export<SchedulerAttribute>("one"));
        _folder.Add(new EmittedPlugin("Twin").Export<SchedulerAttribute>("two"), folder: "elsewhere");
        AssertRefused(_folder.Load(), "elsewhere/Twin", "same name, Twin");
    }

    [Fact]
    public void A_name_taken_within_a_contract_stays_with_the_first()
    {
        _folder.Add(new EmittedPlugin("Late").Export<SchedulerAttribute>("good-scheduler").Export<ConsoleBackendAttribute>("good-scheduler"));
        using PluginCatalog catalog = _folder.Load();
        catalog.IsUsable.Should().BeTrue();
        catalog.Faults.Should().ContainSingle().Which.Message.Should().Match($"*scheduler 'good-scheduler' is exported already by * of *{_folder.Prefix}.Good.dll");
        catalog.Names<IScheduler>().Should().Equal("good-scheduler");
        catalog.Names<IConsoleBackend>().Should().Equal(["good-console", "good-scheduler"], "another contract has names of its own");
        catalog.Get<IScheduler>("good-scheduler").GetType().Assembly.GetName().Name.Should().Be($"{_folder.Prefix}.Good");
    }

    [Theory]
    [InlineData("""{ "x": { "sise": 1 } }""", "no setting 'sise'; did you mean 'size'?")]
    [InlineData("""{ "x": { "size": 1 } }""", "refuses its settings: size is 1; 2 to 4 are allowed")]
    [InlineData("{}", "refuses its settings: size is 1; 2 to 4 are allowed")]
    public void Settings_that_are_not_taken_refuse_the_export(string settings, string why)
    {
        string path = _folder.Add(new EmittedPlugin("Picky").Export<SchedulerAttribute>("x", setting: "size", refusal: "size is 1; 2 to 4 are allowed"), settings);
        using PluginCatalog catalog = _folder.Load();
        catalog.Faults.Should().ContainSingle().Which.Message.Should().Match($"*scheduler 'x'*{why}");
        catalog.Names<IScheduler>().Should().Equal("good-scheduler");
        path.Should().EndWith("Picky.dll");
    }

    [Fact]
    public void Settings_for_an_export_that_takes_none_are_pointed_at()
    {
        _folder.Add(new EmittedPlugin("Plain").Export<SchedulerAttribute>("x"), """{ "x": { "size": 1 } }""");
        using PluginCatalog catalog = _folder.Load();
        PluginFault fault = catalog.Faults.Should().ContainSingle().Subject;
        fault.Message.Should().Be("scheduler 'x' takes no settings");
        fault.Place.Should().StartWith($"{_folder.File}:3:");
    }

    [Fact]
    public void Settings_for_an_export_that_is_not_there_are_fatal()
    {
        _folder.Add(new EmittedPlugin("Typo").Export<SchedulerAttribute>("credit"), """{ "cerdit": { } }""");
        using PluginCatalog catalog = _folder.Load();
        catalog.IsUsable.Should().BeFalse();
        catalog.Faults.Should().ContainSingle().Which.Message.Should().Match("*Typo.dll exports no 'cerdit'; did you mean 'credit'?");
    }

    [Theory]
    [InlineData("auto", "nobody", "good-console", "no usable scheduler 'nobody'*good-scheduler")]
    [InlineData("auto", "good-scheduler", "good-consle", "no usable console 'good-consle'; did you mean 'good-console'?")]
    [InlineData("kvm", "good-scheduler", "good-console", "no usable engine 'kvm'*good-engine")]
    public void A_choice_that_nobody_exports_is_fatal(string engine, string scheduler, string console, string why)
    {
        using PluginCatalog catalog = _folder.Load(engine, scheduler, console);
        catalog.IsUsable.Should().BeFalse();
        PluginFault fault = catalog.Faults.Should().ContainSingle().Subject;
        fault.Message.Should().Match($"*{why}*");
        fault.Place.Should().StartWith($"{_folder.File}:4:");
    }

    [Fact]
    public void A_choice_that_is_refused_is_fatal_and_both_faults_are_told()
    {
        _folder.Add(new EmittedPlugin("Broken").Export<SchedulerAttribute>("broken", Fault.ConstructorThrows));
        using PluginCatalog catalog = _folder.Load(scheduler: "broken");
        catalog.Faults.Should().HaveCount(2);
        catalog.Invoking(c => c.ThrowIfUnusable()).Should().Throw<PluginCatalogException>().WithMessage("*2 faults*no luck today*no usable scheduler 'broken'*above*");
    }

    [Fact]
    public void Without_any_engine_there_is_nothing_to_choose_automatically()
    {
        using var folder = new PluginFolder();
        folder.Add(new EmittedPlugin($"{folder.Prefix}.E").Export<SchedulerAttribute>("good-scheduler").Export<ConsoleBackendAttribute>("good-console"));
        using PluginCatalog catalog = folder.Load();
        catalog.Faults.Should().ContainSingle().Which.Should().Match<PluginFault>(fault => fault.IsFatal && fault.Message.Contains("no usable engine"));
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        _folder.List("absent.dll");
        _folder.Add(new EmittedPlugin("Wrong", 9).Export<SchedulerAttribute>("w", needs: typeof(Polly.ResiliencePipeline)));
        _folder.Add(new EmittedPlugin("Thrower").Export<SchedulerAttribute>("t", Fault.ConstructorThrows).Export<ConsoleBackendAttribute>("n", Fault.NotImplementing));
        using PluginCatalog catalog = _folder.Load(console: "nothing");
        catalog.Faults.Should().HaveCount(6, string.Join('\n', catalog.Faults));
        catalog.Reports.Select(report => report.State).Should().Equal(PluginState.Loaded, PluginState.Refused, PluginState.Refused, PluginState.Refused);
    }

    [Fact]
    public void A_plugin_is_judged_before_any_of_its_code_is_loaded()
    {
        string path = _folder.Add(new EmittedPlugin("Unread", 9).Export<SchedulerAttribute>("x", Fault.ConstructorThrows));
        using PluginCatalog catalog = _folder.Load();
        catalog.Reports[1].Exports.Should().ContainSingle(export => export.Name == "x", "it was read");
        AppDomain.CurrentDomain.GetAssemblies().Should().NotContain(assembly => !assembly.IsDynamic && assembly.Location == path);
    }

    [Fact]
    public void A_process_makes_only_what_it_needs()
    {
        _folder.Options = _folder.Options with { Contracts = [typeof(IConsoleBackend)] };
        _folder.Add(new EmittedPlugin("Elsewhere").Export<SchedulerAttribute>("x", Fault.ConstructorThrows));
        using PluginCatalog catalog = _folder.Load(scheduler: "checked by the process that needs one");
        catalog.Faults.Should().BeEmpty();
        catalog.Reports[1].State.Should().Be(PluginState.Found);
        catalog.Get<IScheduler>("good-scheduler").Should().NotBeNull("it can be made later");
        catalog.Invoking(c => c.Get<IScheduler>("x")).Should().Throw<PluginFailureException>().WithMessage("plugin scheduler 'x' could not be made: no luck today");
    }

    [Fact]
    public void A_process_that_follows_another_loads_only_what_it_needs()
    {
        _folder.Options = _folder.Options with { Contracts = [typeof(IConsoleBackend)], AreKnownGood = true, Guard = new PluginGuardOptions { IsPlain = true } };
        _folder.Add(new EmittedPlugin("Elsewhere").Export<SchedulerAttribute>("x", Fault.ConstructorThrows));
        _folder.Add(new EmittedPlugin("Bad").Export<ConsoleBackendAttribute>("bad", Fault.ConstructorThrows));
        using PluginCatalog catalog = _folder.Load(scheduler: "checked by the process that needs one");
        catalog.Names<IConsoleBackend>().Should().Equal("good-console");
        catalog.Get<IConsoleBackend>("good-console").Should().NotBeNull();
        catalog.Faults.Should().ContainSingle().Which.ToString().Should().Contain("could not be made: no luck today");
        catalog.Invoking(c => c.Get<IScheduler>("x")).Should().Throw<KeyNotFoundException>("its assembly is not loaded");
    }

    [Fact]
    public void A_broken_plugins_file_leaves_an_empty_catalog()
    {
        _folder.WriteText("{");
        using PluginCatalog catalog = PluginCatalog.Load(_folder.File);
        catalog.IsUsable.Should().BeFalse();
        catalog.Reports.Should().BeEmpty();
    }

    [Fact]
    public void Engines_are_asked_in_order_whether_they_can_run()
    {
        using PluginCatalog catalog = _folder.Load();
        catalog.Invoking(c => EngineSelector.Select(c, "auto")).Should().Throw<InvalidOperationException>().WithMessage("no engine can run guests on this host (good-engine: *");
        catalog.Invoking(c => EngineSelector.Select(c, "kvm")).Should().Throw<KeyNotFoundException>().WithMessage("*'kvm'*");
    }

    [Fact]
    public void The_first_engine_that_can_run_is_chosen()
    {
        _folder.Add(new EmittedPlugin("Engines").Export<ExecutionEngineAttribute>("able-first").Export<ExecutionEngineAttribute>("able-second"));
        using PluginCatalog catalog = _folder.Load();
        EngineSelector.Select(catalog, "auto").Should().BeEquivalentTo(new { Name = "able-first", Detail = "as fast as anything" });
        EngineSelector.Select(catalog, "able-second").Name.Should().Be("able-second");
    }

    [Fact]
    public void A_constructor_may_import_the_hosts_logging()
    {
        var logging = new NamedLoggers();
        _folder.Options = _folder.Options with { LoggerFactory = logging };
        _folder.Add(new EmittedPlugin("Talker").Export<SchedulerAttribute>("talker", Fault.ImportsLogging));
        using PluginCatalog catalog = _folder.Load();
        catalog.Faults.Should().BeEmpty();
        logging.Names.Should().Equal("emitted");
    }

    private PluginCatalog Load(EmittedPlugin plugin)
    {
        _folder.Add(plugin);
        return _folder.Load();
    }

    // The one named is refused for this reason alone, and the good ones work on.
    private static void AssertRefused(PluginCatalog catalog, string assembly, string why)
    {
        using (catalog)
        {
            catalog.Faults.Should().ContainSingle().Which.ToString().Should().Contain(assembly).And.Match($"*{why}*".Replace("[", "?", StringComparison.Ordinal));
            catalog.IsUsable.Should().BeTrue();
            catalog.Reports[0].State.Should().Be(PluginState.Loaded);
            PluginReport refused = catalog.Reports[^1];
            refused.State.Should().Be(PluginState.Refused);
            refused.Reasons.Concat(refused.Exports.SelectMany(export => export.Reasons)).Should().NotBeEmpty();
        }
    }
}
