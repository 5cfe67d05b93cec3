using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Records;
using Hospes.Host.Tests.State;
using Hospes.Host.Tests.Support;
using Hospes.Sdk;
using Hospes.Sxp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Host.Tests.Domains.Records;

/// <summary>The power goes before, within and after each write of a domain's record through its life: it says what it said or what it was to say.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly TemporaryDirectory _copies = new();

    public void Dispose()
    {
        _root.Dispose();
        _copies.Dispose();
    }

    [Fact]
    public void Whenever_the_power_goes_the_record_is_readable()
    {
        HostPaths paths = new(_root.Path);
        paths.Create();
        Directory.CreateDirectory(paths.Domain(7));
        SnapshotFiles files = new(paths.Domains, _copies);
        DomainRecords records = new(paths, files, NullLogger<DomainRecords>.Instance);
        VmConfiguration configuration = VmConfigurationReader.Read(
            $"(vm (name a) (memory 16) (maxmem 64) (uuid {Guid.NewGuid()}) (image (linux (kernel /k))))", needsFiles: false);
        ManagedDomain domain = new(new DomainId(7), configuration, default, DateTimeOffset.UnixEpoch);
        string? state = null;
        List<(int Cuts, string? Before, string? After)> writes = [];

        Write();
        Change(() => domain.Phase = DomainPhase.Live);
        Change(() => domain.MemoryTargetKiB = 32 * 1024);
        Change(() => domain.Configuration = configuration with { Name = new string('b', 4096) });
        Change(() => domain.Planned = [Disk]);
        Change(() => (domain.Successor, domain.Phase) = (new Successor(configuration, 1, DateTimeOffset.UnixEpoch), DomainPhase.Dying));
        files.Keep();

        writes[^1].Cuts.Should().BeGreaterThan(25);
        int write = 0;
        for (int cut = 0; cut < files.Snapshots.Count; cut++)
        {
            while (write < writes.Count - 1 && cut >= writes[write].Cuts)
                write++;
            string? there = Describe(new DomainRecords(paths, files, new FailingLogger()).Read(Path.Combine(files.Snapshots[cut], "7")));
            there.Should().BeOneOf([writes[write].Before, writes[write].After], $"cut {cut} of {files.Snapshots.Count}");
        }

        Describe(records.Read(paths.Domain(7))).Should().Be(state);

        void Change(Action change)
        {
            change();
            Write();
        }

        void Write()
        {
            string? before = state;
            records.Write(domain);
            state = $"{domain.Phase} {domain.Name} {domain.MemoryTargetKiB} {domain.Planned.Count} {domain.Successor?.Count}";
            writes.Add((files.Snapshots.Count, before, state));
        }
    }

    private static DeviceConfiguration Disk => new()
    {
        BackendClass = "vbd",
        Class = "vbd",
        Id = 51712,
        Name = "xvda",
        Form = SxpParser.ParseForm("(vbd (uname file:/x) (dev xvda))"),
    };

    private static string? Describe(DomainRecord? record) =>
        record is null ? null : $"{record.Phase} {record.Configuration.Name} {record.MemoryTargetKiB} {record.Devices.Count} {record.Successor?.Count}";
}
