using Hospes.Host.Networks;
using Hospes.Host.Startup.Configuration;

namespace Hospes.Host.Tests.Networks;

/// <summary>xend-config.sxp, as far as networks go.</summary>
public sealed class NetworkConfigurationTests
{
    [Theory]
    [InlineData("", "network-nat", "vif-nat", false)]
    [InlineData("(network-script network-bridge)", "network-bridge", "vif-bridge", true)]
    [InlineData("(network-script 'network-bridge netdev=eth0 bridge=br1')", "network-bridge netdev=eth0 bridge=br1", "vif-bridge", true)]
    [InlineData("(network-script network-route)", "network-route", "vif-route", true)]
    [InlineData("(network-script network-bridge) (vif-script 'vif-mine a=1')", "network-bridge", "vif-mine a=1", true)]
    [InlineData("(network-script '')", null, "vif-nat", true)]
    [InlineData("# a comment\n(xend-port 8000)\n(vif-script vif-bridge)", "network-nat", "vif-bridge", false)]
    public void Scripts_are_what_it_says_or_what_goes_with_that(string text, string? network, string vif, bool isChosen)
    {
        NetworkConfiguration configuration = Read(text);
        (configuration.NetworkScript?.ToString()).Should().Be(network);
        configuration.VifScript.ToString().Should().Be(vif);
        configuration.IsChosen.Should().Be(isChosen);
        configuration.ScriptTimeout.Should().Be(TimeSpan.FromSeconds(100));
    }

    [Fact]
    public void A_script_has_the_time_that_it_says() => Read("(device-create-timeout 7)").ScriptTimeout.Should().Be(TimeSpan.FromSeconds(7));

    [Theory]
    [InlineData("(device-create-timeout soon)", "expected int: soon")]
    [InlineData("(device-destroy-timeout 0)", "expected int: 0 is no number of seconds")]
    [InlineData("(network-script 'network-bridge eth0')", "name=value")]
    public void What_cannot_be_read_is_said(string text, string mentioned) =>
        FluentActions.Invoking(() => Read(text)).Should().Throw<XendException>().Which.Message.Should().Contain(mentioned);

    private static NetworkConfiguration Read(string text) => new(XendConfiguration.Parse(text, "file"));
}
