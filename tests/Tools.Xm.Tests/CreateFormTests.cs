using Hospes.Sxp;
using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>From configuration files to the form that xend gets.</summary>
public sealed class CreateFormTests : IDisposable
{
    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void All_of_a_paravirtual_domain()
    {
        SxpList form = Form("""
            kernel = "vmlinuz"
            ramdisk = "/boot/initrd"
            name = "demo"
            memory = 64
            maxmem = 128
            vcpus = 2
            uuid = "5b1b1f6e-0000-4000-8000-000000000003"
            cpus = "0-3,^1"
            cpu_cap = 0
            cpu_weight = 512
            features = "auto_translated_physmap"
            blkif = 1
            localtime = 1
            root = "root=/dev/sda1 ro"
            ip = "10.0.0.2"
            netmask = "255.255.255.0"
            gateway = "10.0.0.1"
            hostname = "demo"
            extra = "4"
            disk = ['phy:hda1,sda1,w', 'tap:aio:/f,sda2,r,3', ',hdc:cdrom,r', 'file:/x,ioemu:hda,w!']
            vif = ['mac=00:16:3e:00:00:11 , bridge = xenbr0', '']
            ioports = ['2f8-2ff', '3f8']
            irq = [7, '9']
            usbport = ['1-2']
            vtpm = ['instance=1, backend=0']
            vfb = ['type=vnc, vncunused=1']
            keymap = 'de'
            pci = ['0000:03:1a.1']
            access_control = ['policy=p, label=l']
            on_crash = 'preserve'
            on_xend_start = 'start'
            bootloader = 'pygrub'
            """);

        form.ToString().Should().Be(
            "(vm (name demo) (memory 64) (maxmem 128) (on_crash preserve) (vcpus 2) (features auto_translated_physmap) (on_xend_start start)"
            + " (uuid 5b1b1f6e-0000-4000-8000-000000000003) (cpus '0-3,^1') (cpu_cap 0) (cpu_weight 512) (backend (blkif)) (localtime 1)"
            + " (bootloader /usr/bin/pygrub) (bootloader_args -q)"
            + $" (image (linux (kernel {_xm.Directory}/vmlinuz) (ramdisk /boot/initrd) (ip 10.0.0.2:1.2.3.4:10.0.0.1:255.255.255.0:demo:eth0:off)"
            + " (root '/dev/sda1 ro') (args 4)))"
            + " (device (vbd (uname phy:hda1) (dev sda1) (mode w))) (device (tap (uname tap:aio:/f) (dev sda2) (mode r) (backend 3)))"
            + " (device (vbd (uname '') (dev hdc:cdrom) (mode r))) (device (vbd (uname file:/x) (dev ioemu:hda) (mode 'w!')))"
            + " (device (pci (dev (domain 0x0) (bus 0x3) (slot 0x1a) (func 0x1))))"
            + " (device (ioports (from 0x2f8) (to 0x2ff))) (device (ioports (from 0x3f8) (to 0x3f8))) (device (irq (irq 7))) (device (irq (irq 9)))"
            + " (device (vif (mac 00:16:3e:00:00:11) (bridge xenbr0))) (device (vif)) (device (usbport (path 1-2)))"
            + " (device (vtpm (pref_instance 1) (backend 0))) (device (vkbd)) (device (vfb (type vnc) (vncunused 1) (keymap de)))"
            + " (security ((access_control (policy p) (label l)))))");
    }

    [Fact]
    public void Defaults() =>
        Form("kernel = '/k'").ToString().Should().Be("(vm (name test.cfg) (memory 128) (vcpus 1) (image (linux (kernel /k))))");

    [Fact]
    public void Hvm() =>
        Form("builder='hvm'\nmemory=128\nserial='pty'\nvncdisplay=3\nacpi=0").Child("image")!.ToString().Should().Be(
            "(image (hvm (kernel /usr/lib/xen/boot/hvmloader) (pae 1) (vcpus 1) (boot c) (localtime 0) (serial pty) (stdvga 0) (isa 0) (nographic 0)"
            + " (vncdisplay 3) (vncunused 1) (rtc_timeoffset 0) (monitor 0) (acpi 0) (apic 1) (usb 0)))");

