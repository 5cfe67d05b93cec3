using System.Globalization;
using System.Text;
using Hospes.Host.Domains;
using Hospes.Host.State;
using Hospes.Sxp;

namespace Hospes.Host.Managed;

/// <summary>
/// Managed domains on disk: <c>UUID/config.sxp</c> in xend's directory of domains (fact sheet "xend", section 4), a form that people can read and
/// <c>xm create -F</c> takes.
/// </summary>
internal sealed class KeptDomainFiles(string directory, IStateFiles files)
{
    private const string FileName = "config.sxp";
    private const string FormatKey = "xend_format";
    private const int Format = 1;
    private const string Head = "# A managed domain: xm new made it, xm start starts it, xm delete removes it. Written by xend; edit it while xend is stopped.\n";

    /// <summary>Reads all that there are. Those that cannot be read stay as they are, and are told of.</summary>
    /// <param name="complain">Called with what is wrong with one.</param>
    public IEnumerable<KeptDomain> ReadAll(Action<string> complain)
    {
        if (!Directory.Exists(directory))
            yield break;
        foreach (string path in Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal).Select(static each => Path.Combine(each, FileName)))
        {
            KeptDomain? kept = null;
            try
            {
                kept = Read(path);
            }
            catch (Exception failure) when (failure is XendException or IOException or UnauthorizedAccessException)
            {
                complain($"the managed domain in {path} is left out, and its file as it is: {failure.Message}");
            }

            if (kept is not null)
                yield return kept;
        }
    }

    /// <summary>Writes one.</summary>
    /// <exception cref="XendException">It cannot be written; what was there before is untouched.</exception>
    public void Write(KeptDomain domain)
    {
        string path = PathOf(domain.Uuid);
        SxpList form = VmForm.Make(domain.Configuration);
        SxpList versioned = new([form[0], VmForm.Pair(FormatKey, Format), .. form.Skip(1)]);
        try
        {
            if (File.Exists(path))
                RequireOurs(VmConfigurationReader.Parse(File.ReadAllText(path)), path);
            bool isNew = !Directory.Exists(Path.GetDirectoryName(path));
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            try
            {
                AtomicFile.Replace(files, path, Encoding.UTF8.GetBytes(Head + SxpPrinter.Pretty(versioned, SxpPrinter.StoreWidth)));
            }
            catch
            {
                if (isNew)
                    Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
                else
                    files.Delete(path + AtomicFile.Unfinished);
                throw;
            }

            files.SyncDirectory(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw XendException.Generic($"Domain '{domain.Name}' cannot be stored in {path}: {failure.Message}", failure);
        }
    }

    /// <summary>Removes one.</summary>
    /// <exception cref="XendException">It cannot be removed.</exception>
    public void Delete(KeptDomain domain)
    {
        string path = PathOf(domain.Uuid);
        try
        {
            // The file first: whatever happens next, the domain is gone.
            files.Delete(path);
            files.SyncDirectory(Path.GetDirectoryName(path)!);
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw XendException.Generic($"Domain '{domain.Name}' cannot be removed from {path}: {failure.Message}", failure);
        }
    }

    private static KeptDomain? Read(string path)
    {
        if (!File.Exists(path))
            return null; // a directory that a power cut left before or after its file
        SxpList form = VmConfigurationReader.Parse(File.ReadAllText(path));
        RequireOurs(form, path);
        KeptDomain kept = new(VmConfigurationReader.Read(form, needsFiles: false));
        return string.Equals(Path.GetFileName(Path.GetDirectoryName(path)), kept.Uuid.ToString(), StringComparison.OrdinalIgnoreCase)
            ? kept
            : throw XendException.Generic($"its uuid is {kept.Uuid}, which is not what its directory is called");
    }

    // Xen's own files have no format; a later version of ours may have keys that would be lost.
    private static void RequireOurs(SxpList form, string path)
    {
        if (form.ValueText(FormatKey) is { } format && (!int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > Format))
            throw XendException.Generic($"{path} has the format {format} of a newer version of xend, and this version reads up to {Format}");
    }

    private string PathOf(Guid uuid) => Path.Combine(directory, uuid.ToString(), FileName);
}
