using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>Commands of the access control policy: the files they change, what they ask of xend, and what they print.</summary>
public sealed class SecurityCommandTests : IDisposable
{
    private const string Active = """{"type":"ACM","policy":"example.test","enforcing":true,"installed":"example.test","version":"1.0","reference":"5b1b1f6e-0000-4000-8000-000000000003"}""";
    private const string Config = "kernel = '/k'\nmemory = 64\nname = 'a'\n";

    private readonly XmFixture _xm = new();

    public SecurityCommandTests()
    {
        _xm.Xend.Answer("GET /v1/security", Active);
        _xm.Xend.Answer("GET /v1/security/labels", """["Avis","Hertz"]""");
    }

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void A_domains_label_is_a_line_of_its_file()
    {
        string file = _xm.Write("a", Config);
        _xm.Run("getlabel", "dom", "a").Error.Should().Be("Error: Domain not labeled\n");
        _xm.Run("addlabel", "Avis", "dom", "a").Should().Be(new XmRun(0, "", ""));
        File.ReadAllText(file).Should().Be($"{Config}access_control = ['policy=example.test,label=Avis']\n");
        _xm.Run("addlabel", "Hertz", "dom", "a").Error.Should().Be("Error: Config file 'a' is already labeled.\n");
        _xm.Run("getlabel", "dom", "a").Should().Be(new XmRun(0, "policy=example.test,label=Avis\n", ""));
        _xm.Run("rmlabel", "dom", "a").Should().Be(new XmRun(0, "", ""));
        File.ReadAllText(file).Should().Be($"{Config}#access_control = ['policy=example.test,label=Avis']\n");
        _xm.Run("rmlabel", "dom", "a").Error.Should().Be("Error: Domain not labeled\n");
        _xm.Run("addlabel", "Nobody", "dom", "a").Error.Should().Be("Error: Label 'Nobody' not found.\n");
        _xm.Run("addlabel", "Avis", "dom", "b").Error.Should().Be("Error: Configuration file 'b' not found.\n");
    }

    [Theory]
    [InlineData("vif = ['']\n", 0, "vif = ['policy=example.test, label=Avis']\n")]
    [InlineData("vif = ['mac=00:16:3e:00:00:01, bridge=b', \"bridge=c\"]\n", 1, "vif = ['mac=00:16:3e:00:00:01, bridge=b', \"bridge=c, policy=example.test, label=Avis\"]\n")]
    [InlineData("vif = [ # two\n  'mac=00:16:3e:00:00:01', # 'one'\n  'ip=10.0.0.1', ] # end\n", 1, "vif = [ # two\n  'mac=00:16:3e:00:00:01', # 'one'\n  'ip=10.0.0.1, policy=example.test, label=Avis', ] # end\n")]
    [InlineData("vif = ['bridge=a', \\\n 'bridge=b']\n", 0, "vif = ['bridge=a, policy=example.test, label=Avis', \\\n 'bridge=b']\n")]
    public void An_interfaces_label_is_in_its_entry_and_nothing_else_changes(string before, int number, string after)
    {
        string file = _xm.Write("a", Config + before);
        _xm.Run("addlabel", "Avis", $"vif-{number}", "a").Should().Be(new XmRun(0, "Successfully labeled the VIF.\n", ""));
        File.ReadAllText(file).Should().Be(Config + after);
        _xm.Run("getlabel", $"vif-{number}", "a").Should().Be(new XmRun(0, "policy=example.test,label=Avis\n", ""));
        _xm.Run("create", "-q", "-n", "a").Out.Should().Contain("(security_label ACM:example.test:Avis)");
        _xm.Run("addlabel", "Hertz", $"vif-{number}", "a").Error.Should().Be($"Error: vif-{number} of 'a' is already labeled.\n");
        _xm.Run("rmlabel", $"vif-{number}", "a").Should().Be(new XmRun(0, "Successfully removed the label from the VIF.\n", ""));
        File.ReadAllText(file).Should().Be(Config + before);
        _xm.Run("rmlabel", $"vif-{number}", "a").Error.Should().Be($"Error: vif-{number} of 'a' is not labeled.\n");
    }