    [Theory]
    [InlineData("type='pvh'", "(linux (kernel /k) (type pvh))")]
    [InlineData("type='pv'\nbuilder='linux'", "(linux (kernel /k) (type pv))")]
    [InlineData("cmdline='console=hvc0 quiet'", "(linux (kernel /k) (args 'console=hvc0 quiet'))")]
    [InlineData("extra=4\ndhcp='dhcp'", "(linux (kernel /k) (ip :1.2.3.4::::eth0:dhcp) (args 4))")]
    [InlineData("nfs_root='/r'\nnfs_server='10.0.0.9'\nextra='4'\nroot='/dev/nfs'", "(linux (kernel /k) (root /dev/nfs) (args 'nfsroot=10.0.0.9:/r 4'))")]
    public void Images(string source, string image) => Form("kernel='/k'\n" + source).Child("image")![1].ToString().Should().Be(image);

    [Theory]
    [InlineData("maxvcpus=4\nvcpus=2", "(vcpus 4) (vcpu_avail 3)")]
    [InlineData("vcpus=2\nvcpu_avail=1", "(vcpus 2) (vcpu_avail 1)")]
    [InlineData("restart='always'", "(on_poweroff restart) (on_reboot restart) (on_crash restart) (vcpus 1)")]
    [InlineData("restart='onreboot'\non_crash='preserve'", "(on_poweroff destroy) (on_reboot restart) (on_crash preserve) (vcpus 1)")]
    [InlineData("cpu=2", "(vcpus 1) (cpu 2)")]
    [InlineData("disk=['nbd:host 20004,xvda,w']", "(vbd (uname 'nbd:host 20004') (dev xvda) (mode w))")]
    [InlineData("disk=['phy:a,xvda,w,script=block-s']", "(vbd (uname phy:a) (dev xvda) (mode w) (script block-s))")]
    [InlineData("disk=['phy:a,xvda,w,0,script=block-s']", "(vbd (uname phy:a) (dev xvda) (mode w) (backend 0) (script block-s))")]
    [InlineData("memory=512/2", "(memory 256)")]
    [InlineData("memory='256'", "(memory 256)")]
    public void Translations(string source, string expected) => Form(source).ToString().Should().Contain(expected);

    [Fact]
    public void The_command_line_goes_before_the_file()
    {
        SxpList form = Form("kernel='/k'\nmemory=64\ndisk=['phy:a,b,w']\nlocaltime=0", "memory=256", "disk=phy:c,d,r", "disk=phy:e,f,r", "localtime=yes", "name=x", "vmid=3");
        form.ToString().Should().Be(
            "(vm (name x) (memory 256) (vcpus 1) (localtime 1) (image (linux (kernel /k)))"
            + " (device (vbd (uname phy:c) (dev d) (mode r))) (device (vbd (uname phy:e) (dev f) (mode r))))");
    }

    [Fact]
    public void Everything_from_the_command_line_as_in_the_sheet()
    {
        XmRun run = _xm.Run("create", "-n", "/dev/null", "ramdisk=initrd.img", "kernel=/boot/vmlinuz", "name=ramdisk", "vcpus=1", "memory=64", "root=/dev/ram0");
        run.Error.Should().BeEmpty();
        run.Out.Should().StartWith("Using config file \"/dev/null\".\n(vm\n    (name ramdisk)\n    (memory 64)\n");
    }

