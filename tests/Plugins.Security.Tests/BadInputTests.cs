using System.Text;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;

namespace Hospes.Security.Tests;

/// <summary>Policies that nobody should believe: refused with the reason, and the old one stays in force.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Place _place = new Place().WithExample();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_billion_laughs() => Refused(
        $"<!DOCTYPE p [<!ENTITY a \"ha\">{string.Concat(Enumerable.Range(1, 20).Select(static level => $"<!ENTITY a{level} \"{string.Concat(Enumerable.Repeat(level == 1 ? "&a;" : $"&a{level - 1};", 10))}\">"))}]>"
        + Body(Drafts.Example()).Replace("SystemManagement", "&a20;", StringComparison.Ordinal),
        "*DTD*");

    [Fact]
    public void An_external_entity()
    {
        string secret = _place.PathOf("secret");
        File.WriteAllText(secret, "the-secret");
        Refused($"<!DOCTYPE p [<!ENTITY x SYSTEM \"file://{secret}\">]>{Body(Drafts.Example())}", "*DTD*").Should().NotContain("the-secret");
    }

    [Fact]
    public void Another_namespace() => Refused(Drafts.Example().Replace("xmlns=\"http://www.ibm.com\"", "xmlns=\"http://example.org\"", StringComparison.Ordinal), "*namespace http://www.ibm.com*");

    [Fact]
    public void No_xml_at_all() => Refused("label everything", "*malformed*");

    [Fact]
    public void A_missing_element() => Refused(Drafts.Example().Replace("<Version>1.0</Version>", "", StringComparison.Ordinal), "*line *Version*");

    [Fact]
    public void A_hundred_thousand_labels()
    {
        StringBuilder labels = new();
        for (int number = 0; number < 100_000; number++)
            labels.Append("<ResourceLabel><Name>l").Append(number).Append("</Name><SimpleTypeEnforcementTypes><Type>Avis</Type></SimpleTypeEnforcementTypes></ResourceLabel>");
        string all = Drafts.Example().Replace("<ObjectLabels>", $"<ObjectLabels>{labels}", StringComparison.Ordinal);
        Refused(all, "*too long*");
        Refused(all.Replace("<ResourceLabel><Name>l", "<ResourceLabel><Name>", StringComparison.Ordinal).Replace("<SimpleTypeEnforcementTypes><Type>Avis</Type></SimpleTypeEnforcementTypes></ResourceLabel><ResourceLabel><Name>9", "<SimpleTypeEnforcementTypes><Type>Avis</Type></SimpleTypeEnforcementTypes></ResourceLabel><ResourceLabel><Name>9", StringComparison.Ordinal)[..(6 << 20)], "*malformed*");
        StringBuilder less = new();
        for (int number = 0; number < 40_000; number++)
            less.Append("<ResourceLabel><Name>l").Append(number).Append("</Name><SimpleTypeEnforcementTypes><Type>Avis</Type></SimpleTypeEnforcementTypes></ResourceLabel>");
        Refused(Drafts.Example().Replace("<ObjectLabels>", $"<ObjectLabels>{less}", StringComparison.Ordinal), "*40006 labels*32767*");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("example..test")]
    [InlineData(".example")]
    [InlineData("")]
    [InlineData("example.test\0")]
    public void Names_that_lead_elsewhere(string name)
    {
        foreach (Action attempt in (Action[])[() => _place.Policies.Compile(name), () => _place.Policies.Load(name, []), () => _place.Policies.Labels(name, SecurityLabelKind.Domain), () => _place.Policies.Source(name)])
            attempt.Should().Throw<SecurityPolicyException>();
        ((Action)(() => _place.Policies.ConfigureBoot(name, null))).Should().Throw<SecurityPolicyException>().WithMessage("Illegal policy name: *");
        if (name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal))
            ((Action)(() => _place.Policies.Install(Drafts.Example(name), true, false))).Should().Throw<SecurityPolicyException>();
    }

    [Theory]
    [InlineData("<Type>PepsiCo</Type><Type>CocaCola</Type><Type>Avis</Type></SimpleTypeEnforcementTypes>\n   </Simple", "<Type>CocaCola</Type><Type>CocaCola</Type><Type>Avis</Type></SimpleTypeEnforcementTypes>\n   </Simple", "*Type >CocaCola< defined more than once.*unknown VM STE type >PepsiCo<*")]
    [InlineData("<Conflict name=\"RER1\"><Type>CocaCola</Type>", "<Conflict name=\"RER1\"><Type>Nobody</Type>", "*CS type >Nobody< not a CHWALL type.*")]
    [InlineData("<Conflict name=\"RER1\"><Type>CocaCola</Type>", "<Conflict name=\"RER1\"><Type>PepsiCo</Type>", "*Double entry of type >PepsiCo< in conflict set 0.*")]
    [InlineData("bootstrap=\"SystemManagement\"", "bootstrap=\"Nobody\"", "*Bootstrap label >Nobody< not found.*")]
    [InlineData("<Name>Avis</Name>", "<Name>PepsiCo</Name>", "*Label 'PepsiCo' not unique in policy*")]
    [InlineData("<Name>Avis</Name>", "<Name>../Avis</Name>", "*cannot be the name of a label*")]
    [InlineData("<ChineseWallTypes><Type>Avis</Type></ChineseWallTypes>", "<ChineseWallTypes><Type>CocaCola</Type><Type>PepsiCo</Type></ChineseWallTypes>", "*Label >Avis< holds types >PepsiCo<, >CocaCola< of conflict set >RER1<.*")]
    [InlineData("<Conflict name=\"RER1\">", "<Conflict name=\"\">", "*There is a bad conflict set*")]
    [InlineData("<SimpleTypeEnforcement>", "<SimpleTypeEnforcement priority=\"PrimaryPolicyComponent\">", "*Primary Policy Component set twice!*")]
    public void What_Xens_compiler_did_and_did_not_check(string from, string to, string words)
    {
        string text = Drafts.Example().Replace("\r", "", StringComparison.Ordinal);
        text.Should().Contain(from);
        Refused(text.Replace(from, to, StringComparison.Ordinal), words);
    }

    [Fact]
    public void Both_spellings_of_the_primary_component()
    {
        foreach (string spelling in (string[])["priority", "order"])
        {
            _place.Write("example.test", Drafts.Example().Replace("<ChineseWall priority=", $"<ChineseWall {spelling}=", StringComparison.Ordinal));
            _place.Policies.Compile("example.test");
        }
    }

    [Fact]
    public void A_policy_edited_while_it_is_loaded()
    {
        _place.Write("example.test", Drafts.Example().Replace("<Name>Avis</Name>", "<Name>Hertz</Name>", StringComparison.Ordinal));
        _place.Policies.Labels("example.test", SecurityLabelKind.Domain).Should().Contain("Avis", "what is in force is in force, whatever its file has become");
        ((Action)(() => _place.Policies.Load("example.test", []))).Should().Throw<SecurityPolicyException>().WithMessage("*has been edited since it was compiled*makepolicy*");
        Runs("Avis");
        _place.Restart().Status.Policy.Should().Be("example.test");
        Runs("Avis");
    }

    [Fact]
    public void A_broken_state_file_starts_nothing()
    {
        File.WriteAllText(_place.PathOf("lib/security/active.json"), "{\"boot\":\"run\",\"policy\":3");
        _place.Restart();
        _place.Module.Status.Fault.Should().Contain("active.json");
        _place.Module.Admit(new SecuritySubject(new DomainId(1), "plain", null), SecurityOperation.DomainCreate).IsAllowed.Should().BeFalse("what was in force is not known");
    }

    private static string Body(string text) => text[(text.IndexOf("-->", StringComparison.Ordinal) + 3)..];

    private string Refused(string text, string words)
    {
        _place.Write("example.test", text);
        string message = ((Action)(() => _place.Policies.Compile("example.test"))).Should().Throw<SecurityPolicyException>().WithMessage("Creating policy failed:*").WithMessage(words).Which.Message;
        ((Action)(() => _place.Policies.Install(text, true, false))).Should().Throw<SecurityPolicyException>();
        Runs("CocaCola");
        return message;
    }

    private void Runs(string label)
    {
        SecuritySubject subject = new(new DomainId(9), "still", new SecurityLabel("ACM", "example.test", label));
        _place.Module.Admit(subject, SecurityOperation.DomainCreate).IsAllowed.Should().BeTrue("the old policy stays in force");
        _place.Module.Dismiss(subject.Domain);
    }
}