    [Theory]
    [InlineData("", "Config file 'a' has no vif: there is no vif-0.")]
    [InlineData("vif = []\n", "Config file 'a' has no vif: there is no vif-0.")]
    [InlineData("vif = [name]\n", "The vif of 'a' is not a list of plain strings: write policy=POLICY,label=LABEL into it by hand.")]
    [InlineData("vif = ['mac=%s' % mac]\n", "The vif of 'a' is not a list of plain strings: write policy=POLICY,label=LABEL into it by hand.")]
    [InlineData("vif = ['bri\\x64ge=b']\n", "The vif of 'a' is not a list of plain strings: write policy=POLICY,label=LABEL into it by hand.")]
    [InlineData("vif = ['bridge=b\n", "The vif of 'a' is not a list of plain strings: write policy=POLICY,label=LABEL into it by hand.")]
    public void What_stands_in_no_plain_list_is_left_alone(string lines, string words)
    {
        string file = _xm.Write("a", Config + lines);
        _xm.Run("addlabel", "Avis", "vif-0", "a").Should().Be(new XmRun(1, "", $"Error: {words}\n"));
        File.ReadAllText(file).Should().Be(Config + lines);
    }

    [Fact]
    public void An_interface_of_a_managed_domain_is_xends()
    {
        _xm.Run("addlabel", "Avis", "vif-1", "kept").Out.Should().Be("Successfully labeled the VIF.\n");
        _xm.Run("rmlabel", "vif-1", "kept").Out.Should().Be("Successfully removed the label from the VIF.\n");
        _xm.Xend.Requests.Where(static request => request.StartsWith("POST", StringComparison.Ordinal)).Should().Equal(
            "POST /v1/domains/kept/security-label {\"name\":\"Avis\",\"policy\":\"example.test\",\"vif\":1}",
            "POST /v1/domains/kept/security-label {\"name\":\"\",\"policy\":\"\",\"vif\":1}");
        _xm.Xend.Answer("GET /v1/domains/kept/sxp", "(domain (device (vif (mac a))) (device (vif (security_label ACM:example.test:Hertz))))");
        _xm.Run("getlabel", "vif-1", "kept").Out.Should().Be("policy=example.test,label=Hertz\n");
        _xm.Run("getlabel", "vif-0", "kept").Error.Should().Be("Error: vif-0 of 'kept' is not labeled.\n");
        _xm.Run("getlabel", "vif-2", "kept").Error.Should().Be("Error: Domain 'kept' has 2 vifs: there is no vif-2.\n");
        _xm.Run("addlabel", "Avis", "vif-x", "kept").Error.Should().Contain("'vif-x' names no network interface: vif-0 is the first one.");
    }

    [Theory]
    [InlineData("(domain (security_label ACM:example.test:Avis))")]
    [InlineData("(domain (security ((access_control (policy example.test) (label Avis)))))")]
    [InlineData("(domain (security (access_control (policy example.test) (label Avis))))")]
    public void A_domain_has_its_label_whether_it_runs_or_not(string form)
    {
        _xm.Xend.Answer("GET /v1/domains/kept/sxp", form);
        _xm.Run("getlabel", "mgt", "kept").Should().Be(new XmRun(0, "policy=example.test,label=Avis\n", ""));
    }

