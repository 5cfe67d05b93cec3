using System.Net.Sockets;
using Hospes.Host.DomainProcess;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Native;
using Hospes.Host.Verbs;

namespace Hospes.Host.Domains.Spares;

/// <summary>
/// A process that will be a domain's: it loads what every domain needs, and then waits to be told which one it is. It ends by itself when this daemon does,
/// as the connection then closes.
/// </summary>
internal sealed class SpareProcess : IDisposable
{
    // More than a start takes on the slowest machine; whoever waits for it could have started another meanwhile.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ProcessHandle _process;
    private readonly DescriptorSocket _connection;

    private SpareProcess(ProcessHandle process, DescriptorSocket connection, ProgramStamp stamp) =>
        (_process, _connection, Stamp) = (process, connection, stamp);

    /// <summary>What it was made of.</summary>
    public ProgramStamp Stamp { get; }

    /// <summary>Done when it has ended.</summary>
    public Task Ended => _process.Exited;

    /// <summary>Starts one.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static SpareProcess Start(HostPaths paths, string pluginsFile, DomainProcessStarter starter, ProgramStamp stamp)
    {
        (Socket ours, Socket theirs) = SocketPair.Create();
        using (theirs)
        {
            try
            {
                // As long as the longest number: the place where the directory's name will be written.
                string directory = Path.Combine(paths.Domains, new string('-', ushort.MaxValue.ToString().Length));
                ProcessHandle process = starter.Start(
                    [SpareVerb.Name, "--directory", directory, "--wait-fd", "3", "--plugins", pluginsFile],
                    paths.XendDebugLog,
                    (int)theirs.SafeHandle.DangerousGetHandle());
                ours.ReceiveTimeout = (int)Patience.TotalMilliseconds;
                return new SpareProcess(process, new DescriptorSocket(ours), stamp);
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }

    /// <summary>Makes it a domain's, waiting until it is that. Null: it could not become one, and is ended.</summary>
    /// <param name="orders">Which one, and where it writes.</param>
    /// <param name="descriptors">The control socket, listening, and the kernel's memory file, if there is one.</param>
    public ProcessHandle? Become(SpareOrders orders, ReadOnlySpan<int> descriptors)
    {
        try
        {
            Span<byte> answer = stackalloc byte[1];
            List<int> none = [];
            if (_connection.Receive(answer, none) == 1 && answer[0] == SpareOrders.Ready)
            {
                orders.Send(_connection, descriptors);
                if (_connection.Receive(answer, none) == 1 && answer[0] == SpareOrders.Taken)
                {
                    _connection.Dispose();
                    return _process;
                }
            }
        }
        catch (IOException)
        {
            // It is gone, or does not answer: the caller starts another, and its log says why.
        }

        Dispose();
        return null;
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _connection.Dispose();
        _process.Signal(Libc.SignalKill);
        _process.Dispose();
    }
}
