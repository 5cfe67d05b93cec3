using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Scheduling;
using Hospes.Sdk;
using Hospes.Sxp;

namespace Hospes.Host.Tests.Domains;

/// <summary>What <c>xm list --long</c> shows and xend stores is what <c>xm create -F</c> reads: the same domain, for whatever configuration.</summary>
public sealed class VmFormTests
{
    private static readonly string[] Actions = ["destroy", "restart", "preserve", "rename-restart"];
    private static readonly string[] Odd = ["", "a b", "it's", "say \"no\"", "back\\slash", "tab\there", "ünïcode", "x=1,y=(2)", "#", "a'b\"c"];

    [Fact]
    public void Any_configuration_reads_back_as_itself()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int run = 0; run < 500; run++)
        {
            VmConfiguration configuration = VmConfigurationReader.Read(Generate(random), needsFiles: false);
            string text = SxpPrinter.Pretty(VmForm.Make(configuration), run % 2 == 0 ? SxpPrinter.DefaultWidth : SxpPrinter.StoreWidth);
            VmConfiguration again = VmConfigurationReader.Read(text, needsFiles: false);
            Normal(again).Should().BeEquivalentTo(Normal(configuration), $"seed {seed}, run {run}: {text}");
            SxpPrinter.Pretty(VmForm.Make(again)).Should().Be(SxpPrinter.Pretty(VmForm.Make(configuration)));
        }
    }

    [Fact]
    public void A_domain_that_runs_is_listed_so_that_it_can_be_created_again()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int run = 0; run < 200; run++)
        {
            VmConfiguration configuration = VmConfigurationReader.Read(Generate(random), needsFiles: false);
            ManagedDomain domain = new(new DomainId(7), configuration, default, DateTimeOffset.UnixEpoch) { Phase = DomainPhase.Live };
            foreach (SxpList form in configuration.Devices)
            {
                DeviceConfiguration device = new() { Class = form.Name, BackendClass = form.Name, Id = domain.Devices.Count, Name = "", Form = form };
                domain.AddDevice(new Device(domain.Id, device, new Hospes.Hypervisor.Backends.Devices.DeviceAddress(form.Name, domain.Devices.Count), null!) { Plan = null });
            }

            Hospes.Host.Api.DomainInfo info = Hospes.Host.Managed.KeptListing.Describe(configuration) with { Domid = 7, State = "-b----" };
            string text = SxpPrinter.Pretty(DomainForm.Make(info, domain, ("123", "456")));
            text.Should().StartWith("(domain\n    (domid 7)\n");
            Normal(VmConfigurationReader.Read(text, needsFiles: false)).Should().BeEquivalentTo(Normal(configuration), $"seed {seed}, run {run}: {text}");
        }
    }

    [Fact]
    public void Where_vcpus_may_run_is_listed_as_it_is_now()
    {
        VmConfiguration configuration = VmConfigurationReader.Read("(vm (name a) (vcpus 2) (cpus 0-1) (image (linux (kernel /k))))", needsFiles: false);
        PcpuList.Format(configuration).Should().Be("0-1");
        DomainTuning both = TuningReader.Confine(configuration.Tuning, "1,3", 2, 4);
        PcpuList.Format(configuration with { Tuning = both }).Should().Be("1,3");
        PcpuList.Format(configuration with { Tuning = TuningReader.Confine(configuration.Tuning, "all", 2, 4) }).Should().BeNull();
        PcpuList.Format(configuration with { Tuning = both with { Affinity = both.Affinity.SetItem(1, PcpuSet.FirstOf(1)) } }).Should().BeNull("each is kept to others");
    }

    private static object Normal(VmConfiguration configuration) => new
    {
        Whole = configuration with { Tuning = DomainTuning.Default, Devices = [], Kept = [], Image = new SxpList(), BootLoader = null },
        Loader = configuration.BootLoader,
        Cap = configuration.Tuning.Configured.GetValueOrDefault("cpu_cap"),
        Weight = configuration.Tuning.Configured.GetValueOrDefault("cpu_weight", TuningReader.DefaultWeight),
        Devices = string.Concat(configuration.Devices),
        Kept = string.Concat(configuration.Kept),
        Image = configuration.Image.ToString(),
    };

    private static SxpList Generate(Random random)
    {
        int vcpus = random.Next(1, 33);
        int memory = random.Next(1, 9000);
        List<SxpNode> form = ["vm", Pair("name", $"d{random.Next()}.x-_:/+"), Pair("memory", memory), Pair("vcpus", vcpus)];
        Maybe(Pair("uuid", Guid.NewGuid().ToString()));
        Maybe(Pair("maxmem", memory + random.Next(100)));
        Maybe(Pair("vcpu_avail", 1L << random.Next(vcpus)));
        Maybe(Pair("cpus", $"0-{random.Next(4)},^1"));
        Maybe(Pair("cpu_weight", random.Next(1, 65536)));
        Maybe(Pair("cpu_cap", random.Next((100 * vcpus) + 1)));
        foreach (string occasion in (string[])["on_poweroff", "on_reboot"])
            Maybe(Pair(occasion, Actions[random.Next(4)]));
        Maybe(Pair("on_crash", Actions[random.Next(4)]));
        Maybe(Pair("on_xend_start", "start"));
        Maybe(Pair("on_xend_stop", random.Next(2) == 0 ? "shutdown" : "suspend"));
        Maybe(Pair("features", Text()));
        Maybe(Pair("localtime", 1));
        Maybe(new SxpList("backend", new SxpList("blkif")));
        Maybe(new SxpList("backend", new SxpList("netif")));
        Maybe(Pair("engine", "translator"));
        Maybe(Pair("console", "socket"));
        Maybe(Pair("bootloader_args", Text()));
        List<SxpNode> image = ["linux", Pair("kernel", $"/boot/{Text()}k")];
        if (random.Next(2) == 0)
            image.Add(Pair("ramdisk", "/boot/initrd with space"));
        if (random.Next(2) == 0)
            image.Add(Pair("args", Text()));
        if (random.Next(2) == 0)
            image.Add(Pair("root", "/dev/sda1 ro"));
        form.Add(new SxpList("image", new SxpList([.. image])));
        for (int disk = random.Next(4); disk > 0; disk--)
            form.Add(Pair("device", new SxpList("vbd", Pair("uname", $"file:/{Text()}"), Pair("dev", $"xvd{(char)('a' + disk)}"), Pair("mode", "w"))));
        for (int card = random.Next(3); card > 0; card--)
            form.Add(Pair("device", new SxpList("vif", Pair("mac", $"00:16:3e:00:00:{card:x2}"), Pair("bridge", "xenbr0"))));
        return new SxpList([.. form]);

        void Maybe(SxpList pair)
        {
            if (random.Next(2) == 0)
                form.Add(pair);
        }

        string Text() => Odd[random.Next(Odd.Length)];
    }

    private static SxpList Pair(string key, SxpNode value) => new(key, value);
}
