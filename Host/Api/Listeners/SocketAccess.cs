using Hospes.Host.Native;
using Hospes.Host.Startup.Configuration;

namespace Hospes.Host.Api.Listeners;

/// <summary>Who may use xend's Unix sockets: their owner, and the members of a group if one is configured.</summary>
internal sealed class SocketAccess
{
    private const uint OwnerOnly = 0x180; // 0600
    private const int NoChange = -1;
    private const string GroupFile = "/etc/group";

    private readonly uint _mode = OwnerOnly;
    private readonly int _group = NoChange;

    /// <summary>As configured.</summary>
    /// <exception cref="XendException">There is no such group.</exception>
    public SocketAccess(XendConfiguration configuration, string groupFile = GroupFile)
    {
        string name = configuration.Text(XendParameters.ApiGroup);
        if (name.Length == 0)
            return;
        _group = Find(name, groupFile) ?? throw XendException.Generic(
            $"invalid xend config {XendParameters.ApiGroup.Name}: there is no group '{name}' in {groupFile}");
        _mode = XendValues.Mode(configuration.Text(XendParameters.ApiMode));
    }

    /// <summary>Lets the group, if there is one, pass through a directory that holds sockets; it cannot list it. Without one the owner alone may.</summary>
    /// <exception cref="IOException">This user may not give files to the group.</exception>
    public void Open(string directory)
    {
        UnixFileMode mode = File.GetUnixFileMode(directory);
        if (_group == NoChange)
        {
            File.SetUnixFileMode(directory, mode & ~UnixFileMode.GroupExecute);
            return;
        }

        Give(directory);
        File.SetUnixFileMode(directory, mode | UnixFileMode.GroupExecute);
    }

    /// <summary>Gives a socket its group and mode; without a group it is its owner's alone, whatever an earlier xend has made of it.</summary>
    /// <exception cref="IOException">This user may not give files to the group.</exception>
    public void Admit(string socket)
    {
        if (_group != NoChange)
            Give(socket);
        File.SetUnixFileMode(socket, (UnixFileMode)_mode);
    }

    private void Give(string path)
    {
        if (Libc.Chown(path, NoChange, _group) != 0)
            throw Libc.Failure($"cannot give {path} to the group {_group}");
    }

    // group(5): name:password:number:members.
    private static int? Find(string name, string file) => File.ReadLines(file)
        .Select(static line => line.Split(':'))
        .Where(fields => fields.Length >= 3 && string.Equals(fields[0], name, StringComparison.Ordinal))
        .Select(static fields => int.TryParse(fields[2], out int number) ? number : (int?)null)
        .FirstOrDefault();
}
