using Hospes.Xm.Fakes;

namespace Hospes.Compat.Tests;

/// <summary>What xm prints, character by character: the manual's transcripts, and the fact sheet "xm" where the manual shows none.</summary>
public sealed class Transcripts : IDisposable
{
    private const string Domain0 = """
        {"domid":0,"name":"Domain-0","uuid":"00000000-0000-0000-0000-000000000000","memoryMiB":1949,"vcpus":4,"onlineVcpus":4,"state":"r-----","cpuTime":391.2,"startTime":0}
        """;

    private const string Demo = """
        {"domid":3,"name":"demo","uuid":"5b1b1f6e-0000-4000-8000-000000000003","memoryMiB":128,"vcpus":2,"onlineVcpus":1,"state":"-b----","cpuTime":2.84,"startTime":1700000000.1}
        """;

    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void List_with_the_columns_of_the_manual()
    {
        _xm.Xend.HasDomains(Demo, Domain0);

        _xm.Run("list").Should().Be(new XmRun(
            0,
            "Name                                      ID Mem(MiB) VCPUs State   Time(s)\n"
            + "Domain-0                                   0     1949     4 r-----    391.2\n"
            + "demo                                       3      128     1 -b----      2.8\n",
            ""));
    }

    [Fact]
    public void List_of_named_domains_and_of_a_state()
    {
        _xm.Xend.HasDomains(Demo, Domain0);

        _xm.Run("list", "3").Out.Should().EndWith("Time(s)\ndemo                                       3      128     1 -b----      2.8\n");
        _xm.Run("list", "--state=paused").Out.Should().Be("Name                                      ID Mem(MiB) VCPUs State   Time(s)\n");
        _xm.Run("list", "--state=running").Out.Split('\n').Should().HaveCount(4);
    }

