using System.Text;
using System.Text.RegularExpressions;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>What an administrator does from day to day: managed domains, forms, cores, guests that come and go with the machine, the manual.</summary>
public sealed class AdministrationTests(Appliance appliance) : IClassFixture<Appliance>
{
    [SkippableFact]
    public async Task A_guest_is_created_again_from_its_own_listing_and_leaves_a_core_that_gdb_opens()
    {
        await appliance.BootAsync(new GuestConfiguration("again") { More = "vcpus = 2\ncpu_weight = 300\non_xend_stop = 'ignore'" });
        string listed = (await appliance.XmAsync("list", "--long", "again")).Succeeded().Output;
        string core = Path.Combine(appliance.Root, "again.core");
        (await appliance.XmAsync("dump-core", "--crash", "again", core)).Succeeded().Output.Should().Be("Dumping core of domain: again ...\nDestroying domain: again ...\n");
        await appliance.HasNoGuestAsync();
        string form = Path.Combine(appliance.Root, "again.sxp");
        await File.WriteAllTextAsync(form, listed);
        (await appliance.XmAsync("create", "-p", "-F", form)).Succeeded();
        Lasting((await appliance.XmAsync("list", "--long", "again")).Succeeded().Output).Should().Be(Lasting(listed));
        (await appliance.XmAsync("destroy", "again")).Succeeded();

        (await File.ReadAllBytesAsync(core)).AsSpan().IndexOf("Linux version "u8).Should().BePositive("the kernel's banner is in its memory");
        Skip.IfNot(Program.IsInstalled("gdb"), "gdb is not installed: whether it opens the core was not tried");
        Answer gdb = await Program.RunAsync(Program.Command(
            "gdb", "-batch", "-nx", "-ex", $"core-file {core}", "-ex", "info threads", "-ex", "thread apply all info registers rip", "-ex", "x/2xg 0xffffffff81000000"));
        gdb.Succeeded().Output.Should().Contain("LWP 2").And.MatchRegex(@"(?m)^rip\s+0x[0-9a-f]{6,16} ").And.MatchRegex(
            @"(?m)^0xffffffff81000000:\t0x[0-9a-f]{16}\t0x[0-9a-f]{16}$", "the kernel's text is at the kernel's own address: started without a decompressor, it was not moved");
        gdb.Error.Should().NotContain("Cannot access memory");
    }

    [Fact]
    public async Task Managed_domains_by_xm()
    {
        string file = appliance.Write(new GuestConfiguration("kept"));
        (await appliance.XmAsync("new", "-q", file)).Succeeded().Output.Should().BeEmpty();
        (await appliance.XmAsync("list")).Succeeded().Lines.Should().Contain($"{"kept",-40} {"",3} {256,8} {1,5} {"",5} {0.0,8:F1}");
        (await appliance.XmAsync("domid", "kept")).Failed("Domain 'kept' is not started");
        (await appliance.XmAsync("pause", "kept")).Failed("Domain 'kept' is not started");
        (await appliance.XmAsync("start", "-p", "kept")).Succeeded().Output.Should().Be("Started domain kept\n");
        (await appliance.XmAsync("start", "kept")).Failed("Domain is already running");
        (await appliance.XmAsync("list", "--state=paused")).Succeeded().Lines.Should().HaveCount(2);
        (await appliance.XmAsync("delete", "kept")).Failed("Domain is not halted.");
        (await appliance.XmAsync("destroy", "kept")).Succeeded();
        (await appliance.XmAsync("list", "--state=halted")).Succeeded().Lines.Should().HaveCount(2);
        (await appliance.XmAsync("delete", "kept")).Succeeded();
        (await appliance.XmAsync("list", "--state=halted")).Succeeded().Lines.Should().ContainSingle();
    }

    [Fact]
    public async Task Xendomains_starts_and_stops_what_is_in_its_directory()
    {
        (await appliance.HostAsync("files", appliance.Root, "--host", Tree.Host, "--xm", Tree.Xm)).Succeeded();
        await File.AppendAllTextAsync(Path.Combine(appliance.Root, "etc/default/xendomains"), "XENDOMAINS_CREATE_USLEEP=0\nXENDOMAINS_STOP_MAXWAIT=120\n");
        Directory.CreateDirectory(Path.Combine(appliance.Root, "etc/xen/auto"));
        await File.WriteAllTextAsync(Path.Combine(appliance.Root, "etc/xen/auto/10-guest"), new GuestConfiguration("auto").ToString());
        await File.WriteAllTextAsync(Path.Combine(appliance.Root, "etc/xen/auto/20-broken"), "memory = ");

        (await XendomainsAsync("status")).Status.Should().Be(3);
        Answer started = await XendomainsAsync("start");
        started.Status.Should().Be(1, $"one of the two cannot be started: {started.Error}");
        started.Output.Should().Be("Starting auto Xen domains: auto 20-broken!.\n");
        (await XendomainsAsync("start")).Succeeded().Output.Should().Be("xendomains already running (lockfile exists)\n");
        (await XendomainsAsync("status")).Output.Should().Be("Checking for xendomains: MISS AUTO: 20-broken\n");
        await appliance.ConsoleSaysAsync("auto", "hospes: init is up");
        (await XendomainsAsync("stop")).Succeeded().Output.Should().Be("Shutting down Xen domains: auto(shut).\n");
        await appliance.HasNoGuestAsync();
        (await XendomainsAsync("status")).Status.Should().Be(3);
        (await XendomainsAsync("juggle")).Status.Should().Be(1);
    }

