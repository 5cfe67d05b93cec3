using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>network-attach, network-detach, network-list (fact sheet "xm", section 9).</summary>
public sealed class NetworkCommandTests : IDisposable
{
    private const string Header = "Idx BE     MAC Addr.     handle state evt-ch tx-/rx-ring-ref BE-path\n";

    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Theory]
    [InlineData("POST /v1/domains/demo/device-attach (vif)", "network-attach", "demo")]
    [InlineData("POST /v1/domains/demo/device-attach (vif (mac 00:16:3e:00:00:01) (bridge xenbr0))", "network-attach", "demo", "mac=00:16:3e:00:00:01", "bridge=xenbr0")]
    [InlineData("POST /v1/domains/demo/device-detach {\"class\":\"vif\",\"device\":\"0\",\"force\":0}", "network-detach", "demo", "0")]
    [InlineData("POST /v1/domains/demo/device-detach {\"class\":\"vif\",\"device\":\"1\",\"force\":1}", "network-detach", "demo", "1", "-f")]
    public void One_request_and_no_output(string request, params string[] arguments)
    {
        _ = _xm.Xend;
        _xm.Run(arguments).Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Select(static made => made.Trim()).Should().Equal(request);
    }

    [Theory]
    [InlineData("colour=blue")]
    [InlineData("mac")]
    [InlineData("=1")]
    public void What_is_no_key_is_refused(string word)
    {
        _ = _xm.Xend;
        XmRun run = _xm.Run("network-attach", "demo", word);
        run.ExitCode.Should().Be(1);
        run.Error.Should().Be($"Error: Invalid argument: {word}\n");
        _xm.Xend.Requests.Should().BeEmpty();
    }

    [Fact]
    public void A_list_has_Xens_columns()
    {
        _xm.Xend.Answer("GET /v1/domains/demo/devices/vif", """
            [{"id":0,"backendId":0,"handle":0,"state":4,"backendPath":"/local/domain/0/backend/vif/3/0","front":{"mac":"00:16:3e:00:00:01","event-channel":"8","tx-ring-ref":"520","rx-ring-ref":"521"}},
             {"id":1,"backendId":0,"handle":1,"state":1,"backendPath":"/local/domain/0/backend/vif/3/1","front":{}}]
            """);
        _xm.Run("network-list", "demo").Should().Be(new XmRun(
            0,
            Header
            + "0   0  00:16:3e:00:00:01    0     4      8     520  /521     /local/domain/0/backend/vif/3/0  \n"
            + "1   0  ??                   1     1      -1    -1   /-1      /local/domain/0/backend/vif/3/1  \n",
            ""));
    }

    [Fact]
    public void Without_interfaces_there_is_not_even_a_header()
    {
        _xm.Xend.Answer("GET /v1/domains/demo/devices/vif", "[]");
        _xm.Run("network-list", "demo").Should().Be(new XmRun(0, "", ""));
        _xm.Run("network-list").Out.Should().StartWith("No domain parameter given\n");
    }
}
