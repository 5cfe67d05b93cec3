using Hospes.Host.Devices.Block;

namespace Hospes.Host.Tests.Devices;

/// <summary>What xend-config.sxp says of disks.</summary>
public sealed class BlockConfigurationTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("", false)]
    [InlineData("(blkif-persistent-grants yes)", true)]
    [InlineData("(vif-script vif-nat) (blkif-persistent-grants no)", false)]
    public void Grants_are_kept_where_it_says_so(string text, bool isOffered)
    {
        File.WriteAllText(_path, text);
        BlockConfiguration.Read(_path).OffersPersistentGrants.Should().Be(isOffered);
    }

    [Theory]
    [InlineData("(blkif-persistent-grants perhaps)", "perhaps")]
    [InlineData("(blkif-persistent-grants", "not a sequence")]
    public void What_cannot_be_read_is_said(string text, string mentioned)
    {
        File.WriteAllText(_path, text);
        FluentActions.Invoking(() => BlockConfiguration.Read(_path)).Should().Throw<XendException>().WithMessage($"*{mentioned}*");
    }

    [Fact]
    public void No_file_says_nothing() => BlockConfiguration.Read("/nowhere/xend-config.sxp").OffersPersistentGrants.Should().BeFalse();
}
