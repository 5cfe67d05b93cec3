using Hospes.Host.Startup;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Startup;

public sealed class ApplianceLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly HostPaths _paths;

    public ApplianceLockTests()
    {
        _paths = new HostPaths(_directory.Path);
        _paths.Create();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_second_appliance_on_the_same_root_is_refused_by_the_firsts_number()
    {
        using ApplianceLock first = ApplianceLock.Take(_paths);
        ApplianceLock.FindOwner(_paths).Should().Be(Environment.ProcessId);
        FluentActions.Invoking(() => ApplianceLock.Take(_paths)).Should().Throw<XendException>()
            .WithMessage($"*already running on the root {_directory.Path} as process {Environment.ProcessId}*--root*");
    }

    [Fact]
    public void A_lock_that_was_given_back_can_be_taken_again()
    {
        ApplianceLock.Take(_paths).Dispose();
        ApplianceLock.FindOwner(_paths).Should().BeNull();
        ApplianceLock.Take(_paths).Dispose();
    }

    [Fact]
    public void The_number_left_by_an_appliance_that_died_means_nothing()
    {
        File.WriteAllText(_paths.LockFile, "123456 and some garbage\n");
        ApplianceLock.FindOwner(_paths).Should().BeNull();
        using ApplianceLock taken = ApplianceLock.Take(_paths);
        ApplianceLock.FindOwner(_paths).Should().Be(Environment.ProcessId);
    }
}
