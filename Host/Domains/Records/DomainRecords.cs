using System.Text.Json;
using Hospes.Host.Devices;
using Hospes.Host.Logging;
using Hospes.Host.State;

namespace Hospes.Host.Domains.Records;

/// <summary>Keeps what a later Host must know of each domain in a file in the domain's directory, which is replaced whole with each change.</summary>
internal sealed class DomainRecords(HostPaths paths, IStateFiles files, ILogger<DomainRecords> log)
{
    /// <summary>The file's name in a domain's directory.</summary>
    public const string FileName = "record.json";

    /// <summary>The machine's present run.</summary>
    public string Boot { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Writes what is known of a domain now.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(ManagedDomain domain)
    {
        lock (domain.Recording)
        {
            byte[] text = JsonSerializer.SerializeToUtf8Bytes(Describe(domain), RecordJson.Default.DomainRecord);
            AtomicFile.Replace(files, PathOf(paths.Domain(domain.Id.Value)), text);
        }
    }

    /// <summary>The same for changes that have happened already: that they cannot be kept is logged, and they stand.</summary>
    public void Note(ManagedDomain domain)
    {
        try
        {
            Write(domain);
        }
        catch (DirectoryNotFoundException)
        {
            // The domain has been taken away.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.Error($"domain {domain}: what has changed cannot be written down, and would be forgotten if xend were to end now", failure);
        }
    }

    /// <summary>The record in a domain's directory; null: there is none that can be read, so that nobody was told that this domain exists.</summary>
    /// <exception cref="XendException">A newer version has written it.</exception>
    public DomainRecord? Read(string directory)
    {
        byte[]? text = files.Read(PathOf(directory));
        if (text is null)
            return null;
        try
        {
            int version = JsonSerializer.Deserialize(text, RecordJson.Default.RecordVersion)?.Version ?? 0;
            if (version > DomainRecord.CurrentVersion)
            {
                throw XendException.Generic(
                    $"{PathOf(directory)} was written by a newer version of xend (format {version}, this one knows {DomainRecord.CurrentVersion})");
            }

            return JsonSerializer.Deserialize(text, RecordJson.Default.DomainRecord);
        }
        catch (JsonException broken)
        {
            log.Error($"{PathOf(directory)} cannot be read, so its domain cannot be taken over: {broken.Message}");
            return null;
        }
    }

    /// <summary>Removes a domain's directory, or all in it but the record, which then says what is still to be done.</summary>
    public void Clear(string directory, bool keepRecord)
    {
        if (!Directory.Exists(directory))
            return;
        if (keepRecord && File.Exists(PathOf(directory)))
        {
            foreach (string file in Directory.EnumerateFiles(directory).Where(static file => Path.GetFileName(file) != FileName))
                File.Delete(file);
            return;
        }

        // Without its record a directory means nothing to anybody: the record goes last.
        foreach (string file in Directory.EnumerateFiles(directory).Where(static file => Path.GetFileName(file) != FileName))
            File.Delete(file);
        Directory.Delete(directory, recursive: true);
    }

    private static string PathOf(string directory) => Path.Combine(directory, FileName);

    private DomainRecord Describe(ManagedDomain domain) => new()
    {
        Version = DomainRecord.CurrentVersion,
        Boot = Boot,
        Domid = domain.Id.Value,
        Phase = domain.Phase,
        Configuration = domain.Configuration,
        StartTime = domain.StartTime,
        Restarts = domain.Restarts.Count,
        LastRestart = domain.Restarts.Last,
        MemoryTargetKiB = domain.MemoryTargetKiB,
        MemoryMaximumKiB = domain.MemoryMaximumKiB,
        CpuTime = domain.NotedCpuTime.Value,
        Devices = [.. domain.Devices.Select(Describe), .. domain.Planned.Select(static planned => new DeviceRecord(planned, false, DevicePlan.NoState))],
        Successor = domain.Successor,
    };

    private static DeviceRecord Describe(Device device) => new(device.Configuration, device.IsComplete, device.Plan?.State ?? DevicePlan.NoState);
}
