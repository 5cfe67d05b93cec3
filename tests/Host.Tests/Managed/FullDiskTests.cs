using System.Diagnostics;
using Hospes.Host.Domains;
using Hospes.Host.Managed;
using Hospes.Host.State;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Managed;

/// <summary>A disk with no room, and one that is read-only: a domain is not stored, what was stored stays, the error says where.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void What_was_there_stays()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess && Mount("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _directory.Path), "a file system of one's own needs root, and the right to mount");
        try
        {
            string filler = _directory.File("filler");
            KeptDomainFiles files = new(_directory.File("domains"), new StateFiles());
            KeptDomain domain = Domain("small");
            files.Write(domain);
            string path = Path.Combine(_directory.File("domains"), domain.Uuid.ToString(), "config.sxp");
            string before = File.ReadAllText(path);
            Fill(filler);
            KeptDomain larger = new(domain.Configuration with { CommandLine = "x", BootLoaderArguments = new string('y', 8192) });
            Refused(() => files.Write(larger));
            File.ReadAllText(path).Should().Be(before);
            KeptDomain other = Domain("other");
            Refused(() => files.Write(other));
            Directory.GetDirectories(_directory.File("domains")).Should().ContainSingle();
            File.Delete(filler);
            files.Write(larger);
            files.ReadAll(static problem => throw new InvalidOperationException(problem)).Should().ContainSingle();

            Mount("mount", "-o", "remount,ro", _directory.Path).Should().BeTrue();
            Refused(() => files.Write(domain));
            Refused(() => files.Delete(domain));
            files.ReadAll(static problem => throw new InvalidOperationException(problem)).Should().ContainSingle();
        }
        finally
        {
            Mount("umount", "-l", _directory.Path);
        }
    }

    private static KeptDomain Domain(string name) =>
        new(VmConfigurationReader.Read($"(vm (name {name}) (uuid {Guid.NewGuid()}) (image (linux (kernel /k))))", needsFiles: false));

    private static void Refused(Action work) => work.Should().Throw<XendException>().WithMessage("Domain '*' cannot be *");

    private static void Fill(string path)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                file.Write(new byte[1024]);
        }
        catch (IOException)
        {
            // There is no room any more, which is what was wanted.
        }
    }

    private static bool Mount(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
