namespace Hospes.Host.Plugins;

public sealed class PluginsFileReaderTests : IDisposable
{
    private readonly PluginFolder _folder = new();
    private readonly List<PluginFault> _faults = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_file_is_read_with_paths_relative_to_it()
    {
        PluginsFile file = Read("""
            // comments and trailing commas are fine
            { "plugins": [ { "assembly": "a/b.dll", "settings": { "x": { "size": 3 } } }, { "assembly": "/c/d.dll" }, ],
              "engine": "e", "scheduler": "s", "console": "c" }
            """);
        _faults.Should().BeEmpty();
        file.Plugins.Select(plugin => plugin.Path).Should().Equal(Path.Combine(_folder.Root, "a/b.dll"), "/c/d.dll");
        file.Plugins[0].Settings.Single().Value.Element.GetProperty("size").GetInt32().Should().Be(3);
        file.Choices.Select(choice => choice.Name).Should().Equal("e", "s", "c");
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        Read("{}").Choices.Select(choice => choice.Name).Should().Equal("auto", "credit", "socket");
        _faults.Should().BeEmpty();
    }

    [Theory]
    [InlineData("{\n  \"plugins\": [\n    { \"assembly\" \"x\" }\n  ]\n}", ":3:18", "not JSON")]
    [InlineData("{ \"engine\": \"x\"", ":1:16", "not JSON")]
    [InlineData("", ":1:1", "not JSON")]
    [InlineData("{} {}", ":1:4", "not JSON")]
    [InlineData("[]", ":1:1", "whole file*object*list")]
    [InlineData("{\n  \"enigne\": \"auto\"\n}", ":2:3", "unknown key 'enigne'; did you mean 'engine'?")]
    [InlineData("{ \"colour\": 1 }", ":1:3", "unknown key 'colour'; known here: console, engine, plugins, scheduler")]
    [InlineData("{ \"plugins\": [ { \"asembly\": \"x\", \"assembly\": \"y\" } ] }", ":1:18", "unknown key 'asembly'; did you mean 'assembly'?")]
    [InlineData("{ \"plugins\": {} }", ":1:14", "'plugins' is to be a list*object")]
    [InlineData("{ \"plugins\": [ 7 ] }", ":1:16", "a plugin is to be an object*number")]
    [InlineData("{ \"plugins\": [ {} ] }", ":1:16", "does not say which 'assembly'")]
    [InlineData("{ \"plugins\": [ { \"assembly\": true } ] }", ":1:30", "'assembly' is to be a text*true")]
    [InlineData("{ \"plugins\": [ { \"assembly\": \" \" } ] }", ":1:30", "'assembly' is empty")]
    [InlineData("{ \"plugins\": [ { \"assembly\": \"x\", \"settings\": [] } ] }", ":1:47", "'settings' is to be an object*list")]
    [InlineData("{ \"plugins\": [ { \"assembly\": \"x\", \"settings\": { \"e\": 1 } } ] }", ":1:54", "the settings of 'e' is to be an object*number")]
    [InlineData("{ \"engine\": null }", ":1:13", "'engine' is to be a text*null")]
    [InlineData("{ \"engine\": \"\" }", ":1:13", "'engine' is empty")]
    [InlineData("{ \"engine\": \"a\", \"engine\": \"b\" }", ":1:18", "'engine' is given a second time")]
    [InlineData("{ \"ü\": 1, \"enginee\": \"x\" }", ":1:11", "did you mean 'engine'?")]
    public void Every_fault_has_its_place_and_cause(string json, string place, string message)
    {
        Read(json);
        _faults.Should().Contain(fault => fault.Place == _folder.File + place && fault.IsFatal)
            .Which.Message.Should().Match($"*{message}*");
    }

    [Fact]
    public void All_faults_are_reported_together()
    {
        Read("""{ "plugin": [], "engine": 1, "console": "", "plugins": [ {}, { "assembly": 1, "x": 2 } ] }""");
        _faults.Should().HaveCount(6);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        PluginsFileReader.Read(_folder.File, _faults);
        _faults.Should().ContainSingle().Which.Should().Match<PluginFault>(fault => fault.IsFatal && fault.Place == _folder.File);
    }

    private PluginsFile Read(string json)
    {
        _folder.WriteText(json);
        return PluginsFileReader.Read(_folder.File, _faults);
    }
}
