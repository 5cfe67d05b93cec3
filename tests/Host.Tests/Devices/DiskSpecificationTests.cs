using Hospes.Host.Devices.Block;
using Hospes.Sdk;
using Hospes.Sxp;

namespace Hospes.Host.Tests.Devices;

public sealed class DiskSpecificationTests
{
    [Theory]
    [InlineData("hda", 768)]
    [InlineData("hda1", 769)]
    [InlineData("hdc", 5632)]
    [InlineData("sda", 2048)]
    [InlineData("sda1", 2049)]
    [InlineData("sdb", 2064)]
    [InlineData("sdq", 16640)]
    [InlineData("sdaa", 16800)]
    [InlineData("xvda", 51712)]
    [InlineData("xvda1", 51713)]
    [InlineData("xvdb", 51728)]
    [InlineData("xvdp15", 51967)]
    [InlineData("xvdq", 268439552)]
    [InlineData("0xca00", 51712)]
    [InlineData("ca00", 51712)]
    public void Names_have_the_numbers_of_the_fact_sheet(string name, int number) => DiskNumber.Parse(name).Should().Be(number);

    [Theory]
    [InlineData("xvda16")]
    [InlineData("hda64")]
    [InlineData("sda16")]
    [InlineData("hdu")]
    [InlineData("xvda0")]
    [InlineData("xvd")]
    [InlineData("")]
    [InlineData("xvda1 ")]
    [InlineData("fffffffff")]
    [InlineData("0")]
    public void What_is_no_disk_is_refused(string name) =>
        FluentActions.Invoking(() => DiskNumber.Parse(name)).Should().Throw<XendException>().WithMessage($"Unable to find number for device ({name})");

    [Fact]
    public void A_form_is_read()
    {
        DiskSpecification disk = Read("(tap (uname tap:qcow2:/images/a:b) (dev ioemu:/dev/xvdc:disk) (mode 'w!'))");
        disk.Should().BeEquivalentTo(new
        {
            Class = "tap", Driver = "tap:qcow2", Parameters = "/images/a:b", Name = "xvdc", IsCdrom = false, Mode = DiskMode.Force,
            StoreType = "tap", StoreParameters = "qcow2:/images/a:b",
        });
        Read("(vbd (uname '') (dev hdc:cdrom) (mode r))").Should().BeEquivalentTo(new { Driver = "", IsCdrom = true, Number = 5632 });
    }

    [Theory]
    [InlineData("(vbd (uname file:/a) (dev xvda) (mode rwx))", "Invalid mode: rwx")]
    [InlineData("(vbd (uname /a) (dev xvda) (mode r))", "*does not begin with a driver*")]
    [InlineData("(vbd (dev xvda) (mode r))", "*has no image*")]
    [InlineData("(vbd (uname file:/a) (mode r))", "*no device name*")]
    [InlineData("(vbd (uname file:/a) (dev xvda:tape) (mode r))", "*other than disk and cdrom*")]
    [InlineData("(vbd (uname file:/a) (dev xvda) (mode r) (backend 3))", "*not by domain '3'*")]
    public void Forms_that_are_no_disks_are_refused(string form, string message) =>
        FluentActions.Invoking(() => Read(form)).Should().Throw<XendException>().WithMessage(message);

    [Theory]
    [InlineData("Read", "Read", false)]
    [InlineData("Read", "Write", true)]
    [InlineData("Read", "Force", true)]
    [InlineData("Write", "Read", true)]
    [InlineData("Write", "Write", true)]
    [InlineData("Force", "Write", false)]
    public void Claims_conflict_as_the_rules_say(string wanted, string present, bool conflicts)
    {
        BlockClaims claims = new();
        BlockClaim first = new(new DomainId(1), Guid.NewGuid(), "file:8:1:7", Enum.Parse<DiskMode>(present));
        claims.Add([(first, "/a")]);
        Action second = () => claims.Add([(new BlockClaim(new DomainId(2), Guid.NewGuid(), "file:8:1:7", Enum.Parse<DiskMode>(wanted)), "/b")]);
        if (conflicts)
            second.Should().Throw<XendException>().WithMessage("\nDevice /b is mounted*");
        else
            second.Should().NotThrow();
    }

    [Fact]
    public void A_domain_that_restarts_does_not_stand_in_its_own_way()
    {
        BlockClaims claims = new();
        BlockClaim before = new(new DomainId(1), Guid.NewGuid(), "dev:8:1", DiskMode.Write);
        claims.Add([(before, "/dev/sda1")]);
        claims.Add([(before with { Domain = new DomainId(2) }, "/dev/sda1")]);
        BlockClaim other = new(new DomainId(3), Guid.NewGuid(), "dev:8:1", DiskMode.Read);
        FluentActions.Invoking(() => claims.Add([(other, "/dev/sda1")])).Should().Throw<XendException>();
        claims.Remove([before, before with { Domain = new DomainId(2) }]);
        claims.Add([(other, "/dev/sda1")]);
    }

    private static DiskSpecification Read(string form) => DiskSpecification.Read(SxpParser.ParseForm(form));
}
