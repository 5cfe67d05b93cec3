using System.Text.Json;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>
/// The manual's chapter "sHype/Xen Access Control" on real guests, step by step and character by character; where the manual's own text leaves its files or
/// sizes open, ours stand in its places.
/// </summary>
public sealed class SecurityTests
{
    private const string Policy = "example.chwall_ste.test-wld";
    private const string Prevented = "Security configuration prevents domain from starting\n";

    [Fact]
    public async Task The_manuals_chapter_step_by_step()
    {
        Appliance appliance = new();
        await appliance.InitializeAsync();
        try
        {
            string image = await FileAsync(appliance, "fedora.fc5.img");
            string swap = await FileAsync(appliance, "fedora.swap");
            string other = await FileAsync(appliance, "other.img");
            await DeployAsync(appliance);
            await LabelDomainsAsync(appliance, image, swap, other);
            await LabelResourcesAsync(appliance, image, swap, other);
            await RuntimeExclusionAsync(appliance);
            await ResourceAccessAsync(appliance, image, swap, other);
            await AuditAsync(appliance);
        }
        finally
        {
            await appliance.DisposeAsync();
        }
    }

    /// <summary>Sections "Creating A WLP Policy" and "Deploying": steps (3) to (6).</summary>
    private static async Task DeployAsync(Appliance appliance)
    {
        string workloads = Path.Combine(appliance.Root, "test.wld");
        await File.WriteAllTextAsync(workloads, """
            ezpolicy = {'orgs': [['Avis', []], ['Hertz', []], ['CocaCola', ['Intranet', 'Extranet', 'HumanResources', 'Payroll']], ['PepsiCo', ['Intranet', 'Extranet']]],
             'cons': [['RER1', ['PepsiCo', 'CocaCola']], ['RER2', ['CocaCola.Extranet', 'CocaCola.Payroll']]]}
            """);
        (await appliance.XmAsync("list", "--label")).Succeeded().Lines[1].Should().EndWith("   DEFAULT");
        (await appliance.XmAsync("ezpolicy", workloads, Policy)).Succeeded();
        await SaysAsync(appliance, "", "makepolicy", Policy);
        await SaysAsync(appliance, $"Boot entry 'Xen (Hospes)' extended and '{Policy}.bin' copied to /boot\n", "cfgbootpolicy", Policy);
        (await appliance.HostAsync("xend", "stop")).Succeeded();
        (await appliance.HostAsync("xend", "start")).Succeeded();
        string[] list = (await appliance.XmAsync("list", "--label")).Succeeded().Lines;
        list[0].Should().Be("Name                              ID Mem(MiB) VCPUs State   Time(s) Label   ");
        list.Should().HaveCount(2);
        list[1].Should().StartWith("Domain-0 ").And.EndWith(" SystemManagement");
    }

    /// <summary>Section "Labeling Domains".</summary>
    private static async Task LabelDomainsAsync(Appliance appliance, string image, string swap, string other)
    {
        Write(appliance, "domain1", $"disk = ['file:{image},sda1,w', \\\n'file:{swap},sda2,w']");
        Write(appliance, "domain2", $"disk = ['file:{other},sda1,w']");
        Write(appliance, "domain3", "");
        await FailsAsync(
            appliance, "Using config file \"domain1.xm\".\ndomain1: DENIED\n--> Domain not labeled\nChecking resources: (skipped)\n", Prevented, "create", "domain1.xm");
        await SaysAsync(
            appliance,
            "Avis\nCocaCola\nCocaCola.Extranet\nCocaCola.HumanResources\nCocaCola.Intranet\nCocaCola.Payroll\nHertz\nPepsiCo\nPepsiCo.Extranet\nPepsiCo.Intranet\nSystemManagement\n",
            "labels", "type=dom");
        await SaysAsync(appliance, "", "addlabel", "CocaCola", "dom", "domain1.xm");
        await SaysAsync(appliance, "", "addlabel", "PepsiCo.Extranet", "dom", "domain2.xm");
        await SaysAsync(appliance, "", "addlabel", "Avis", "dom", "domain3.xm");
        await SaysAsync(appliance, $"policy={Policy},label=CocaCola\n", "getlabel", "dom", "domain1.xm");
        await FailsAsync(
            appliance,
            $"Using config file \"domain1.xm\".\nfile:{image}: DENIED\n--> res:__NULL_LABEL__ (NULL)\n--> dom:CocaCola ({Policy})\n"
            + $"file:{swap}: DENIED\n--> res:__NULL_LABEL__ (NULL)\n--> dom:CocaCola ({Policy})\n",
            Prevented, "create", "domain1.xm");
    }

    /// <summary>Section "Labeling Resources".</summary>
    private static async Task LabelResourcesAsync(Appliance appliance, string image, string swap, string other)
    {
        await SaysAsync(
            appliance, "Resource file not found, creating new file at:\n/etc/xen/acm-security/policies/resource_labels\n", "addlabel", "CocaCola", "res", $"file:{image}");
        await SaysAsync(appliance, "", "addlabel", "CocaCola", "res", $"file:{swap}");
        await SaysAsync(
            appliance,
            $"file:{swap}\n    policy: {Policy}\n    label:  CocaCola\nfile:{image}\n    policy: {Policy}\n    label:  CocaCola\n",
            "resources");
        await SaysAsync(appliance, "", "addlabel", "PepsiCo.Extranet", "res", $"file:{other}");
        await SaysAsync(
            appliance,
            $"Using config file \"domain1.xm\".\nChecking domain:\n   domain1: PERMITTED\nChecking resources:\n   file:{image}: PERMITTED\n   file:{swap}: PERMITTED\nDry Run: PASSED\n",
            "dry-run", "domain1.xm");
        await SaysAsync(appliance, "Using config file \"domain1.xm\".\nStarted domain domain1\n", "create", "domain1.xm");
        await appliance.ConsoleSaysAsync("domain1", "hospes: init is up");
        string[] list = (await appliance.XmAsync("list", "--label")).Succeeded().Lines;
        list[1].Should().StartWith("domain1 ").And.EndWith("  CocaCola");
        list[2].Should().StartWith("Domain-0 ").And.EndWith(" SystemManagement");
        (await appliance.XmAsync("rmlabel", "res", $"file:{swap}")).Failed("The resource is in use: domain ");
    }

