using Hospes.Hypervisor.Builders;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class CommandLineTests
{
    [Fact]
    public void Nothing_gives_nothing() => CommandLine.Assemble(new CommandLineSettings()).Should().BeEmpty();

    [Fact]
    public void Root_ip_and_extra_come_in_this_order() => CommandLine.Assemble(new CommandLineSettings
    {
        Root = "/dev/sda1 ro",
        Extra = "4 VMID=1",
        Ip = "192.168.1.2",
        Netmask = "255.255.255.0",
        Gateway = "192.168.1.1",
        Hostname = "domain-1.xeno",
    }).Should().Be("root=/dev/sda1 ro ip=192.168.1.2:1.2.3.4:192.168.1.1:255.255.255.0:domain-1.xeno:eth0:off 4 VMID=1");

    [Fact]
    public void Dhcp_alone_asks_for_an_address() =>
        CommandLine.Assemble(new CommandLineSettings { Dhcp = "dhcp", Interface = "eth1" }).Should().Be("ip=:1.2.3.4::::eth1:dhcp");

    [Fact]
    public void Address_parts_without_address_or_dhcp_are_not_used() =>
        CommandLine.Assemble(new CommandLineSettings { Netmask = "255.0.0.0", Gateway = "10.0.0.1", Dhcp = "off", Extra = "quiet" }).Should().Be("quiet");

    [Fact]
    public void An_nfs_root_stands_before_extra_and_its_server_in_ip() => CommandLine.Assemble(new CommandLineSettings
    {
        Root = "/dev/nfs", NfsServer = "10.0.0.1", NfsRoot = "/srv/guest", Extra = "rw", Ip = "10.0.0.2",
    }).Should().Be("root=/dev/nfs ip=10.0.0.2:10.0.0.1::::eth0:off nfsroot=10.0.0.1:/srv/guest rw");

    [Fact]
    public void An_nfs_root_without_server_is_refused() =>
        FluentActions.Invoking(() => CommandLine.Assemble(new CommandLineSettings { NfsRoot = "/srv" }))
            .Should().Throw<DomainBuildException>().WithMessage("nfs_root is set to /srv, but nfs_server is not set");

    [Theory]
    [InlineData("/dev/xvda1", "10.0.0.2:::::", "quiet", "root=/dev/xvda1 ip=10.0.0.2::::: quiet")]
    [InlineData("root=/dev/xvda1", "", "", "root=/dev/xvda1")]
    [InlineData("/dev/a", "", "root=/dev/b quiet", "root=/dev/b quiet")]
    [InlineData("", "1.1.1.1", "ip=dhcp", "ip=dhcp")]
    [InlineData("/dev/nfs", "1.1.1.1", "nfsroot=2.2.2.2:/x zip=1", "root=/dev/nfs ip=1.1.1.1 nfsroot=2.2.2.2:/x zip=1")]
    [InlineData(null, null, null, "")]
    [InlineData(null, null, "  console=hvc0  ", "console=hvc0")]
    public void The_parts_of_an_image_form_are_put_together(string? root, string? ip, string? arguments, string expected) =>
        CommandLine.Assemble(root, ip, arguments).Should().Be(expected);

    [Fact]
    public void The_longest_line_fits_and_one_more_does_not()
    {
        CommandLine.Assemble(null, null, new string('a', 2047)).Should().HaveLength(2047);
        FluentActions.Invoking(() => CommandLine.Assemble("r", null, new string('a', 2041)))
            .Should().Throw<DomainBuildException>().WithMessage("Kernel command line is 2048 characters long, and 2047 are possible: shorten extra");
    }

    [Fact]
    public void Length_counts_bytes_as_the_guest_does() =>
        FluentActions.Invoking(() => CommandLine.Assemble(null, null, new string('ä', 1024))).Should().Throw<DomainBuildException>();

    [Theory]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void A_character_that_would_end_the_line_is_refused(string arguments) =>
        FluentActions.Invoking(() => CommandLine.Assemble(null, null, arguments)).Should().Throw<DomainBuildException>().WithMessage("*at position 1");
}
