using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;

namespace Hospes.Security.Tests;

/// <summary>A block device is what it says of itself, a loop device the file behind it: its number and its name are nobody's.</summary>
public sealed class BlockDeviceTests : IDisposable
{
    private const string SomethingElse = "is not what was labeled 'CocaCola': something else has been put in its place";
    private static readonly SecurityLabel CocaCola = new("ACM", "example.test", "CocaCola");

    private readonly Place _place = new Place().WithExample();

    public void Dispose() => _place.Dispose();

    [SkippableFact]
    public void Another_file_on_the_same_device_is_noticed()
    {
        string file = Make("a");
        string other = Make("b");
        LoopDevice? second = null;
        while (second is null)
        {
            string device;
            using (LoopDevice first = LoopDevice.On(file))
            {
                device = first.Path;
                Use(device).Rule.Should().Contain("is not labeled");
                _place.Labels.Add($"phy:{device}", CocaCola);
                Use(device).IsAllowed.Should().BeTrue();
            }

            Use(device).Rule.Should().Contain(SomethingElse, "there is nothing behind it");
            second = LoopDevice.TryOn(other, device);
            if (second is null)
                _place.Labels.Remove($"phy:{device}");
        }

        using (second)
            Use(second.Path).Rule.Should().Contain(SomethingElse);
    }

    [SkippableFact]
    public void The_same_file_on_another_device_has_its_label()
    {
        string file = Make("a");
        using (LoopDevice first = LoopDevice.On(file))
            _place.Labels.Add($"phy:{first.Path}", CocaCola);
        string moved = _place.PathOf("moved");
        File.Move(file, moved);
        using LoopDevice other = LoopDevice.On(Make("b"));
        using LoopDevice again = LoopDevice.On(moved);
        Use(again.Path).IsAllowed.Should().BeTrue("it is the same file, wherever it lies and whichever device it is on");
        Use(other.Path).IsAllowed.Should().BeFalse();
    }

    [SkippableFact]
    public void Another_part_of_the_same_file_is_another_device()
    {
        string file = Make("a");
        using LoopDevice whole = LoopDevice.On(file);
        _place.Labels.Add($"phy:{whole.Path}", CocaCola);
        using LoopDevice rest = LoopDevice.On(file, "--offset", "4096");
        Use(rest.Path).Rule.Should().Contain("is not labeled");
        using LoopDevice start = LoopDevice.On(file, "--sizelimit", "4096");
        Use(start.Path).Rule.Should().Contain("is not labeled");
    }

    [SkippableFact]
    public void A_file_put_where_the_one_behind_the_device_was_changes_nothing()
    {
        string file = Make("a");
        using LoopDevice device = LoopDevice.On(file);
        _place.Labels.Add($"phy:{device.Path}", CocaCola);
        File.Move(file, _place.PathOf("old"));
        Make("a");
        Use(device.Path).IsAllowed.Should().BeTrue("the device has the file that it had");
        File.Delete(_place.PathOf("old"));
        File.WriteAllText(_place.PathOf("old (deleted)"), "what the kernel's name of the file leads to now");
        Use(device.Path).Rule.Should().Contain(SomethingElse, "of a file that has no name any more nobody can tell which it was");
    }

    [SkippableFact]
    public void A_name_that_leads_to_the_device_is_the_device()
    {
        using LoopDevice device = LoopDevice.On(Make("a"));
        using LoopDevice other = LoopDevice.On(Make("b"));
        _place.Labels.Add($"phy:{device.Path[5..]}", CocaCola);
        string link = _place.PathOf("disk");
        File.CreateSymbolicLink(link, device.Path);
        Use(link).IsAllowed.Should().BeTrue();
        File.Delete(link);
        File.CreateSymbolicLink(link, other.Path);
        Use(link).Rule.Should().Contain("is not labeled");
    }

    private SecurityDecision Use(string path) =>
        _place.Module.MayUse(SecurityOperation.BlockAttach, new SecuritySubject(new DomainId(4), "cola", CocaCola), new SecurityResource($"phy:{path}"));

    private string Make(string name)
    {
        string path = _place.PathOf(name);
        using FileStream file = File.Create(path);
        file.SetLength(1 << 20);
        return path;
    }
}
