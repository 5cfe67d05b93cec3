using System.Globalization;
using System.Text;
using System.Text.Json;
using Hospes.Host.Api;
using Hospes.Host.Api.Sxp;
using Hospes.Host.Api.XmlRpc;
using Hospes.Host.Domains;
using Hospes.Host.Startup.Configuration;
using Hospes.Sxp;
using Xunit.Abstractions;

namespace Hospes.Host.Tests.Fuzz;

/// <summary>
/// Input of every format that xend takes, good and changed in a few places: it is read, or refused with a fault for people, and nothing else ever comes
/// of it. <c>HOSPES_FUZZ_INPUTS</c> says how many of each format, <c>HOSPES_FUZZ_SEED</c> from which seed on.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Bounded = 4000;

    private static readonly string[] Forms =
    [
        "(vm (name web) (memory 128) (maxmem 256) (vcpus 2) (vcpu_avail 3) (cpus '0-3,^1') (cpu_weight 256) (cpu_cap 50) (on_crash restart) (uuid 5b1b1f6e-0000-4000-8000-000000000003)"
            + " (image (linux (kernel /boot/k) (ramdisk /boot/r) (root '/dev/sda1 ro') (args 'a b'))) (device (vbd (uname file:/x) (dev xvda) (mode w))) (device (vif (mac 00:16:3e:00:00:01))))",
        "(domain (domid 3) (name web) (bootloader '') (features 'a|b') (image (linux (kernel /k) (args 'it\\'s \\x41\\n'))) (device (console (protocol vt100))))",
        "(vm (name hvm) (image (hvm (kernel /k) (acpi 1))) (device (vfb (type vnc))))",
    ];

    private static readonly string[] Configurations =
    [
        "# head\n(xend-port 8000)\n(xend-relocation-hosts-allow '^localhost$ ^a\\\\.b$')\n(logfile /x) # why\n(xen-api-server ((unix)))\n",
        "(xend-http-server yes)(xend-address '')\n(console-limit 1024)\n(unknown (a b))",
    ];

    private static readonly string[] Calls =
    [
        "<?xml version='1.0'?><methodCall><methodName>xend.domain.create</methodName><params><param><value><array><data><value><string>vm</string></value><value><array><data><value>name</value>"
            + "<value><int>5</int></value></data></array></value></data></array></value></param></params></methodCall>",
        "<methodCall><methodName>xend.domains</methodName><params><param><value><boolean>1</boolean></value></param><param><value><struct><member><name>a</name><value><double>1.5</double></value></member>"
            + "</struct></value></param><param><value><nil/></value></param></params></methodCall>",
    ];

    private static readonly string[] Bodies =
    [
        """{"reason":"poweroff"}""", """{"vcpus":3}""", """{"scheduler":"credit","parameters":{"weight":256,"cap":0}}""", """{"file":"/x","live":1,"crash":0}""", """{"vcpu":"all","cpus":"0-1"}""",
    ];

    [Fact]
    public void Configurations_of_domains() => Run(Forms, text =>
    {
        SxpList form = VmConfigurationReader.Parse(text);
        SxpParser.ParseForm(form.ToString()).Equals(form).Should().BeTrue();
        SxpParser.ParseForm(SxpPrinter.Pretty(form)).Equals(form).Should().BeTrue();
        VmConfiguration read = VmConfigurationReader.Read(form, needsFiles: false);
        VmConfigurationReader.Read(SxpPrinter.Pretty(VmForm.Make(read)), needsFiles: false).Name.Should().Be(read.Name);
    });

    [Fact]
    public void Configurations_of_xend() => Run(Configurations, text =>
    {
        XendConfiguration.Parse(text, "file");
        string changed = XendConfigurationText.Set(text, "keymap", "x");
        XendConfiguration.Parse(changed, "file").Values["keymap"].Should().NotBeNull();
    });

    [Fact]
    public void XML_RPC() => Run(Calls, text =>
    {
        XmlRpcCall call = XmlRpcReader.Read(text);
        foreach (object? argument in call.Arguments)
        {
            XmlRpcWriter.Result(argument).Should().NotBeEmpty();
            _ = SxpValues.ToForm(argument);
        }
    });

    [Fact]
    public void Posted_fields() => Run(["op=create&config=%28vm%20%28name%20a%29%29", "op=shutdown&reason=halt&op=x"], text => new SxpArguments(text).All("op"));

    [Fact]
    public void Bodies_of_the_API() => Run(Bodies, text =>
    {
        try
        {
            JsonSerializer.Deserialize(text, ApiJson.Default.Shutdown);
            JsonSerializer.Deserialize(text, ApiJson.Default.VcpuCount);
            JsonSerializer.Deserialize(text, ApiJson.Default.Scheduler);
            JsonSerializer.Deserialize(text, ApiJson.Default.Dump);
            JsonSerializer.Deserialize(text, ApiJson.Default.Pin);
        }
        catch (JsonException wrong)
        {
            throw XendException.Generic(wrong.Message, wrong); // as the API does
        }
    });

    private void Run(IReadOnlyList<string> good, Action<string> read)
    {
        int count = Setting("HOSPES_FUZZ_INPUTS", Bounded);
        int seed = Setting("HOSPES_FUZZ_SEED", Environment.TickCount & 0xfffffff);
        output.WriteLine($"{count} inputs from seed {seed}");
        int refused = 0;
        for (int run = 0; run < count; run++)
        {
            string text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(new Mutations(seed + run).Change(good))); // as it comes from a socket
            try
            {
                read(text);
            }
            catch (XendException wrong)
            {
                refused++;
                wrong.Message.Should().NotBeNullOrWhiteSpace();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed + run}: {failure.Message}\ninput: {text}", failure);
            }
        }

        refused.Should().BeInRange(1, count - 1, "some of it is still good, and most is not");
    }

    private static int Setting(string name, int missing) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : missing;
}
