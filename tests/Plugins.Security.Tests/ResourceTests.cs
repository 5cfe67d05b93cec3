using System.Diagnostics;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;

namespace Hospes.Security.Tests;

/// <summary>Labels belong to objects: they go where a file goes, and do not stay where it was.</summary>
public sealed class ResourceTests : IDisposable
{
    private static readonly SecurityLabel CocaCola = new("ACM", "example.test", "CocaCola");
    private static readonly SecuritySubject Domain = new(new DomainId(4), "cola", CocaCola);

    private readonly Place _place = new Place().WithExample();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_labelled_file_may_be_used_by_its_own_and_by_nobody_else()
    {
        string file = Make("a");
        Use(file).Rule.Should().Be($"Resource 'file:{file}' is not labeled");
        _place.Labels.Add($"file:{file}", CocaCola).Should().EndWith("acm-security/policies/resource_labels");
        Use(file).IsAllowed.Should().BeTrue();
        Use(file, "tap:aio:").IsAllowed.Should().BeTrue("the object is the same, whichever driver");
        SecurityDecision decision = _place.Module.MayUse(
            SecurityOperation.BlockAttach, Domain with { Label = CocaCola with { Name = "PepsiCo" } }, new SecurityResource($"file:{file}"));
        decision.Rule.Should().Contain("because label 'CocaCola' is not allowed");
        ((Action)(() => _place.Labels.Add($"file:{file}", CocaCola))).Should().Throw<SecurityPolicyException>().WithMessage("This resource is already labeled.");
    }

    [Fact]
    public void A_label_goes_along_when_its_file_is_moved()
    {
        string file = Labelled("a");
        string there = _place.PathOf("there");
        File.Move(file, there);
        Use(there).IsAllowed.Should().BeTrue();
        _place.Labels.All.Should().ContainSingle().Which.Name.Should().Be($"file:{there}", "its entry follows it");
        Make("a");
        Use(file).Rule.Should().Contain("is not labeled", "another file that is called as it was is not it");
    }

    [Fact]
    public void A_file_in_the_place_of_a_labelled_one_is_noticed()
    {
        string file = Labelled("a");
        File.Move(file, _place.PathOf("old"));
        Make("a");
        Use(file).Rule.Should().Contain("is not what was labeled 'CocaCola': something else has been put in its place");
        ((Action)(() => _place.Labels.Find($"file:{file}"))).Should().Throw<SecurityPolicyException>();
    }

    [Fact]
    public void A_link_in_the_place_of_a_labelled_file_is_noticed()
    {
        string file = Labelled("a");
        string secret = Make("secret");
        File.Move(file, _place.PathOf("old"));
        File.CreateSymbolicLink(file, secret);
        Use(file).Rule.Should().Contain("something else has been put in its place");
    }

    [Fact]
    public void A_copy_with_all_attributes_is_not_the_file()
    {
        string file = Labelled("a");
        string copy = _place.PathOf("copy");
        using Process process = Process.Start("cp", ["--archive", "--preserve=all", file, copy]);
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
        Use(copy).Rule.Should().Contain("is not labeled");
    }

    [Fact]
    public void A_second_name_of_the_file_is_the_file()
    {
        string file = Labelled("a");
        string link = _place.PathOf("link");
        using Process process = Process.Start("ln", [file, link]);
        process.WaitForExit();
        Use(link).IsAllowed.Should().BeTrue();
        _place.Labels.All.Should().ContainSingle().Which.Name.Should().Be($"file:{file}", "it is still there");
        ((Action)(() => _place.Labels.Add($"file:{link}", CocaCola))).Should().Throw<SecurityPolicyException>().WithMessage("*already labeled*");
    }

    [Fact]
    public void A_removed_label_is_gone()
    {
        string file = Labelled("a");
        _place.Labels.Remove($"file:{file}");
        Use(file).IsAllowed.Should().BeFalse();
        ((Action)(() => _place.Labels.Remove($"file:{file}"))).Should().Throw<SecurityPolicyException>().WithMessage("Resource not labeled");
        _place.Labels.All.Should().BeEmpty();
    }

    [Fact]
    public void Entries_of_Xens_own_files_are_understood_and_bound_when_seen()
    {
        string file = Make("a");
        File.WriteAllText(_place.PathOf("etc/acm-security/policies/resource_labels"), $"resources = {{\n    'file:{file}': ('example.test', 'CocaCola'),\n}}\n");
        Use(file).IsAllowed.Should().BeTrue();
        File.Move(file, _place.PathOf("b"));
        Make("a");
        Use(file).IsAllowed.Should().BeFalse();
    }

    [Theory]
    [InlineData("nothing", "Resource spec 'nothing' contains no ':' delimiter")]
    [InlineData("tap:aio", "Resource spec 'tap:aio' contains no tap subtype")]
    [InlineData("file:relative", "Invalid resource.")]
    [InlineData("file:/does/not/exist", "Invalid resource.")]
    [InlineData("file:/etc", "Invalid resource.")]
    [InlineData("file:", "Invalid resource.")]
    [InlineData("file:/a'b", "Invalid resource.")]
    public void What_cannot_be_labelled(string name, string words) =>
        ((Action)(() => _place.Labels.Add(name, CocaCola))).Should().Throw<SecurityPolicyException>().WithMessage(words);

    [Fact]
    public void Labels_of_a_policy_that_is_not_there_or_does_not_know_them()
    {
        string file = Make("a");
        ((Action)(() => _place.Labels.Add($"file:{file}", CocaCola with { Policy = "other.policy" }))).Should().Throw<SecurityPolicyException>().WithMessage("Unknown policy 'other.policy'");
        ((Action)(() => _place.Labels.Add($"file:{file}", CocaCola with { Name = "Nobody" }))).Should().Throw<SecurityPolicyException>().WithMessage("Label 'Nobody' not found.");
        File.Exists(_place.PathOf("etc/acm-security/policies/resource_labels")).Should().BeFalse();
    }

    [Fact]
    public void Without_a_policy_labelled_resources_stay_where_they_are()
    {
        string file = Labelled("a");
        _place.Policies.Reset();
        Use(file, label: null).Rule.Should().Be($"Security is off, but 'file:{file}' is labeled");
        Use(Make("b"), label: null).IsAllowed.Should().BeTrue();
    }

    [Fact]
    public void A_label_that_an_update_takes_away_is_marked_and_fits_nobody()
    {
        string file = Labelled("a");
        _place.Write("example.test", Drafts.Example().Replace(
            "<ResourceLabel><Name>CocaCola</Name><SimpleTypeEnforcementTypes><Type>CocaCola</Type></SimpleTypeEnforcementTypes></ResourceLabel>", "", StringComparison.Ordinal));
        _place.Policies.Compile("example.test");
        _place.Policies.Load("example.test", []);
        File.ReadAllText(_place.PathOf("etc/acm-security/policies/resource_labels")).Should().Contain("('INV_ACM', 'example.test', 'CocaCola')");
        Use(file).IsAllowed.Should().BeFalse();
    }

    private SecurityDecision Use(string file, string driver = "file:") => Use(file, CocaCola, driver);

    private SecurityDecision Use(string file, SecurityLabel? label, string driver = "file:") =>
        _place.Module.MayUse(SecurityOperation.BlockAttach, Domain with { Label = label }, new SecurityResource(driver + file));

    private string Labelled(string name)
    {
        string file = Make(name);
        _place.Labels.Add($"file:{file}", CocaCola);
        return file;
    }

    private string Make(string name)
    {
        string path = _place.PathOf(name);
        File.WriteAllText(path, name);
        return path;
    }
}