    /// <summary>Section "Testing", test 1.</summary>
    private static async Task RuntimeExclusionAsync(Appliance appliance)
    {
        const string notPermitted = "Error: (1, 'Operation not permitted')\n";
        await FailsAsync(appliance, "Using config file \"domain2.xm\".\n", notPermitted, "create", "domain2.xm");
        await SaysAsync(appliance, "Using config file \"domain3.xm\".\nStarted domain domain3\n", "create", "domain3.xm");

        // xend comes and goes, and remembers who runs.
        (await appliance.HostAsync("xend", "restart")).Succeeded();
        await FailsAsync(appliance, "Using config file \"domain2.xm\".\n", notPermitted, "create", "domain2.xm");
        await SaysAsync(appliance, "", "destroy", "domain1");
        await SaysAsync(appliance, "Using config file \"domain2.xm\".\nStarted domain domain2\n", "create", "domain2.xm");
        (await appliance.XmAsync("list", "--label", "domain2")).Succeeded().Lines[1].Should().EndWith(" PepsiCo.Extranet");
        await FailsAsync(appliance, "Using config file \"domain1.xm\".\n", notPermitted, "create", "domain1.xm");
        (await appliance.XmAsync("block-attach", "domain3", $"file:{Path.Combine(appliance.Root, "fedora.swap")}", "xvdb", "r")).Failed("denied: STE: Permission denied for resource");
        await SaysAsync(appliance, "", "destroy", "domain2");
        await SaysAsync(appliance, "", "destroy", "domain3");
        (await appliance.XmAsync("list")).Succeeded().Lines.Should().HaveCount(2);
    }

    /// <summary>Test 2.</summary>
    private static async Task ResourceAccessAsync(Appliance appliance, string image, string swap, string other)
    {
        await SaysAsync(appliance, "", "rmlabel", "res", $"file:{swap}");
        await SaysAsync(appliance, "", "addlabel", "Avis", "res", $"file:{swap}");
        await SaysAsync(
            appliance, $"file:{swap}\n    policy: {Policy}\n    label:  Avis\nfile:{other}\n    policy: {Policy}\n    label:  PepsiCo.Extranet\nfile:{image}\n    policy: {Policy}\n    label:  CocaCola\n", "resources");
        await FailsAsync(
            appliance,
            $"Using config file \"domain1.xm\".\nfile:{swap}: DENIED\n--> res:Avis ({Policy})\n--> dom:CocaCola ({Policy})\n", Prevented, "create", "domain1.xm");
    }

    private static async Task AuditAsync(Appliance appliance)
    {
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(appliance.Root, "var/log/xen/acm-audit.log"));
        lines.Should().NotBeEmpty();
        foreach (string line in lines)
        {
            using JsonDocument denial = JsonDocument.Parse(line);
            foreach (string key in (string[])["operation", "subject", "object", "rule", "policy"])
                denial.RootElement.GetProperty(key).GetString().Should().NotBeNullOrEmpty();
        }

        lines.Should().Contain(line => line.Contains("CHINESE WALL CONFLICT in type PepsiCo", StringComparison.Ordinal));
        (await appliance.XmAsync("dumppolicy")).Succeeded().Output.Should().StartWith($"Policy dump:\n============\nPOLICY REFERENCE = {Policy}.\nPolicyVer = 3.\n");
    }

    private static void Write(Appliance appliance, string name, string disk) => File.WriteAllText(
        Path.Combine(appliance.Root, "etc/xen", $"{name}.xm"),
        $"""
        kernel = "{Tree.CloudKernel}"
        ramdisk = "{Tree.Initrd}"
        memory = 128
        name = "{name}"
        dhcp = "dhcp"
        {disk}
        root = "/dev/sda1 ro"
        extra = "console=hvc0"

        """);

    private static async Task<string> FileAsync(Appliance appliance, string name)
    {
        string path = Path.Combine(appliance.Root, name);
        await using FileStream file = File.Create(path);
        file.SetLength(1 << 20);
        return path;
    }

    private static async Task SaysAsync(Appliance appliance, string output, string command, params string[] words)
    {
        Answer answer = await RunAsync(appliance, command, words);
        answer.Succeeded().Output.Should().Be(output);
        answer.Error.Should().BeEmpty();
    }

    private static async Task FailsAsync(Appliance appliance, string output, string error, string command, params string[] words)
    {
        Answer answer = await RunAsync(appliance, command, words);
        (answer.Output, answer.Error, answer.Status).Should().Be((output, error, 1));
    }

    // In the directory of the configurations, whose names then appear as the manual has them.
    private static Task<Answer> RunAsync(Appliance appliance, string command, string[] words)
    {
        System.Diagnostics.ProcessStartInfo start = appliance.Command(Tree.Xm, words.Prepend(command));
        start.WorkingDirectory = Path.Combine(appliance.Root, "etc/xen");
        return Program.RunAsync(start);
    }
}
