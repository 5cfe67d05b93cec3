using Hospes.Host.Networks;

namespace Hospes.Host.Tests.Networks;

/// <summary>xend-config.sxp, as far as networks go.</summary>
public sealed class NetworkConfigurationTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("", "network-nat", "vif-nat", false)]
    [InlineData("(network-script network-bridge)", "network-bridge", "vif-bridge", true)]
    [InlineData("(network-script 'network-bridge netdev=eth0 bridge=br1')", "network-bridge netdev=eth0 bridge=br1", "vif-bridge", true)]
    [InlineData("(network-script network-route)", "network-route", "vif-route", true)]
    [InlineData("(network-script network-bridge) (vif-script 'vif-mine a=1')", "network-bridge", "vif-mine a=1", true)]
    [InlineData("(network-script)", null, "vif-nat", true)]
    [InlineData("# a comment\n(xend-port 8000)\n(vif-script vif-bridge)", "network-nat", "vif-bridge", false)]
    public void Scripts_are_what_it_says_or_what_goes_with_that(string text, string? network, string vif, bool isChosen)
    {
        File.WriteAllText(_path, text);
        NetworkConfiguration configuration = NetworkConfiguration.Read(_path);
        (configuration.NetworkScript?.ToString()).Should().Be(network);
        configuration.VifScript.ToString().Should().Be(vif);
        configuration.IsChosen.Should().Be(isChosen);
        configuration.ScriptTimeout.Should().Be(TimeSpan.FromSeconds(100));
    }

    [Theory]
    [InlineData("(network-script", "sequence of")]
    [InlineData("(device-create-timeout soon)", "expected int: soon")]
    [InlineData("(network-script 'network-bridge eth0')", "name=value")]
    public void What_cannot_be_read_is_said(string text, string mentioned)
    {
        File.WriteAllText(_path, text);
        Action read = () => NetworkConfiguration.Read(_path);
        read.Should().Throw<XendException>().Which.Message.Should().Contain(mentioned);
    }

    [Fact]
    public void No_file_says_nothing() => NetworkConfiguration.Read("/nowhere/xend-config.sxp").NetworkScript!.Name.Should().Be("network-nat");
}