    [Fact]
    public void Setpolicy_says_what_xend_says()
    {
        _xm.Run("setpolicy", "ACM", "example.test", "--load", "--update").Should().Be(new XmRun(0, "Successfully set the new policy.\n", ""));
        _xm.Xend.Requests.Last().Should().Be("POST /v1/security/install {\"policy\":\"example.test\",\"load\":1,\"boot\":0,\"update\":1,\"noOverwrite\":0}");
        _xm.Xend.Refuse("POST /v1/security/install", 2, "Operation failed in hypervisor: it runs\\nHypervisor reported errors:\\n(0x00000103, 0x00000002)");
        _xm.Run("setpolicy", "ACM", "example.test", "--load").Should().Be(
            new XmRun(1, "", "Error: An error occurred trying to set the policy: Operation failed in hypervisor: it runs\nHypervisor reported errors:\n(0x00000103, 0x00000002)\n"));
        _xm.Run("setpolicy", "XYZ", "example.test").Error.Should().Contain("The policy type has to be ACM, not 'XYZ'.");
        _xm.Run("activatepolicy", "--load").Out.Should().StartWith("Successfully activated the policy.\nSupported security subsystems   : ACM\n\nPolicy installed on the system:\nPolicy name           : example.test\n");
    }

    [Fact]
    public void A_label_is_refined_in_its_policys_source()
    {
        const string label = "<VirtualMachineLabel><Name>Avis</Name><ChineseWallTypes><Type>Avis</Type></ChineseWallTypes></VirtualMachineLabel>";
        _xm.Xend.Answer("GET /v1/security/source", $"<!-- by hand --><SecurityPolicyDefinition xmlns=\"http://www.ibm.com\"><SecurityLabelTemplate><SubjectLabels>{label}</SubjectLabels></SecurityLabelTemplate></SecurityPolicyDefinition>");
        _xm.Xend.Answer("POST /v1/security/workloads", "{\"path\":\"/p\"}");
        _xm.Run("refinelabel", "example.test", "dom", "Avis").Should().Be(new XmRun(0, "CHWALL Avis\n", ""));
        _xm.Run("refinelabel", "example.test", "dom", "Avis", "add=Avis,Hertz", "chwall-remove=Avis").Should().Be(new XmRun(0, "Policy 'example.test' saved as /p\n", ""));
        string body = _xm.Xend.Requests.Last();
        body.Should().StartWith("POST /v1/security/workloads {\"source\":").And.EndWith(",\"policy\":\"example.test\",\"save\":1,\"overwrite\":1}");
        string source = System.Text.Json.JsonDocument.Parse(body[body.IndexOf('{')..]).RootElement.GetProperty("source").GetString()!;
        source.Should().Contain("<!-- by hand -->").And.MatchRegex("<Name>Avis</Name>\\s*<SimpleTypeEnforcementTypes>\\s*<Type>Avis</Type>\\s*<Type>Hertz</Type>\\s*</SimpleTypeEnforcementTypes>\\s*</VirtualMachineLabel>");
        _xm.Run("refinelabel", "example.test", "res", "Archive", "--new", "add=Avis").ExitCode.Should().Be(0);
        _xm.Xend.Requests.Last().Should().Contain("ObjectLabels").And.Contain("ResourceLabel");
        _xm.Run("refinelabel", "example.test", "dom", "Avis", "--delete").ExitCode.Should().Be(0);
        _xm.Xend.Requests.Last().Should().NotContain("VirtualMachineLabel");
        int requests = _xm.Xend.Requests.Count(static request => request.StartsWith("POST", StringComparison.Ordinal));
        _xm.Run("refinelabel", "example.test", "dom", "Nobody").Error.Should().Be("Error: Label 'Nobody' not found.\n");
        _xm.Run("refinelabel", "example.test", "dom", "Avis", "remove=Hertz").Error.Should().Be("Error: Label 'Avis' does not have the type 'Hertz'.\n");
        _xm.Run("refinelabel", "example.test", "dom", "Avis", "chwall-add=Avis").Error.Should().Be("Error: Label 'Avis' has the type 'Avis' already.\n");
        _xm.Run("refinelabel", "example.test", "dom", "Avis", "--new").Error.Should().Be("Error: Label 'Avis' is in this policy already.\n");
        _xm.Run("refinelabel", "example.test", "dom", "Avis", "give=Avis").Error.Should().Contain("'give=Avis' is none of add=TYPE,..., remove=TYPE,...");
        _xm.Xend.Requests.Count(static request => request.StartsWith("POST", StringComparison.Ordinal)).Should().Be(requests, "what is wrong is not sent");
    }
}