    [SkippableFact]
    public async Task The_manual_is_made_of_the_tables_and_is_good_roff()
    {
        string directory = Path.Combine(appliance.Root, "man");
        (await appliance.HostAsync("man", directory)).Succeeded();
        (await appliance.XmAsync("--manual", directory)).Succeeded();
        string[] pages = [.. Directory.GetFiles(directory).Order(StringComparer.Ordinal)];
        pages.Select(Path.GetFileName).Should().Equal("xend-config.sxp.5", "xm.1", "xmdomain.cfg.5");
        (await File.ReadAllTextAsync(pages[0])).Should().Contain("xend\\-relocation\\-hosts\\-allow");
        (await File.ReadAllTextAsync(pages[1])).Should().Contain("dump\\-core");
        Skip.IfNot(Program.IsInstalled("groff"), "groff is not installed: the pages were not formatted");
        foreach (string page in pages)
        {
            Answer formatted = (await Program.RunAsync(Program.Command("groff", "-man", "-Tascii", "-P-cbou", "-ww", page))).Succeeded();
            formatted.Error.Should().BeEmpty(page);
            formatted.Output.Should().Contain("SEE ALSO");
        }
    }

    [Fact]
    public async Task The_shell_takes_commands_line_by_line()
    {
        System.Diagnostics.ProcessStartInfo command = appliance.Command(Tree.Xm, "shell");
        using System.Diagnostics.Process shell = System.Diagnostics.Process.Start(command)!;
        await shell.StandardInput.WriteAsync("domid Domain-0\nnonsense\n\"open\n\n");
        shell.StandardInput.Close();
        (await Program.EndAsync(shell)).Succeeded().Output.Should().Be(
            "The Xen Master. Type \"help\" for a list of functions.\nxm> 0\nxm> *** Unknown command: nonsense\nxm> *** No closing quotation: \"\nxm> xm> \n");
    }

    [Fact]
    public async Task Xm_serve_carries_the_XML_RPC_socket()
    {
        const string body = "<methodCall><methodName>xend.domains</methodName><params><param><value><int>0</int></value></param></params></methodCall>";
        System.Diagnostics.ProcessStartInfo command = appliance.Command(Tree.Xm, "serve");
        using System.Diagnostics.Process serve = System.Diagnostics.Process.Start(command)!;
        await serve.StandardInput.WriteAsync($"POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {Encoding.ASCII.GetByteCount(body)}\r\n\r\n{body}");
        await serve.StandardInput.FlushAsync();
        (await Program.EndAsync(serve)).Succeeded().Output.Should().StartWith("HTTP/1.1 200 OK").And.Contain("<string>Domain-0</string>");
    }

    [Fact]
    public async Task A_wrong_configuration_keeps_xend_from_starting_and_says_on_which_line()
    {
        string root = Path.Combine(appliance.Root, "w");
        Directory.CreateDirectory(Path.Combine(root, "etc/xen"));
        string file = Path.Combine(root, "etc/xen/xend-config.sxp");
        await File.WriteAllTextAsync(file, "# mine\n(console-limit much) # comment\n");
        Answer start = await appliance.HostAsync("xend", "start", "--root", root);
        start.Status.Should().Be(1);
        start.Error.Should().Contain($"invalid xend config console-limit: expected int: much ({file}, line 2)");
        (await appliance.HostAsync("xend", "status", "--root", root)).Status.Should().Be(3);
        (await appliance.HostAsync("status", "--root", root)).Status.Should().Be(3);
        (await appliance.HostAsync("config", "set", "console-limit", "64", "--root", root)).Succeeded();
        (await File.ReadAllTextAsync(file)).Should().Be("# mine\n(console-limit 64) # comment\n");
        (await appliance.HostAsync("config", "set", "console-limits", "64", "--root", root)).Failed("There is no parameter 'console-limits'; did you mean 'console-limit'?");
        (await appliance.HostAsync("config", "set", "xend-port", "many", "--root", root)).Failed("expected int: many");
        (await appliance.HostAsync("xend", "start", "--root", root)).Succeeded();
        (await appliance.HostAsync("xend", "start", "--root", root)).Succeeded();
        (await appliance.HostAsync("status", "--root", root)).Succeeded().Output.Should().Contain("scheduler  credit").And.Contain("guests     0 running, 0 managed");
        (await appliance.HostAsync("xend", "stop", "--root", root)).Succeeded();
        (await appliance.HostAsync("xend", "stop", "--root", root)).Succeeded();
        (await appliance.HostAsync("xend")).Status.Should().Be(1);
    }

    private Task<Answer> XendomainsAsync(string word) => Program.RunAsync(appliance.Command(Path.Combine(appliance.Root, "etc/init.d/xendomains"), word));

    // What belongs to one incarnation or one moment.
    private static string Lasting(string form) => Regex.Replace(form, @"\((domid|start_time|cpu_time|online_vcpus|state|status|store_mfn|console_mfn) [^)]*\)", "", RegexOptions.None, TimeSpan.FromSeconds(10));
}
