using System.Text.Json;
using Hospes.Host.DomainProcess;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Tests.Support;
using Hospes.Hypervisor.Domains;

namespace Hospes.Host.Tests.DomainProcess;

/// <summary>What the Host writes for a domain's process is what that reads.</summary>
public sealed class DomainLaunchReaderTests : IDisposable
{
    private static readonly DomainLaunch Launch = new()
    {
        PluginsFile = "/p",
        ConsoleSocket = "/s",
        ConsoleLog = "/l",
        Domain = new DomainConfiguration
        {
            DomainId = 65535,
            Name = "a/\u00fc'\"",
            Uuid = Guid.Parse("5b1b1f6e-0000-4000-8000-000000000003"),
            Kind = DomainKind.Pvh,
            Kernel = "/k",
            Ramdisk = "/r",
            CommandLine = "a b",
            MemoryMiB = 17,
            MaximumMemoryMiB = 18,
            Vcpus = 3,
            WallClockOffset = -3600,
            Engine = "scripted",
            Console = "socket",
            ConsoleHistoryBytes = 5,
        },
    };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_field_comes_through()
    {
        Read(Launch).Should().Be(Launch);
        Read(Launch with { Domain = Launch.Domain with { Ramdisk = null } }).Domain.Ramdisk.Should().BeNull();

        // A field that is new has to be in the reader, too, and in the example above with a value that it does not have by itself.
        foreach (System.Reflection.PropertyInfo property in typeof(DomainConfiguration).GetProperties().Where(static property => property.PropertyType != typeof(DomainKind)))
            property.GetValue(Launch.Domain).Should().NotBe(property.GetValue(new DomainConfiguration { DomainId = 0, Name = "", Uuid = default, Kernel = "", MemoryMiB = 0, MaximumMemoryMiB = 0 }), property.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"domain":{"domainId":-1}}""")]
    [InlineData("""{"domain":null}""")]
    public void What_is_none_is_refused(string text)
    {
        File.WriteAllText(_directory.File("config.json"), text);
        FluentActions.Invoking(() => DomainLaunchReader.Read(_directory.File("config.json"))).Should().Throw<XendException>().WithMessage("*config.json is not a domain's configuration: *");
    }

    private DomainLaunch Read(DomainLaunch launch)
    {
        File.WriteAllBytes(_directory.File("config.json"), JsonSerializer.SerializeToUtf8Bytes(launch, ControlJson.Default.DomainLaunch));
        return DomainLaunchReader.Read(_directory.File("config.json"));
    }
}