    [Theory]
    [InlineData("disk=['phy:a,b']", "Invalid disk specifier: phy:a,b")]
    [InlineData("disk=['phy:a,xvda,w,0,1']", "Invalid disk specifier: phy:a,xvda,w,0,1")]
    [InlineData("vif=['mc=1']", "Invalid vif option: mc=1")]
    [InlineData("vif=['bridge']", "bridge should be a pair, separated by an equals sign.")]
    [InlineData("pci=['x']", "Error in PCI slot syntax \"x\"")]
    [InlineData("pci=['0000:01:04.d']", "Error in PCI slot syntax \"0000:01:04.d\"")]
    [InlineData("ioports=['2ff-2f8']", "Invalid i/o port range specifier: 2ff-2f8")]
    [InlineData("ioports=['1-2-3']", "Invalid i/o port range specifier: 1-2-3")]
    [InlineData("vtpm=['type=1']", "Invalid vtpm specifier: type=1")]
    [InlineData("vtpm=['instance=0']", "VM config error: vTPM instance must not be 0.")]
    [InlineData("vfb=['vnunused=1']", "configuration option vnunused unknown to vfbs")]
    [InlineData("nfs_root='/x'", "Must set nfs root and nfs server")]
    [InlineData("access_control=['policy=p,label=l','policy=p,label=l']", "Multiple access_control definitions.")]
    [InlineData("builder='beos'", "builder is 'beos', but it has to be linux or hvm.")]
    [InlineData("type='vm'", "type is 'vm', but it has to be pv, pvh or hvm.")]
    [InlineData("restart='maybe'", "restart is 'maybe', but it has to be onreboot, always or never.")]
    [InlineData("vcpus=4\nmaxvcpus=2", "maxvcpus is 2, but it has to be at least vcpus, which is 4.")]
    [InlineData("memory=0", "test.cfg, line 2: memory is 0, but it has to be a whole number of at least 1 (MiB).")]
    [InlineData("memory='lots'", "test.cfg, line 2: memory is 'lots', but it has to be a whole number of at least 1 (MiB).")]
    [InlineData("memory=1.5", "test.cfg, line 2: memory is 1.5, but it has to be a whole number of at least 1 (MiB).")]
    [InlineData("memory=99999999999999999999", "test.cfg, line 2: memory is 1E+20, but it has to be a whole number of at least 1 (MiB).")]
    [InlineData("disk='phy:a,b,w'", "test.cfg, line 2: disk is 'phy:a,b,w', but it has to be a list of strings, [ 'phy:DEV,VDEV,MODE[,DOM]', ... ].")]
    [InlineData("disk=[['a']]", "test.cfg, line 2: disk is [['a']], but it has to be a list of strings, [ 'phy:DEV,VDEV,MODE[,DOM]', ... ].")]
    [InlineData("kernel=5", "test.cfg, line 2: kernel is 5, but it has to be a string (FILE).")]
    [InlineData("localtime=2", "test.cfg, line 2: localtime is 2, but it has to be 0 or 1.")]
    [InlineData("memry=5", "test.cfg, line 2: unknown variable 'memry': did you mean 'memory'? (A helper variable that is used nowhere needs another name.)")]
    [InlineData("nics=100000", "nics is 100000, but at most 64 interfaces can be had.")]
    public void Says_what_is_wrong(string source, string message)
    {
        _xm.Write("test.cfg", "kernel='/k'\n" + source);
        XmRun run = _xm.Run("create", "-qn", "test.cfg");
        (run.ExitCode, run.Out).Should().Be((1, ""));
        run.Error.Split('\n')[^2].Should().EndWith("Error: " + message);
    }

    [Theory]
    [InlineData("memory=lots", "Error: Invalid value: lots\nmemory has to be a whole number of at least 1 (MiB).\n")]
    [InlineData("localtime=perhaps", "Error: Invalid value: perhaps\nlocaltime has to be 0 or 1.\n")]
    [InlineData("memroy=3", "Error: Unknown variable 'memroy' on the command line: did you mean 'memory'?\n")]
    [InlineData("second.cfg", "Error: One configuration file is enough: 'second.cfg' is neither an option nor name=value.\n")]
    public void Says_what_is_wrong_on_the_command_line(string word, string message)
    {
        _xm.Write("test.cfg", "kernel='/k'");
        _xm.Run("create", "-qn", "test.cfg", word).Error.Should().Be(message);
    }

    [Theory]
    [InlineData("nics=2", "(device (vif)) (device (vif))", "nics is deprecated: write one vif entry for each interface.")]
    [InlineData("cmdline='a'\nroot='/dev/b'", "(args a)", "cmdline is given, so root, extra and nfs_root are ignored.")]
    [InlineData("firmware='uefi'", "(vcpus 1)", "firmware is ignored.")]
    [InlineData("features='a|b'", "(features 'a|b')", "features has no effect: it is for kernels without a PVH entry.")]
    [InlineData("shadow_memory=8", "(shadow_memory 8)", "shadow_memory has no effect: no shadow page tables are kept.")]
    [InlineData("netif=1", "(backend (netif))", "netif has no effect: Domain-0 serves all devices.")]
    [InlineData("bootloader='pygrub'\nbootentry='old'", "(bootloader_args '--entry=old')", "bootentry is deprecated: write bootargs = '--entry=...'.")]
    public void Warns(string source, string contains, string warning)
    {
        _xm.Write("test.cfg", "kernel='/k'\n" + source);
        XmRun run = _xm.Run("create", "-qn", "test.cfg");
        run.Error.Should().Be($"Warning: {warning}\n");
        SxpParser.ParseForm(run.Out).ToString().Should().Contain(contains);
    }

    [Fact]
    public void Helpers_and_later_variables_are_nobodys_mistake()
    {
        Form("memry = 5\nmemory = memry\nhap = 1\nxen_platform_pci = 1\nmy_helper = []").ValueText("memory").Should().Be("5");
    }

