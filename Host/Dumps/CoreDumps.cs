using System.Globalization;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains;
using Hospes.Host.Logging;

namespace Hospes.Host.Dumps;

/// <summary>
/// Core files of domains (fact sheet "xm", section 2). The Host opens the file, the domain's process writes it: how much there is to write, and how long
/// that takes, is nobody else's business.
/// </summary>
internal sealed class CoreDumps(HostPaths paths, TimeProvider clock, ILogger<CoreDumps> log)
{
    private const string IncompleteSuffix = "-incomplete";

    /// <summary>A guest of many GiB onto a slow disk.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>Writes a core of a domain whose process is there.</summary>
    /// <param name="domain">The domain; its gate is held.</param>
    /// <param name="file">Where to; null or empty: a name made of the time and the domain's, in the directory for cores.</param>
    /// <param name="isLive">The guest goes on meanwhile.</param>
    /// <returns>Where the core is.</returns>
    /// <exception cref="XendException">It cannot be written; what there is of it has a name that says so.</exception>
    public async Task<string> WriteAsync(ManagedDomain domain, string? file, bool isLive)
    {
        string path = file is { Length: > 0 } given ? Path.GetFullPath(given) : DefaultPath(domain);
        if (Directory.Exists(path))
            throw XendException.Generic($"Cannot dump core in a directory: {path}");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using (FileStream core = Open(path))
            {
                await domain.Process!.RequestAsync(
                    id => new ControlMessage.DumpCore(isLive) { Id = id }, [(int)core.SafeFileHandle.DangerousGetHandle()], Patience, CancellationToken.None);
            }

            log.Info($"domain {domain}: core written to {path}");
            return path;
        }
        catch (Exception failure) when (failure is XendException or IOException or UnauthorizedAccessException)
        {
            string where = SetAside(path);
            log.Error($"domain {domain}: no core written to {path}: {failure.Message}");
            throw XendException.Generic($"Failed to dump core: {failure.Message}{where}", failure);
        }
    }

    // A guest's memory is nobody else's to read, whatever the umask.
    private static FileStream Open(string path)
    {
        File.Delete(path);
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    private static string SetAside(string path)
    {
        try
        {
            if (!File.Exists(path))
                return "";
            File.Move(path, path + IncompleteSuffix, overwrite: true);
            return $" (what there is of it: {path}{IncompleteSuffix})";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private string DefaultPath(ManagedDomain domain) => Path.Combine(
        paths.Dumps,
        string.Create(CultureInfo.InvariantCulture, $"{clock.GetLocalNow():yyyy-MMdd-HHmm.ss}-{HostPaths.FileName(domain.Name)}.{domain.Id}.core"));
}
