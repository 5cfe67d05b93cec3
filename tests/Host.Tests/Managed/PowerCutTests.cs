using Hospes.Host.Domains;
using Hospes.Host.Managed;
using Hospes.Host.State;
using Hospes.Host.Tests.State;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Managed;

/// <summary>The store of managed domains is cut before every step of writing, changing and deleting: each domain is there as it was or as it was to be.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly TemporaryDirectory _store = new();
    private readonly TemporaryDirectory _copies = new();

    public void Dispose()
    {
        _store.Dispose();
        _copies.Dispose();
    }

    [Fact]
    public void Whenever_the_power_goes_the_store_is_readable()
    {
        SnapshotFiles files = new(_store.Path, _copies);
        KeptDomainFiles domains = new(_store.Path, files);
        VmConfiguration first = VmConfigurationReader.Read($"(vm (name a) (memory 1) (uuid {Guid.NewGuid()}) (image (linux (kernel /k))))", needsFiles: false);
        VmConfiguration other = VmConfigurationReader.Read($"(vm (name b) (memory 9) (uuid {Guid.NewGuid()}) (image (linux (kernel /k))))", needsFiles: false);
        domains.Write(new KeptDomain(first));
        int written = files.Snapshots.Count;
        domains.Write(new KeptDomain(first with { MaximumMemoryMiB = 2, MemoryMiB = 2 }));
        int changed = files.Snapshots.Count;
        domains.Write(new KeptDomain(other));
        int both = files.Snapshots.Count;
        domains.Delete(new KeptDomain(first));
        files.Keep();
        files.Snapshots.Should().HaveCountGreaterThan(20);
        for (int cut = 0; cut < files.Snapshots.Count; cut++)
        {
            string[] there = [.. Read(files.Snapshots[cut]).Order(StringComparer.Ordinal)];
            string[][] allowed = cut < written ? [[], ["a 1"]]
                : cut < changed ? [["a 1"], ["a 2"]]
                : cut < both ? [["a 2"], ["a 2", "b 9"]]
                : [["a 2", "b 9"], ["b 9"]];
            allowed.Should().ContainEquivalentOf(there, $"cut {cut} of {files.Snapshots.Count}");
        }
    }

    private static IEnumerable<string> Read(string directory) => new KeptDomainFiles(directory, new StateFiles())
        .ReadAll(static problem => throw new InvalidOperationException(problem)).Select(static domain => $"{domain.Name} {domain.Configuration.MemoryMiB}");
}