    [Fact]
    public void Files_are_looked_for_here_and_then_on_the_path()
    {
        _xm.Write("etc/xen/demo", "kernel='/k'");
        string etc = Path.Combine(_xm.Directory, "etc/xen");
        _xm.Run("create", "-n", "demo").Out.Should().StartWith($"Using config file \"{etc}/demo\".\n");
        _xm.Run("create", "-n", "-f", "demo", "--path=" + etc).ExitCode.Should().Be(0);
        _xm.Run("create", "-n", "--path=/nowhere:.", "demo").Error.Should().Be("Error: Unable to open config file: demo\n");
        _xm.Run("create", "-n").Error.Should().Be("Error: Unable to open config file: xmdefconfig\n");
        _xm.Write("demo", "kernel='/k'");
        _xm.Run("create", "-n", "demo").Out.Should().StartWith("Using config file \"demo\".\n");
    }

    [Fact]
    public void Sxp_files()
    {
        _xm.Write("a.sxp", "# first form only\n(vm (name a))\n(vm (name b))");
        _xm.Run("create", "-n", "-F", "a.sxp").Should().Be(new XmRun(0, "(vm (name a))\n", ""));
        _xm.Write("bad.sxp", "(vm\n  (name a)))");
        _xm.Run("create", "-n", "-F", "bad.sxp").Error.Should().Be(
            "Error: Errors were found at line 2 while processing bad.sxp:\n\t  (name a)))\n\t           ^ column 12: ')' closes a list that was never opened\n");
        _xm.Run("create", "-n", "-F", "none.sxp").Error.Should().StartWith("Error: Cannot read file none.sxp: ");
    }

    [Fact]
    public void Files_that_are_no_configurations()
    {
        _xm.Write("a.xml", "<vm/>");
        _xm.Run("create", "-qn", "a.xml").Error.Should().Contain("XML");
        File.WriteAllBytes(Path.Combine(_xm.Directory, "binary"), [0x61, 0xff, 0xfe]);
        _xm.Run("create", "-qn", "binary").Error.Should().Be("Error: Cannot read file binary: it is not text in UTF-8 (byte 1)\n");
        _xm.Run("create", "-qn", "/dev/zero").Error.Should().Be("Error: Cannot read file /dev/zero: it is larger than 1048576 bytes\n");
    }

    [Fact]
    public void A_dry_run_in_xml()
    {
        using XmFixture xm = new();
        string file = xm.Write("demo", """
            kernel = '/k'
            memory = 64
            maxmem = 128
            root = '/dev/xvda ro'
            extra = 'quiet <&'
            disk = ['file:/images/a,xvda,w', 'file:/b.iso,xvdb:cdrom,r']
            vif = ['mac=00:16:3e:00:00:01']
            vfb = ['type=vnc']
            """);

        XmRun run = xm.Run("create", "-q", "-x", "-s", file);

        run.ExitCode.Should().Be(0);
        System.Xml.Linq.XElement document = System.Xml.Linq.XElement.Parse(run.Out);
        document.Name.LocalName.Should().Be("xm");
        System.Xml.Linq.XElement vm = document.Element("vm")!;
        vm.Element("name")!.Element("label")!.Value.Should().Be("demo");
        vm.Element("memory")!.Attribute("dynamic_max")!.Value.Should().Be("67108864");
        vm.Element("memory")!.Attribute("static_max")!.Value.Should().Be("134217728");
        vm.Element("pv")!.Attribute("args")!.Value.Should().Be("root=/dev/xvda ro quiet <&");
        vm.Elements("vbd").Select(disk => (disk.Attribute("device")!.Value, disk.Attribute("mode")!.Value, disk.Attribute("type")!.Value))
            .Should().Equal(("xvda", "RW", "Disk"), ("xvdb", "RO", "CD"));
        vm.Element("vif")!.Attribute("mac")!.Value.Should().Be("00:16:3e:00:00:01");
        vm.Element("vkbd").Should().NotBeNull();
        document.Elements("vdi").Select(image => image.Attribute("src")!.Value).Should().Equal("file:/images/a", "file:/b.iso");
        xm.Xend.Requests.Should().BeEmpty("nothing is done");
    }

    private SxpList Form(string source, params string[] settings)
    {
        _xm.Write("test.cfg", source);
        XmRun run = _xm.Run(["create", "-qn", "test.cfg", .. settings]);
        run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Should().NotContain(static line => !line.StartsWith("Warning: ", StringComparison.Ordinal) || !line.Contains(" has no effect: ", StringComparison.Ordinal));
        return SxpParser.ParseForm(run.Out);
    }
}