    [Fact]
    public void Long_list_in_sxp()
    {
        _xm.Xend.HasDomains(Demo, Domain0);
        _xm.Xend.Answer(
            "GET /v1/domains/sxp",
            "(domain (domid 3) (uuid 5b1b1f6e-0000-4000-8000-000000000003) (vcpus 1) (name demo) (image (linux (kernel /boot/vmlinuz) (args 'root=/dev/sda1 ro'))))"
            + "(domain (domid 0) (name Domain-0))");

        _xm.Run("list", "-l").Out.Should().Be("""
            (domain (domid 0) (name Domain-0))
            (domain
                (domid 3)
                (uuid 5b1b1f6e-0000-4000-8000-000000000003)
                (vcpus 1)
                (name demo)
                (image (linux (kernel /boot/vmlinuz) (args 'root=/dev/sda1 ro')))
            )

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Vcpu_list()
    {
        _xm.Xend.HasDomains(Demo);
        _xm.Xend.Answer("GET /v1/host", """{"nr_cpus":4}""");
        _xm.Xend.Answer("GET /v1/domains/5b1b1f6e-0000-4000-8000-000000000003/vcpus", """
            [{"number":0,"online":true,"blocked":true,"running":false,"cpuTime":1.5,"pcpu":2,"affinity":[0,1,2,3]},
             {"number":1,"online":true,"blocked":false,"running":true,"cpuTime":12345.67,"pcpu":3,"affinity":[0,1,3]},
             {"number":2,"online":false,"blocked":false,"running":false,"cpuTime":0,"pcpu":0,"affinity":[]}]
            """);

        _xm.Run("vcpu-list", "demo").Should().Be(new XmRun(
            0,
            "Name                                ID  VCPU   CPU State   Time(s) CPU Affinity\n"
            + "demo                                 3     0     2   -b-       1.5 any cpu\n"
            + "demo                                 3     1     3   r--   12345.7 0-1,3\n"
            + "demo                                 3     2     -   --p       0.0 no cpus\n",
            ""));
    }

    [Fact]
    public void Info()
    {
        _xm.Xend.Answer("GET /v1/host", """
            {"system":"Linux","host":"box","nr_cpus":4,"node_to_cpu":"node0:0-1\nnode1:2-3","xen_scheduler":"credit","xen_changeset":null,"cc_compiler":""}
            """);

        _xm.Run("info").Should().Be(new XmRun(
            0,
            "host                   : box\n"
            + "nr_cpus                : 4\n"
            + "node_to_cpu            : node0:0-1\n"
            + "                         node1:2-3\n"
            + "xen_scheduler          : credit\n"
            + "xen_changeset          : (none)\n"
            + "cc_compiler            : (none)\n",
            ""));
    }

    [Fact]
    public void Uptime()
    {
        _xm.Xend.HasDomains(Demo, Domain0);
        _xm.Environment = _xm.Environment with { Clock = new FixedClock(DateTimeOffset.FromUnixTimeSeconds(1700000000 + (2 * 86400) + 61)) };

        _xm.Run("uptime").Out.Should().Be(
            "Name                               ID Uptime\n"
            + "Domain-0                            0 1 day,  2:03:04\n"
            + "demo                                3 2 days,  0:01:00\n");
        _xm.Run("uptime", "-s", "demo").Out.Should().Be(" 22:14:21 up 2 days,  0:01, demo (3)\n");
    }

    [Fact]
    public void Create_as_in_the_manual()
    {
        _xm.Write("domain1.xm", "kernel = \"/boot/vmlinuz-\"\nmemory = 128\nname = \"domain1\"\nvif = [ '' ]\ndhcp = \"dhcp\"\n");
        _xm.Xend.Answer("POST /v1/domains", """{"domid":4,"name":"domain1","uuid":"u","state":"--p---"}""");

        _xm.Run("create", "domain1.xm").Should().Be(new XmRun(0, "Using config file \"domain1.xm\".\nStarted domain domain1\n", ""));
    }

    [Fact]
    public void Refusal_of_create_as_in_the_manual()
    {
        _xm.Write("domain2.xm", "kernel = \"/boot/vmlinuz-\"\n");
        _xm.Xend.Refuse("POST /v1/domains", 2, "(1, 'Operation not permitted')");

        _xm.Run("create", "domain2.xm").Should().Be(
            new XmRun(1, "Using config file \"domain2.xm\".\n", "Error: (1, 'Operation not permitted')\n"));
    }

    [Fact]
    public void Manual_configuration_with_continued_lines()
    {
        _xm.Write("domain1.xm", """
            kernel = "/boot/vmlinuz-"
            memory = 128
            name = "domain1"
            vif = [ '' ]
            dhcp = "dhcp"
            disk = ['file:/home/xen/dom_fc5/fedora.fc5.img,sda1,w', \
            'file:/home/xen/dom_fc5/fedora.swap,sda2,w']
            root = "/dev/sda1 ro"
            """);

        _xm.Run("create", "-qn", "domain1.xm").Should().Be(new XmRun(0, """
            (vm
                (name domain1)
                (memory 128)
                (vcpus 1)
                (image
                    (linux
                        (kernel /boot/vmlinuz-)
                        (ip :1.2.3.4::::eth0:dhcp)
                        (root '/dev/sda1 ro')
                    )
                )
                (device
                    (vbd (uname file:/home/xen/dom_fc5/fedora.fc5.img) (dev sda1) (mode w))
                )
                (device
                    (vbd (uname file:/home/xen/dom_fc5/fedora.swap) (dev sda2) (mode w))
                )
                (device (vif))
            )

            """.ReplaceLineEndings("\n"), ""));
    }

    [Fact]
    public void Pci_devices_on_the_command_line_as_in_the_manual()
    {
        _xm.Write("netcard-dd", "kernel = '/boot/vmlinuz'\n");

        _xm.Run("create", "-n", "netcard-dd", "pci=01:00.0", "pci=02:03.0").Out.Should().Contain("""
                (device
                    (pci
                        (dev (domain 0x0) (bus 0x1) (slot 0x0) (func 0x0))
                        (dev (domain 0x0) (bus 0x2) (slot 0x3) (func 0x0))
                    )
                )
            """.ReplaceLineEndings("\n"));
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
