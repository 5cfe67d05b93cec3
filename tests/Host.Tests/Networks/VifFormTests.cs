using Hospes.Host.Devices.Network;
using Hospes.Sxp;

namespace Hospes.Host.Tests.Networks;

/// <summary>What people write about an interface.</summary>
public sealed class VifFormTests
{
    [Theory]
    [InlineData("10Mb/s@20ms", 25_000u, 20_000u)]
    [InlineData("10Mb/s", 62_500u, 50_000u)]
    [InlineData("1MB/s", 50_000u, 50_000u)]
    [InlineData("100KB/s@1s", 100_000u, 1_000_000u)]
    [InlineData("1GB/s@100us", 100_000u, 100u)]
    [InlineData("7b/s", uint.MaxValue, 0u)]
    [InlineData("0Mb/s", uint.MaxValue, 0u)]
    [InlineData("10Mb/s@0ms", uint.MaxValue, 0u)]
    [InlineData("99999999999999999999GB/s", uint.MaxValue, 0u)]
    [InlineData("fast", uint.MaxValue, 0u)]
    [InlineData("", uint.MaxValue, 0u)]
    public void A_rate_is_bytes_in_an_interval(string text, uint bytes, uint interval) => VifRate.Parse(text).Should().Be(new VifRate(bytes, interval));

    [Fact]
    public void What_is_missing_is_chosen_once()
    {
        SxpList whole = VifSpecification.Complete(SxpParser.ParseForm("(vif (bridge xenbr0))"));
        VifSpecification vif = VifSpecification.Read(whole);
        vif.Mac.ToString().Should().MatchRegex("^00:16:3e:[0-7][0-9a-f]:");
        vif.Bridge.Should().Be("xenbr0");
        VifSpecification.Complete(whole).Should().BeSameAs(whole);
        VifSpecification.Read(VifSpecification.Complete(SxpParser.ParseForm("(vif)"))).Mac.Should().NotBe(vif.Mac);
    }

    [Theory]
    [InlineData("(vif (mac 01:16:3e:00:00:01))", "multicast")]
    [InlineData("(vif (mac 00:00:00:00:00:00))", "no interface's address")]
    [InlineData("(vif (mac 00:16:3e:00:00))", "is not of the form")]
    [InlineData("(vif (ip '10.0.0.1 10.0.0.300'))", "10.0.0.300")]
    [InlineData("(vif (ip 10.0.0.1/33))", "10.0.0.1/33")]
    [InlineData("(vif (ip 10))", "'10'")]
    [InlineData("(vif (vifname a/b))", "a/b")]
    [InlineData("(vif (vifname sixteencharacter))", "16 characters")]
    [InlineData("(vif (bridge sixteencharacter))", "16 characters")]
    [InlineData("(vif (backend 3))", "Domain-0")]
    [InlineData("(vif (type ioemu))", "HVM")]
    [InlineData("(vif (colour blue))", "colour")]
    [InlineData("(vif (script 'vif-x y'))", "name=value")]
    public void What_cannot_be_is_refused_by_name(string form, string mentioned)
    {
        Action read = () => VifSpecification.Read(VifSpecification.Complete(SxpParser.ParseForm(form)));
        read.Should().Throw<XendException>().Which.Message.Should().Contain(mentioned);
    }

    [Fact]
    public void All_that_the_manual_names_is_understood()
    {
        VifSpecification vif = VifSpecification.Read(VifSpecification.Complete(SxpParser.ParseForm(
            "(vif (type netfront) (mac aa:0:0:0:0:11) (bridge br0) (ip '10.0.0.5 10.1.0.0/16 fd00::1') (script 'vif-mine a=b') (backend 0) (vifname mine) (rate 1Mb/s) (model x) (accel y))")));
        vif.Mac.ToString().Should().Be("aa:00:00:00:00:11");
        vif.Addresses.Select(static address => address.ToString()).Should().Equal("10.0.0.5/32", "10.1.0.0/16", "fd00::1/128");
        vif.Script!.Name.Should().Be("vif-mine");
        vif.Script.Words.Should().Equal("a=b");
        vif.Name.Should().Be("mine");
    }

    [Fact]
    public void An_address_or_name_that_another_guest_has_is_refused_until_it_is_given_back()
    {
        VifClaims claims = new();
        VifSpecification one = Vif("(vif (mac 00:16:3e:00:00:01) (ip 10.0.0.1))");
        IDisposable claim = claims.Claim("vif1.0", "one", one);
        Refused("vif2.0", Vif("(vif (mac 00:16:3e:00:00:01))")).Should().Be("The mac \"00:16:3e:00:00:01\" is already defined, by vif1.0 of domain 'one'");
        Refused("vif2.0", Vif("(vif (ip '10.9.9.9 10.0.0.1'))")).Should().Contain("The ip \"10.0.0.1\" is already used");
        Refused("vif1.0", Vif("(vif)")).Should().Contain("The vifname \"vif1.0\" is already used");
        claim.Dispose();
        claims.Claim("vif1.0", "two", one).Dispose();

        string Refused(string name, VifSpecification vif)
        {
            Action again = () => claims.Claim(name, "two", vif);
            return again.Should().Throw<XendException>().Which.Message;
        }

        static VifSpecification Vif(string form) => VifSpecification.Read(VifSpecification.Complete(SxpParser.ParseForm(form)));
    }
}
